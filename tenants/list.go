package tenants

import (
	"cmp"
	"slices"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// Page says which part of a list is wanted, and in which order.
type Page struct {
	Limit  int    // rows, 1 to 100; 0: 25
	Cursor string // Next or Prev of an earlier page of the same query; "": the beginning
	Sort   string // a sort of the list, "-" in front for the greatest first; "": newest first
	Count  bool   // whether to count the rows of all pages
	Most   int    // how far they are counted; 0: CountLimit
}

// List is one page of rows, in the order that was asked for.
type List[T any] struct {
	Rows   []T
	Next   string // cursor of the following page; "": this is the last
	Prev   string // cursor of the page before; "": this is the first
	Total  *int   // rows of all pages, at most CountLimit; nil: not asked for
	Capped bool   // there are more than Total
}

const (
	pageRows = 25  // of a page when nobody says
	PageMost = 100 // at most
)

// CountLimit is how far rows are counted: beyond it a number costs more than it tells.
const CountLimit = 10_000

// SortKey is an SQL expression that is never null, and its type. Both are our own words:
// nothing of a request ever becomes one.
type SortKey struct{ Expr, Type string }

// SortBy returns the key of an expression and its type.
func SortBy(expr, typ string) SortKey { return SortKey{Expr: expr, Type: typ} }

// Listing is how the rows of one noun are listed. The keys of each sort end in a unique
// one, so that a page begins exactly where the last one ended, whatever came in between.
type Listing[T any] struct {
	What    string               // the noun, for errors and cursors
	From    string               // the table, as t
	Beside  string               // joins that only the rows of the page need; "" none
	Columns string               // what scan reads
	Sorts   map[string][]SortKey // by public name
	Slim    bool                 // its indexes hold the columns of its ranges and orders; $1 is the clinic
	Kinds   Kinds                // of a slim one
	Few     int                  // of a slim one: so many rows are found and sorted for a page, as FewRows
	Newest  string               // the sort of a page that names none
	Scan    func(row pgx.CollectableRow, more ...any) (T, error)
}

// keyed is a row with the values of its sort's keys.
type keyed[T any] struct {
	row  T
	keys []string
}

// Page returns the page of the rows that w leaves. filter is what w was made of: a cursor
// of another one is refused with ErrCursor, a sort that the list has not with Invalid.
func (l *Listing[T]) Page(tx *Tx, w *Where, filter any, p Page) (out List[T], err error) {
	v, err := l.view(tx.clinic, filter, p)
	if err != nil {
		return out, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		if p.Count {
			most := cmp.Or(p.Most, CountLimit)
			n, err := l.count(tx, c, l.found(w), most)
			if err != nil {
				return err
			}
			shown := min(n, most)
			out.Total, out.Capped = &shown, n > most
		}
		found, full, err := l.fetch(tx, c, w, v)
		out.fill(v, found, full)
		return err
	})
	return out, Translate(err, l.What)
}

// fetch reads one row more than the page has, to know whether the list goes on. full: the page
// ends before that, because its rows are long.
func (l *Listing[T]) fetch(tx *Tx, c *pgx.Conn, w *Where, v view) (found []keyed[T], full bool, err error) {
	way, err := l.way(tx, c, w, v)
	if err != nil {
		return nil, false, err
	}
	sql, args := l.query(way, v)
	rows, err := c.Query(tx.ctx, sql, args...)
	if err != nil {
		return nil, false, err
	}
	return CollectPage(rows, func(row pgx.CollectableRow) (k keyed[T], err error) {
		k.row, err = l.Scan(row, &k.keys)
		return k, err
	})
}

// Explain returns Postgres's plan of a page, line by line, as page would ask for it. Tests
// hold by it that each list is read by an index.
func (l *Listing[T]) Explain(tx *Tx, w *Where, filter any, p Page) (plan []string, err error) {
	v, err := l.view(tx.clinic, filter, p)
	if err != nil {
		return nil, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		way, err := l.way(tx, c, w, v)
		if err != nil {
			return err
		}
		sql, args := l.query(way, v)
		rows, err := c.Query(tx.ctx, "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}

// fill takes a page's rows and makes the cursors of its neighbours. full: it ends before its
// limit.
func (out *List[T]) fill(v view, found []keyed[T], full bool) {
	more := full || len(found) > v.limit
	found = found[:min(len(found), v.limit)]
	if v.back {
		slices.Reverse(found)
	}
	out.Rows = make([]T, len(found))
	for i, k := range found {
		out.Rows[i] = k.row
	}
	if len(found) == 0 {
		return
	}
	if more || v.back {
		out.Next = v.cursor(found[len(found)-1].keys, false)
	}
	if v.after != nil && (more || !v.back) {
		out.Prev = v.cursor(found[0].keys, true)
	}
}

// errSort tells that a list has no such order.
func errSort(sort string) error { return domain.Errorf(domain.Invalid, "no sort %q", sort) }
