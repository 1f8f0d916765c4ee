package tenants

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Where is a condition under construction.
type Where struct {
	Parts  []string
	Args   []any
	split  string // expression that is one of a list; "": none. The page is merged of one ordered read for each
	of     []string
	wide   []string // expressions bounded by a range: rows are found by their keys alone, in indexes, before any is read
	few    bool     // the ranges leave few rows: they are all found, then sorted
	month  string   // column of the months of a range that is bounded on both sides; "": none
	months []string // those months, when they are few enough to be merged
}

// And adds a condition in which each question mark is the next argument.
func (w *Where) And(condition string, args ...any) {
	for _, a := range args {
		w.Args = append(w.Args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.Args)), 1)
	}
	w.Parts = append(w.Parts, condition)
}

// Is adds column = v unless v is empty.
func (w *Where) Is(column, v string) {
	if v != "" {
		w.And(column+" = ?", v)
	}
}

// In adds column = one of the list unless the list is empty.
func (w *Where) In(column string, list []string) {
	if len(list) > 0 {
		w.And(column+" = ANY(?)", list)
	}
}

// Ref adds column = v unless v is empty, for a column whose index leaves the empty out.
func (w *Where) Ref(column, v string) {
	if v != "" {
		w.And(column+" = ? AND "+column+" <> ''", v)
	}
}

// OneOf is in for an expression with an index in the list's order. An index gives the rows
// of one value in order, of several it does not: so a page of several is merged of theirs.
func (w *Where) OneOf(expr string, list []string) {
	switch {
	case len(list) == 1:
		w.And(expr+" = ?", list[0])
	case len(list) > 1 && w.split == "":
		w.split, w.of = expr, slices.Compact(slices.Sorted(slices.Values(list)))
	default:
		w.In(expr, list)
	}
}

// Between adds the bounds that are given, both inclusive. typ is the column's type.
func (w *Where) Between(column, typ string, from, to *string) {
	if from != nil || to != nil {
		w.wide = append(w.wide, column)
	}
	if from != nil {
		w.And(column+" >= ?::text::"+typ, *from)
	}
	if to != nil {
		w.And(column+" <= ?::text::"+typ, *to)
	}
}

// mostMonths is how many ordered reads are merged into a page.
const mostMonths = 36

// Monthly notes that a range of dates, or of zone-less times, also has its months in a
// column. Only the first of several ranges is read by them.
func (w *Where) Monthly(column string, from, to *string) {
	if from == nil || to == nil || w.month != "" {
		return
	}
	if months := monthsOf(*from, *to); len(months) > 0 {
		w.month, w.months = column, months
	}
}

// monthsOf returns the months that two dates lie in and those between, as 2026-11; none
// when they are too many, or no dates.
func monthsOf(from, to string) (months []string) {
	if len(from) < len("2026-11") || len(to) < len("2026-11") {
		return nil
	}
	month, err := time.Parse("2006-01", from[:7])
	last, errLast := time.Parse("2006-01", to[:7])
	if err != nil || errLast != nil {
		return nil
	}
	for ; !month.After(last); month = month.AddDate(0, 1, 0) {
		if months = append(months, month.Format("2006-01")); len(months) > mostMonths {
			return nil
		}
	}
	return months
}

// Known is between for a column that may be null, by an expression of it that is not.
func (w *Where) Known(column, expr, typ string, from, to *string) {
	if from != nil || to != nil {
		w.Parts = append(w.Parts, column+" IS NOT NULL")
		w.Between(expr, typ, from, to)
	}
}

// String returns the condition as SQL.
func (w *Where) String() string { return strings.Join(w.Parts, " AND ") }

// Whole returns w with the split as an ordinary condition.
func (w *Where) Whole() *Where {
	all := &Where{Parts: slices.Clone(w.Parts), Args: slices.Clone(w.Args)}
	if w.split != "" {
		all.In(w.split, w.of)
	}
	return all
}
