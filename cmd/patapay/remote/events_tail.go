package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"patapay/api/client"
)

// EventsTailCmd prints a clinic's events as they come.
type EventsTailCmd struct {
	onClinic
	Since time.Duration `help:"Also those of this long ago."`
	Once  bool          `help:"Stop when there is nothing more."`
}

// Run prints until it is stopped: one event a line, with -o ndjson or json the API's own
// words.
func (c EventsTailCmd) Run(ctx context.Context) error {
	return c.each(ctx, c.Since, c.Once, func(e told) error {
		if c.Output == "table" {
			fmt.Fprintf(
				c.stdout(), "%s  %-40s %-30s %-11s %s\n", e.ReceivedAt.Format(time.RFC3339), e.Type, e.Entity,
				e.Outcome, e.Reason,
			)
			return nil
		}
		fmt.Fprintln(c.stdout(), string(e.raw))
		return nil
	})
}

// tailPage is how many events one look brings.
const tailPage = 100

// told is what is read of an event.
type told struct {
	ID, Type, Source, Entity, Outcome, Reason string
	ReceivedAt                                time.Time
	raw                                       json.RawMessage
}

// each calls fn once for every event that Asaas sent since so long ago, the oldest first,
// as they come, until ctx or fn ends it, or with once until there is nothing more.
func (c onClinic) each(ctx context.Context, ago time.Duration, once bool, fn func(told) error) error {
	since, seen := time.Now().Add(-ago).UTC(), map[string]bool{}
	for {
		events, err := c.fresh(ctx, since, seen)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := fn(e); err != nil {
				return err
			}
			seen[e.ID] = true
			since = e.ReceivedAt
		}
		if once && len(events) == 0 {
			return nil
		}
		if len(events) < tailPage {
			if err := Pause(ctx, c.rest()); err != nil {
				return nil // stopped
			}
		}
	}
}

// fresh returns the events since an instant that were not seen, the oldest first. The
// instant itself is asked for again: several events may share it.
func (c onClinic) fresh(ctx context.Context, since time.Time, seen map[string]bool) (list []told, err error) {
	api, tenant, err := c.there()
	if err != nil {
		return nil, err
	}
	limit, oldest := int64(tailPage), client.ListEventsParamsSortReceivedAt
	res, err := api.ListEventsWithResponse(
		ctx, tenant, &client.ListEventsParams{Sort: &oldest, Limit: &limit, ReceivedAtGte: &since},
	)
	if err != nil {
		return nil, failed(err)
	}
	var page struct{ Data []json.RawMessage }
	if err := json.Unmarshal(res.Body, &page); err != nil {
		return nil, failed(err)
	}
	for _, raw := range page.Data {
		e := told{raw: raw}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, failed(err)
		}
		if !seen[e.ID] && e.Source == "webhook" {
			list = append(list, e)
		}
	}
	return list, nil
}
