package rest

import (
	"crypto/sha256"
	"encoding/base64"
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
	Cursor      string `query:"cursor" doc:"nextCursor or prevCursor of a page of the same query" maxLength:"1000"`
	Include     string `query:"include" doc:"count: also count what the filters leave, up to 10000" enum:"count"`
	IfNoneMatch string `header:"If-None-Match"`

	ownQuery
}

// PageInput is what the lists take that are read in one order and in one direction: logs,
// work, clinics. (huma looks only into embedded types that are exported.)
type PageInput struct {
	SparseInput
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many at most"`
	Cursor string `query:"cursor" doc:"nextCursor of the page before" maxLength:"300"`

	ownQuery
}

// ownQuery is the request's own query, for the links to the pages beside it.
type ownQuery struct{ values url.Values }

// Resolve keeps the query.
func (q *ownQuery) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	q.values = u.Query()
	return nil
}

// links returns the Link header of a page: relative references, whatever host we are
// behind.
func (q ownQuery) links(next, prev string) string {
	var all []string
	for _, l := range []struct{ cursor, rel string }{{next, "next"}, {prev, "prev"}} {
		if l.cursor != "" {
			link := url.Values{}
			maps.Copy(link, q.values)
			link.Set("cursor", l.cursor)
			all = append(all, "<?"+link.Encode()+`>; rel="`+l.rel+`"`)
		}
	}
	return strings.Join(all, ", ")
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
	if in.IfNoneMatch != "" && sameTag(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

// page says whether a list goes on.
type page struct {
	HasMore    bool    `json:"hasMore"`
	NextCursor *string `json:"nextCursor" nullable:"true"`
}

// ListOutput is a page of a list, newest first.
type ListOutput[T any] struct {
	Link string `header:"Link" doc:"rel=next, when there is more (RFC 8288)"`
	Body struct {
		Data []T  `json:"data"`
		Page page `json:"page"`
	}
}

// At returns the key of the row that a cursor stands behind: filter names the list and every
// filter of it. It fails with cursor_mismatch for a cursor of another one, or of nobody.
func (in PageInput) At(filter string) (string, error) {
	if in.Cursor == "" {
		return "", nil
	}
	if key, ok := keyOfOldCursor(filter, in.Cursor); ok {
		return key, nil
	}
	c, err := tenants.ParseCursor(filter, in.Cursor)
	if err != nil || len(c.Keys) != 1 || c.Keys[0] == "" || c.Back {
		return "", CursorProblem(tenants.ErrCursor)
	}
	return c.Keys[0], nil
}

// keyOfOldCursor reads a cursor as the release before made it, so that who is in the middle
// of a list when this one comes reads on. The next release reads them no more.
func keyOfOldCursor(filter, text string) (string, bool) {
	sum := sha256.Sum256([]byte(filter))
	raw, err := base64.RawURLEncoding.DecodeString(text)
	key, ours := strings.CutPrefix(string(raw), string(sum[:6]))
	return key, err == nil && ours && key != ""
}

// Paged returns the page of a list that was read one element further than asked for;
// key tells where an element stands.
func Paged[T any](in PageInput, filter string, rows []T, key func(T) string) *ListOutput[T] {
	out := &ListOutput[T]{}
	out.Body.Data = rows
	if len(rows) > in.Limit {
		next := tenants.Cursor{Keys: []string{key(rows[in.Limit-1])}}.Text(filter)
		out.Body.Data = rows[:in.Limit]
		out.Body.Page = page{HasMore: true, NextCursor: &next}
		out.Link = in.links(next, "")
	}
	return out
}

// CursorProblem turns the store's refusal of a cursor into the problem that names it.
func CursorProblem(err error) error {
	if errors.Is(err, tenants.ErrCursor) {
		return &problem.Error{
			Code:   "cursor_mismatch",
			Fields: []problem.Field{{Parameter: "cursor", Code: "cursor_mismatch"}},
			Err:    err,
		}
	}
	return err
}
