package tenants

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"patapay/domain"
)

// ErrCursor is the refusal of a cursor that came from another query, or was damaged.
var ErrCursor = &domain.Error{
	Code:   domain.Invalid,
	Detail: "cursor_mismatch",
	Err:    errors.New("a cursor of another query"),
}

// view is one query's order and place: what a cursor stands for.
type view struct {
	query string // what the cursor must have been made with
	keys  []SortKey
	desc  bool
	back  bool  // towards the beginning
	after []any // key values, texts, of the row beside the page; nil: the beginning
	limit int
}

// view returns the place that p asks for.
func (l *Listing[T]) view(clinic domain.ClinicID, filter any, p Page) (v view, err error) {
	sort := p.Sort
	if sort == "" {
		sort = l.Newest
	}
	name, desc := strings.CutPrefix(sort, "-")
	keys, known := l.Sorts[name]
	if !known {
		return v, errSort(sort)
	}
	v = view{keys: keys, desc: desc, limit: min(p.Limit, PageMost)}
	if p.Limit <= 0 {
		v.limit = pageRows
	}
	query, err := json.Marshal([]any{l.What, clinic, sort, filter})
	if err != nil {
		return v, err
	}
	v.query = string(query)
	if p.Cursor != "" {
		err = v.open(p.Cursor)
	}
	return v, err
}

// cursorMost is how long a cursor's text may be.
const cursorMost = 1000

// Cursor is a place in a list: beside the row with these keys. Its text holds no secret:
// whoever forges one reaches no row that the query would not show.
type Cursor struct {
	Keys []string // of the row beside the page, in the order of the list's sort
	Back bool     // towards the beginning
}

// cursorText is what a cursor's text says.
type cursorText struct {
	Keys []string `json:"k"`
	Back bool     `json:"b,omitempty"`
	Sum  []byte   `json:"s"` // of query, keys and direction
}

// Text returns the cursor for another page of the same query: query names the list, its
// order and each of its filters.
func (c Cursor) Text(query string) string {
	text, _ := json.Marshal(cursorText{c.Keys, c.Back, c.sum(query)}) // strings and a flag: never fails
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads a cursor of this query. It fails with ErrCursor for one of another query,
// and for whatever is none.
func ParseCursor(query, text string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(text) > cursorMost {
		return Cursor{}, ErrCursor
	}
	var t cursorText
	if err := json.Unmarshal(raw, &t); err != nil {
		return Cursor{}, ErrCursor
	}
	c := Cursor{t.Keys, t.Back}
	if string(t.Sum) != string(c.sum(query)) {
		return Cursor{}, ErrCursor
	}
	return c, nil
}

func (c Cursor) sum(query string) []byte {
	text, _ := json.Marshal([]any{query, c.Keys, c.Back})
	sum := sha256.Sum256(text)
	return sum[:9]
}

// cursor returns the place beside the row with these keys.
func (v view) cursor(keys []string, back bool) string { return Cursor{keys, back}.Text(v.query) }

// open goes to the place of a cursor of the same query.
func (v *view) open(text string) error {
	c, err := ParseCursor(v.query, text)
	if err != nil || len(c.Keys) != len(v.keys) {
		return ErrCursor
	}
	for _, k := range c.Keys {
		v.after = append(v.after, k)
	}
	v.back = c.Back
	return nil
}

// texts are the keys as the strings that a cursor takes.
func (v view) texts() string {
	return v.each(", ", func(k SortKey) string { return "(" + k.Expr + ")::text" })
}

// order is the keys in the direction of reading.
func (v view) order() string {
	direction := " ASC"
	if v.desc != v.back {
		direction = " DESC"
	}
	return v.each(", ", func(k SortKey) string { return k.Expr + direction })
}

// beyond is the condition of lying behind the cursor's row, in the direction of reading;
// its question marks are the key values.
func (v view) beyond() string {
	operator := ") > ("
	if v.desc != v.back {
		operator = ") < ("
	}
	return "(" + v.each(", ", func(k SortKey) string { return k.Expr }) + operator +
		v.each(", ", func(k SortKey) string { return "?::text::" + k.Type }) + ")"
}

func (v view) each(between string, write func(SortKey) string) string {
	parts := make([]string, len(v.keys))
	for i, k := range v.keys {
		parts[i] = write(k)
	}
	return strings.Join(parts, between)
}
