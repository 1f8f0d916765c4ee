package client

import (
	"context"
	"errors"
)

const (
	feedPage = 500
	longPoll = 30 // seconds
)

// Changes are what a follower is handed: changes that are new to it, in order, and the place
// behind them. Whoever keeps the changes keeps the place with them, in one transaction; then
// following from the kept place misses nothing, whenever the program died.
type Changes struct {
	Entries []EntryView
	Seq     int64  // of a clinic's feed: hand it to Follow
	Cursor  string // of the platform's feed: hand it to FollowPlatform
}

// Follow hands fn every change of a clinic behind the entry numbered after (0: from the
// first that is kept), page by page, for as long as ctx lives. It waits for changes without
// asking again and again, goes on by itself after failures that pass, and leaves out an
// object's version that fn has seen. It ends with fn's error, ctx's, an *Error that does not
// pass, or ErrCursorExpired when after is older than what is kept (30 days).
func (a *API) Follow(ctx context.Context, tenant string, after int64, fn func(Changes) error) error {
	place := after
	return a.follow(ctx, fn, func() (Changes, error) {
		res, err := a.GetFeedWithResponse(
			ctx, tenant, &GetFeedParams{After: &place, Limit: ptr(int64(feedPage)), Wait: ptr(int64(longPoll))},
		)
		if err != nil {
			return Changes{}, err
		}
		if n := len(res.JSON200.Data); n > 0 {
			place = res.JSON200.Data[n-1].Seq
		}
		return Changes{Entries: res.JSON200.Data, Seq: place}, nil
	})
}

// FollowPlatform is Follow for all clinics, with a token of the platform's. Cursor "" begins
// with the oldest change that is kept.
func (a *API) FollowPlatform(ctx context.Context, cursor string, fn func(Changes) error) error {
	place := cursor
	return a.follow(ctx, fn, func() (Changes, error) {
		params := &GetPlatformFeedParams{Limit: ptr(int64(feedPage)), Wait: ptr(int64(longPoll))}
		if place != "" {
			params.Cursor = &place
		}
		res, err := a.GetPlatformFeedWithResponse(ctx, params)
		if err != nil {
			return Changes{}, err
		}
		if n := len(res.JSON200.Data); n > 0 && res.JSON200.Data[n-1].Cursor != nil {
			place = *res.JSON200.Data[n-1].Cursor
		}
		return Changes{Entries: res.JSON200.Data, Cursor: place}, nil
	})
}

// follow reads and hands on until something does not pass.
func (a *API) follow(ctx context.Context, fn func(Changes) error, read func() (Changes, error)) error {
	known := versions{}
	for failed := 0; ; {
		page, err := read()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrCursorExpired) || err != nil && !passing(err):
			return err
		case err != nil:
			failed++
			if err := a.doer.pause(ctx, wait(err, failed)); err != nil {
				return err
			}
			continue
		}
		failed = 0
		read := len(page.Entries)
		page.Entries = known.fresh(page.Entries)
		if read == 0 {
			continue
		}
		if err := fn(page); err != nil {
			return err
		}
	}
}

// versions remembers the newest version of the objects seen last.
type versions struct{ young, old map[string]int64 }

// remembered is how many objects a generation holds; two are kept.
const remembered = 50_000

// fresh returns the entries whose version was not seen, in their order.
func (v *versions) fresh(list []EntryView) []EntryView {
	left := list[:0:0]
	for _, e := range list {
		seen, known := v.young[e.ObjectID]
		if !known {
			seen = v.old[e.ObjectID]
		}
		if e.Version <= seen {
			continue
		}
		if v.young == nil || len(v.young) >= remembered {
			v.young, v.old = map[string]int64{}, v.young
		}
		v.young[e.ObjectID] = e.Version
		left = append(left, e)
	}
	return left
}
