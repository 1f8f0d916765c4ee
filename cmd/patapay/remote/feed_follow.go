package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"patapay/api/client"
)

// FeedCmd reads the change feed.
type FeedCmd struct {
	Follow FeedFollowCmd `cmd:"" help:"Print changes as they come: a clinic's, or with a token of the platform's everybody's."`
}

// FeedFollowCmd prints the changes of a clinic, or of all, as they come.
type FeedFollowCmd struct {
	onClinic
	After  int64  `help:"Number of the last change that was read; 0: from the first that is kept."`
	Cursor string `help:"The platform's feed: cursor of the last change that was read."`
	Now    bool   `help:"Only what comes from now on."`
	Once   bool   `help:"Stop when there is nothing more."`
}

// errCaughtUp ends a follower that was to stop at the end.
var errCaughtUp = errors.New("caught up")

// Run prints until it is stopped. It goes on by itself after failures that pass.
func (c FeedFollowCmd) Run(ctx context.Context) error {
	api, err := c.api(client.WithTries(4))
	if err != nil {
		return err
	}
	if c.Clinic == "" && c.Tenant == "" {
		err = c.platform(ctx, api)
	} else {
		err = c.clinic(ctx, api, c.Tenant)
	}
	if errors.Is(err, errCaughtUp) || errors.Is(err, context.Canceled) {
		return nil
	}
	return failed(err)
}

func (c FeedFollowCmd) clinic(ctx context.Context, api *client.API, tenant string) error {
	if c.Clinic != "" {
		tenant = c.Clinic
	}
	none := int64(0)
	head, err := api.GetFeedWithResponse(ctx, tenant, &client.GetFeedParams{Limit: &none})
	if err != nil {
		return err
	}
	after, newest := c.After, head.JSON200.Newest
	if c.Now {
		after = newest
	}
	if c.Once && after >= newest {
		return nil
	}
	return api.Follow(ctx, tenant, after, func(changes client.Changes) error {
		if err := c.print(changes.Entries); err != nil {
			return err
		}
		if c.Once && changes.Seq >= newest {
			return errCaughtUp
		}
		return nil
	})
}

func (c FeedFollowCmd) platform(ctx context.Context, api *client.API) error {
	if c.Once {
		return usage("--once needs a clinic: the platform's feed has no number to stop at")
	}
	cursor := c.Cursor
	if c.Now {
		none := int64(0)
		head, err := api.GetPlatformFeedWithResponse(ctx, &client.GetPlatformFeedParams{Limit: &none})
		if err != nil {
			return err
		}
		cursor = head.JSON200.Head
	}
	return api.FollowPlatform(ctx, cursor, func(changes client.Changes) error { return c.print(changes.Entries) })
}

// print writes a line a change: the API's own words, or the place and what became of whom.
func (c FeedFollowCmd) print(entries []client.EntryView) error {
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if c.Output == "table" || c.Output == "csv" {
			line = c.row(e)
		}
		if _, err := fmt.Fprintln(c.stdout(), string(line)); err != nil {
			return err
		}
	}
	return nil
}

func (c FeedFollowCmd) row(e client.EntryView) []byte {
	var shown struct{ Status string }
	if raw, err := e.Object.MarshalJSON(); err == nil {
		_ = json.Unmarshal(raw, &shown) // a form without a status shows none
	}
	cells := []string{
		fmt.Sprint(e.Seq),
		e.OccurredAt.UTC().Format("2006-01-02T15:04:05Z"),
		string(e.Type),
		e.AsaasID,
		shown.Status,
		fmt.Sprintf("v%d", e.Version),
	}
	if e.Cursor != nil {
		cells = append(cells, e.TenantID, *e.Cursor)
	}
	return []byte(strings.Join(cells, map[bool]string{true: ",", false: "  "}[c.Output == "csv"]))
}
