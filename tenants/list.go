package tenants

import (
	"cmp"
	"fmt"
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
	Slim    bool                 // its indexes hold the columns of its ranges; $1 is the clinic
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
			if out.Total, out.Capped, err = l.count(tx, c, w, cmp.Or(p.Most, CountLimit)); err != nil {
				return err
			}
		}
		found, full, err := l.fetch(tx, c, w, v)
		out.fill(v, found, full)
		return err
	})
	return out, Translate(err, l.What)
}

func (l *Listing[T]) count(tx *Tx, c *pgx.Conn, w *Where, most int) (*int, bool, error) {
	var n int
	w = w.Whole()
	sql := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) counted`, l.From, w, most+1)
	err := c.QueryRow(tx.ctx, sql, w.Args...).Scan(&n)
	shown := min(n, most)
	return &shown, n > most, err
}

// fetch reads one row more than the page has, to know whether the list goes on. full: the page
// ends before that, because its rows are long.
func (l *Listing[T]) fetch(tx *Tx, c *pgx.Conn, w *Where, v view) (found []keyed[T], full bool, err error) {
	if err := l.weigh(tx, c, w, v); err != nil {
		return nil, false, err
	}
	sql, args := l.query(w, v)
	rows, err := c.Query(tx.ctx, sql, args...)
	if err != nil {
		return nil, false, err
	}
	return CollectPage(rows, func(row pgx.CollectableRow) (k keyed[T], err error) {
		k.row, err = l.Scan(row, &k.keys)
		return k, err
	})
}

// Rows of a range that are sorted for a page: their keys come of an index, 30,000 in about
// 20 ms. Postgres, which takes the rows of a range to be spread over the list, would look
// for a month of last year among all that came since.
const (
	fewRows    = 30_000
	fewOfMonth = 5_000 // of a range that can be read by its months instead
)

// weigh decides how a range in another order than its own is read: few rows are found and
// sorted, more are read by their months, and what has no months in the order of the list.
func (l *Listing[T]) weigh(tx *Tx, c *pgx.Conn, w *Where, v view) error {
	if !l.Slim || w.wide == nil || w.split != "" || slices.Contains(w.wide, v.keys[0].Expr) {
		return nil
	}
	few := fewRows
	if w.month != "" {
		few = fewOfMonth
	}
	var n int
	sql := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) counted`, l.From, w, few+1)
	err := c.QueryRow(tx.ctx, sql, w.Args...).Scan(&n)
	if w.few = n <= few; !w.few && w.month != "" {
		w.split, w.of = w.month, w.months
	}
	return err
}

// query returns the SQL of one page, and one row more.
func (l *Listing[T]) query(w *Where, v view) (sql string, args []any) {
	from := Where{Parts: slices.Clone(w.Parts), Args: slices.Clone(w.Args)}
	if v.after != nil {
		from.And(v.beyond(), v.after...)
	}
	table, condition := l.From, from.String()
	if w.split != "" {
		from.And(w.split+" = s.one AND s.one = ANY(?::text[])", w.of)
		table = fmt.Sprintf(
			`unnest($%d::text[]) s(one) CROSS JOIN LATERAL (SELECT t.* FROM %s WHERE %s ORDER BY %s LIMIT %d) t`,
			len(from.Args), l.From, &from, v.order(), v.limit+1,
		)
		condition = "true"
	}
	if w.few {
		table, condition = fmt.Sprintf(`(SELECT t.* FROM %s WHERE %s OFFSET 0) t`, table, condition), "true"
	}
	rest := fmt.Sprintf(`FROM %s WHERE %s ORDER BY %s LIMIT %d`, table, condition, v.order(), v.limit+1)
	if w.wide != nil && l.Slim {
		rest = fmt.Sprintf(
			`FROM %s WHERE t.clinic_id = $1 AND t.id = ANY(ARRAY(SELECT t.id %s)) ORDER BY %s`, l.From, rest,
			v.order(),
		)
	}
	if l.Beside != "" {
		rest = fmt.Sprintf(`FROM (SELECT t.* %s) t %s ORDER BY %s`, rest, l.Beside, v.order())
	}
	return fmt.Sprintf(`SELECT %s, ARRAY[%s] %s`, l.Columns, v.texts(), rest), from.Args
}

// Explain returns Postgres's plan of a page, line by line, as page would ask for it. Tests
// hold by it that each list is read by an index.
func (l *Listing[T]) Explain(tx *Tx, w *Where, filter any, p Page) (plan []string, err error) {
	v, err := l.view(tx.clinic, filter, p)
	if err != nil {
		return nil, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		if err := l.weigh(tx, c, w, v); err != nil {
			return err
		}
		sql, args := l.query(w, v)
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
