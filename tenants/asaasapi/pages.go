package asaasapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	pageSize  = 100
	maxPages  = 10 // a list that we read whole never has more
	maxPasses = 3  // over a list that changes while it is read
)

// list reads every page of a list, within one read's time each. The first page's clock is
// the oldest and stands for all.
func (c *Client) list(
	ctx context.Context, cred Credential, path string, query url.Values, permission string,
) ([]json.RawMessage, time.Time, error) {
	return c.Pages(ctx, cred, path, query, permission, maxPages)
}

// Pages is list for one that may have more pages. The gateway's pages are numbers into a
// list that goes on living: what comes in pushes objects onto the next page, what goes pulls
// them onto the one before, unseen. So every object is taken once, in its newest form, and a
// list whose count changed underway is read again, up to three times in all.
func (c *Client) Pages(
	ctx context.Context, cred Credential, path string, query url.Values, permission string, most int,
) ([]json.RawMessage, time.Time, error) {
	g := gathered{at: map[string]int{}}
	for range maxPasses {
		g.nameless = nil
		moved, err := c.pass(ctx, cred, path, query, permission, most, &g)
		if err != nil {
			return nil, g.clock, err
		}
		if !moved {
			break
		}
	}
	return append(g.items, g.nameless...), g.clock, nil
}

// pass reads the list from its first page to its last and tells whether its count changed
// in between.
func (c *Client) pass(
	ctx context.Context, cred Credential, path string, query url.Values, permission string, most int, g *gathered,
) (moved bool, err error) {
	var count *int
	for page := range most {
		got, err := c.Page(ctx, cred, path, query, permission, page)
		if err != nil {
			return false, err
		}
		if g.clock.IsZero() {
			g.clock = got.clock
		}
		g.take(*got.Data)
		moved = moved || count != nil && got.TotalCount != nil && *count != *got.TotalCount
		count = got.TotalCount
		if !got.HasMore {
			return moved, nil
		}
	}
	return false, &Error{Code: Unexpected, Status: http.StatusOK, Err: fmt.Errorf("more than %d pages", most)}
}

// envelope is one page.
type envelope struct {
	HasMore    bool
	TotalCount *int
	Data       *[]json.RawMessage
	clock      time.Time
}

// Page reads one page of a list, counted from 0, with the gateway's count and clock.
func (c *Client) Page(
	ctx context.Context, cred Credential, path string, query url.Values, permission string, page int,
) (e envelope, err error) {
	query.Set("limit", fmt.Sprint(pageSize))
	query.Set("offset", fmt.Sprint(page*pageSize))
	res, err := c.do(ctx, cred, request{method: http.MethodGet, path: path + "?" + query.Encode(), permission: permission})
	if err != nil {
		return e, err
	}
	if e.clock, err = clockOf(res); err != nil {
		return e, err
	}
	clock := e.clock
	if err := decode(res, &e); err != nil {
		return e, err
	}
	if e.Data == nil {
		return e, senseless(res, errors.New("a list without data"))
	}
	e.clock = clock
	return e, nil
}

// gathered is what the pages brought so far.
type gathered struct {
	items    []json.RawMessage
	at       map[string]int    // id → place in items
	nameless []json.RawMessage // items without an id, such as refunds, of the last pass
	clock    time.Time         // of the first page
}

// take adds a page's objects; one that is there is replaced by its newer form.
func (g *gathered) take(items []json.RawMessage) {
	for _, raw := range items {
		var named struct{ ID string }
		if json.Unmarshal(raw, &named) != nil || named.ID == "" {
			g.nameless = append(g.nameless, raw)
			continue
		}
		if i, there := g.at[named.ID]; there {
			g.items[i] = raw
			continue
		}
		g.at[named.ID] = len(g.items)
		g.items = append(g.items, raw)
	}
}

// Each reads every item of a list as a T.
func Each[T any](items []json.RawMessage) ([]T, error) {
	out := make([]T, len(items))
	for i, raw := range items {
		if json.Unmarshal(raw, &out[i]) != nil {
			return nil, &Error{Code: Unexpected, Status: http.StatusOK}
		}
	}
	return out, nil
}
