package rest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/tenants"
)

// ListInput is what every list of the gateway's objects takes.
type ListInput struct {
	SparseInput
	Limit       int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many at most"`
	Cursor      string `query:"cursor" maxLength:"1000" doc:"nextCursor or prevCursor of a page of the same query"`
	Include     string `query:"include" enum:"count" doc:"count: also count what the filters leave, up to 10000"`
	IfNoneMatch string `header:"If-None-Match"`

	query url.Values // of the request, for the links to the pages beside it
}

// Resolve keeps the request's own filters for the links.
func (in *ListInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.query = u.Query()
	return nil
}

// Page returns what the store is asked for, in this order.
func (in *ListInput) Page(sort string) tenants.Page {
	return tenants.Page{Limit: in.Limit, Cursor: in.Cursor, Sort: sort, Count: in.Include == "count"}
}

// pages tells where a page stands in its list.
type pages struct {
	HasMore    bool    `json:"hasMore" doc:"Whether there is a following page"`
	NextCursor *string `json:"nextCursor"`
	PrevCursor *string `json:"prevCursor"`
}

// countView is how many objects a list has.
type countView struct {
	Total  int  `json:"total" doc:"At most 10000"`
	Capped bool `json:"capped" doc:"There are more than total"`
}

// listBody is the envelope of a list.
type listBody[T any] struct {
	Data  []T        `json:"data" nullable:"false"`
	Page  pages      `json:"page"`
	Count *countView `json:"count,omitempty" doc:"With include=count"`
}

// PageOf is an answer that shows one page of a list.
type PageOf[T any] struct {
	Status int
	Link   string `header:"Link" doc:"rel=next and rel=prev (RFC 8288)"`
	ETag   string `header:"ETag" doc:"Weak tag of the page"`
	Body   listBody[T]
}

// PageView returns the answer of a list that was read, each row as view shows it.
func PageView[R, T any](in *ListInput, list tenants.List[R], view func(R) (T, error)) (*PageOf[T], error) {
	out := &PageOf[T]{Status: http.StatusOK}
	out.Body.Data = make([]T, len(list.Rows))
	for i, row := range list.Rows {
		var err error
		if out.Body.Data[i], err = view(row); err != nil {
			return nil, err
		}
	}
	out.Body.Page = pages{HasMore: list.Next != "", NextCursor: TextOrNull(list.Next), PrevCursor: TextOrNull(list.Prev)}
	if list.Total != nil {
		out.Body.Count = &countView{*list.Total, list.Capped}
	}
	out.Link = in.links(list.Next, list.Prev)
	text, err := json.Marshal(out.Body)
	if err != nil {
		return nil, err
	}
	out.ETag = "W/" + ContentTag(text)
	if in.IfNoneMatch != "" && hasTag(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

// links returns the Link header of a page: relative references, whatever host we are
// behind.
func (in *ListInput) links(next, prev string) string {
	var all []string
	for _, l := range []struct{ cursor, rel string }{{next, "next"}, {prev, "prev"}} {
		if l.cursor != "" {
			q := maps.Clone(in.query)
			q.Set("cursor", l.cursor)
			all = append(all, "<?"+q.Encode()+`>; rel="`+l.rel+`"`)
		}
	}
	return strings.Join(all, ", ")
}

// CursorProblem turns the store's refusal of a cursor into the problem that names it.
func CursorProblem(err error) error {
	if errors.Is(err, tenants.ErrCursor) {
		return &problem.Error{Code: "cursor_mismatch", Fields: []problem.Field{{Parameter: "cursor", Code: "cursor_mismatch"}}, Err: err}
	}
	return err
}
