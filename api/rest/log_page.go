package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
)

// PageInput is what every list takes. (huma looks only into embedded types that are
// exported.)
type PageInput struct {
	SparseInput
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"How many at most"`
	Cursor string `query:"cursor" maxLength:"300" doc:"nextCursor of the page before"`

	query url.Values // of the request, for the link to the next page
}

// Resolve keeps the request's own filters for the next page's link.
func (in *PageInput) Resolve(ctx huma.Context) []error {
	url := ctx.URL()
	in.query = url.Query()
	return nil
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

// At returns the place a cursor stands for in a list: filter names the list and every
// filter of it. It fails with cursor_mismatch for a cursor of another one, or of nobody.
func (in PageInput) At(filter string) (string, error) {
	if in.Cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	place, ours := strings.CutPrefix(string(raw), listName(filter))
	if err != nil || !ours || place == "" {
		return "", &problem.Error{Code: "cursor_mismatch", Fields: []problem.Field{{Parameter: "cursor", Code: "cursor_mismatch"}}}
	}
	return place, nil
}

func cursor(filter, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(listName(filter) + place))
}

func listName(filter string) string {
	sum := sha256.Sum256([]byte(filter))
	return string(sum[:6])
}

// Paged returns the page of a list that was read one element further than asked for;
// place tells where an element stands.
func Paged[T any](in PageInput, filter string, rows []T, place func(T) string) *ListOutput[T] {
	out := &ListOutput[T]{}
	out.Body.Data = rows
	if len(rows) > in.Limit {
		next := cursor(filter, place(rows[in.Limit-1]))
		out.Body.Data = rows[:in.Limit]
		out.Body.Page = page{HasMore: true, NextCursor: &next}
		link := url.Values{}
		maps.Copy(link, in.query)
		link.Set("cursor", next)
		out.Link = "<?" + link.Encode() + `>; rel="next"`
	}
	return out
}
