package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/webhooks"
)

// call is one authenticated request to the API; its handler runs under the world's lock.
type call struct {
	world *accounts.World
	hooks *webhooks.Sender
	books *accounts.Books
	r     *http.Request
	query url.Values
	body  *jsonobject.Object
}

// scene returns the present instant in the caller's account.
func (c *call) scene() *accounts.Scene { return c.world.Scene(c.books) }

// page returns the list envelope over what the query asks for (docs/gateway.md, lists).
func (c *call) page(items []any) answer {
	offset, limit := c.number("offset", 0), c.number("limit", 10)
	if limit < 1 || limit > 100 || offset < 0 {
		return invalid("O campo limit deve estar entre 1 e 100.")
	}
	from := min(offset, len(items))
	to := min(from+limit, len(items))
	return good(jsonobject.Of("object", "list", "hasMore", to < len(items), "totalCount", len(items),
		"limit", limit, "offset", offset, "data", append([]any{}, items[from:to]...)))
}

func (c *call) number(name string, fallback int) int {
	text := c.query.Get(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// within reports whether day t passes the query's range filters on field:
// field, field[ge] and field[le], each YYYY-MM-DD.
func (c *call) within(field string, t time.Time) bool {
	on, ge, le := c.query.Get(field), c.query.Get(field+"[ge]"), c.query.Get(field+"[le]")
	if on == "" && ge == "" && le == "" {
		return true
	}
	text, known := accounts.Date(t).(string)
	return known && (on == "" || text == on) && (ge == "" || text >= ge) && (le == "" || text <= le)
}

// is tells whether a filter lets a value through: it names none, the value, or a list that has it.
func (c *call) is(field, value string) bool {
	want := c.query.Get(field)
	return want == "" || want == value || field == "status" && slices.Contains(strings.Split(want, ","), value)
}

func (c *call) bodyNumber(name string) int64 {
	n, _ := c.body.Get(name).(json.Number)
	v, _ := n.Int64()
	return v
}
