package tenants

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Kinds are what a table's rows are told apart by that has few values together: each kind that a clinic has is found by
// one search of an index that has the clinic, these columns, and then the list's order.
type Kinds struct {
	Columns []string
	Orders  []string // expressions of sorts and ranges: in this order a kind's rows are read of an index
}

// way is how the rows of a page are found.
type way struct {
	w     *Where // what each row fulfils
	parts string // the parts s of the list that the page is merged of; "": it is in one
	is    string // that a row is in part s
	few   bool   // what is left is all found, then sorted
}

// FewRows are sorted for a page: their keys come of an index, 30,000 in about 20 ms. Postgres, which takes the rows of
// a range to be spread over the list, would look for a month of last year among all that came since.
const FewRows = 30_000

// fewerOfPart is by how much fewer are sorted of a range that can be read in parts instead.
const fewerOfPart = 6

// way decides how a page is found: in the order of the list; all that is left and then sorted, when it is little; or of
// each of its parts so many rows as a page has, merged.
func (l *Listing[T]) way(tx *Tx, c *pgx.Conn, w *Where, v view) (way, error) {
	order, whole := v.keys[0].Expr, way{w: w.Whole()}
	kinds := l.found(w)
	ordered := l.bounds(order) && !slices.ContainsFunc(w.wide, func(of string) bool { return of != order })
	switch {
	case w.split != "":
		return w.bySplit(), nil
	case !l.Slim, kinds.parts != "" && ordered:
		return kinds, nil
	case kinds.parts == "" && (w.wide == nil || slices.Contains(w.wide, order)):
		return whole, nil
	}
	few, parts := l.Few, whole
	ranged := len(w.kinds) > 0 && !w.key && kinds.parts == ""
	if ranged { // the range alone is found by keys, and whatever else among its rows
		kinds = way{w: w.clone()}
	}
	if kinds.parts == "" && w.period.all != nil && order == l.Sorts["createdAt"][0].Expr {
		few, parts = l.Few/fewerOfPart, w.byPeriod()
	} else if kinds.parts != "" && l.bounds(order) {
		parts = kinds
	}
	n, err := l.count(tx, c, kinds, few)
	if n > few || err != nil {
		return parts, err
	}
	if kinds.few = true; ranged {
		kinds.w = w.within(l.From)
	}
	return kinds, nil
}

// found is how all rows of a condition are found: kind by kind, unless something else finds fewer.
func (l *Listing[T]) found(w *Where) way {
	if len(w.kinds) == 0 || w.key || slices.ContainsFunc(w.wide, func(of string) bool { return !l.bounds(of) }) {
		return way{w: w.Whole()}
	}
	columns, all := strings.Join(l.Kinds.Columns, ", "), &Where{Args: slices.Clone(w.Args)}
	for _, k := range w.kinds {
		all.In(k.expr, k.list)
	}
	each := func(format, between string) string {
		text := make([]string, len(l.Kinds.Columns))
		for i, column := range l.Kinds.Columns {
			text[i] = fmt.Sprintf(format, column)
		}
		return strings.Join(text, between)
	}
	next := fmt.Sprintf(`SELECT %s FROM %s WHERE t.clinic_id = $1%%s ORDER BY %[1]s LIMIT 1`, columns, l.From)
	return way{
		w: &Where{Parts: w.Parts, Args: all.Args, wide: w.wide},
		parts: fmt.Sprintf(`(WITH RECURSIVE kinds AS ((%s) UNION ALL SELECT n.* FROM kinds k CROSS JOIN LATERAL (%s) n)
			SELECT %s FROM kinds t WHERE %s) s`, fmt.Sprintf(next, ""),
			fmt.Sprintf(next, " AND ("+each("t.%s", ", ")+") > ("+each("k.%s", ", ")+")"), columns, all),
		is: each("t.%[1]s = s.%[1]s", " AND "),
	}
}

func (l *Listing[T]) bounds(expr string) bool { return slices.Contains(l.Kinds.Orders, expr) }

// bySplit reads each value of the split on its own.
func (w *Where) bySplit() way { return w.by(w.of, w.split+" = s.one") }

// byPeriod reads each day or month of the period on its own.
func (w *Where) byPeriod() way { return w.Whole().by(w.period.all, w.period.is) }

func (w *Where) by(parts []string, is string) way {
	all := w.clone()
	all.Args, all.wide = append(all.Args, parts), w.wide
	return way{w: all, parts: fmt.Sprintf(`unnest($%d::text[]) s(one)`, len(all.Args)), is: is}
}

// from returns what the rows that b leaves are selected from; end is how each part of a merged page ends.
func (l *Listing[T]) from(b way, w *Where, end string) string {
	switch {
	case b.parts != "":
		return fmt.Sprintf(`%s CROSS JOIN LATERAL (SELECT t.* FROM %s WHERE %s AND %s %s) t`, b.parts, l.From, b.is, w, end)
	case b.few:
		return fmt.Sprintf(`(SELECT t.* FROM %s WHERE %s OFFSET 0) t`, l.From, w)
	}
	return fmt.Sprintf(`%s WHERE %s`, l.From, w)
}

// count returns how many rows there are, one more than most at most.
func (l *Listing[T]) count(tx *Tx, c *pgx.Conn, b way, most int) (n int, err error) {
	sql := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d) counted`, l.from(b, b.w, "OFFSET 0"), most+1)
	return n, c.QueryRow(tx.ctx, sql, b.w.Args...).Scan(&n)
}

// query returns the SQL of one page, and one row more.
func (l *Listing[T]) query(b way, v view) (sql string, args []any) {
	from := b.w.clone()
	if v.after != nil {
		from.And(v.beyond(), v.after...)
	}
	page := fmt.Sprintf(`ORDER BY %s LIMIT %d`, v.order(), v.limit+1)
	end := page
	if b.few {
		end = "OFFSET 0"
	}
	rest := "FROM " + l.from(b, from, end) + " " + page
	if l.Slim && (b.w.wide != nil || b.parts != "") {
		rest = fmt.Sprintf(
			`FROM %s WHERE t.clinic_id = $1 AND t.id = ANY(ARRAY(SELECT t.id %s)) ORDER BY %s`, l.From, rest, v.order(),
		)
	}
	if l.Beside != "" {
		rest = fmt.Sprintf(`FROM (SELECT t.* %s) t %s ORDER BY %s`, rest, l.Beside, v.order())
	}
	return fmt.Sprintf(`SELECT %s, ARRAY[%s] %s`, l.Columns, v.texts(), rest), from.Args
}
