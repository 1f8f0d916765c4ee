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
	kinds  []oneOf  // conditions on what has few values: what is left of a table's kinds
	key    bool     // a condition finds few rows by a key of theirs
	wide   []string // expressions bounded by a range: rows are found by their keys alone, in indexes, before any is read
	period period   // of a range that is bounded on both sides
}

// oneOf is a condition that an expression is one of a list.
type oneOf struct {
	expr string
	list []string
}

// period is a range in parts, each with an index in the list's own order.
type period struct {
	is  string   // that a row is in part s.one
	all []string // the parts, when they are few enough to be merged
}

// And adds a condition in which each question mark is the next argument.
func (w *Where) And(condition string, args ...any) {
	for _, a := range args {
		w.Args = append(w.Args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.Args)), 1)
	}
	w.Parts = append(w.Parts, condition)
}

// Found is And for a condition that finds few rows by a key: whatever else is asked is asked of those.
func (w *Where) Found(condition string, args ...any) {
	w.And(condition, args...)
	w.key = true
}

// Is adds column = v, a key of few rows, unless v is empty.
func (w *Where) Is(column, v string) {
	if v != "" {
		w.Found(column+" = ?", v)
	}
}

// In adds column = one of the list unless the list is empty.
func (w *Where) In(column string, list []string) {
	switch len(list) {
	case 0:
	case 1: // of one value an index gives the rows in order, of an array it does not
		w.And(column+" = ?", list[0])
	default:
		w.And(column+" = ANY(?)", list)
	}
}

// Ref is Is for a column whose index leaves the empty out.
func (w *Where) Ref(column, v string) {
	if v != "" {
		w.Found(column+" = ? AND "+column+" <> ''", v)
	}
}

// OneOf is in for an expression with an index in the list's order. An index gives the rows
// of one value in order, of several it does not: so a page of several is merged of theirs.
func (w *Where) OneOf(expr string, list []string) {
	if len(list) > 1 && w.split == "" {
		w.split, w.of = expr, slices.Compact(slices.Sorted(slices.Values(list)))
		return
	}
	w.In(expr, list)
}

// Kind is In for an expression of nothing but the columns of Listing.Kinds.
func (w *Where) Kind(expr string, list []string) {
	if len(list) > 0 {
		w.kinds = append(w.kinds, oneOf{expr, slices.Compact(slices.Sorted(slices.Values(list)))})
	}
}

// Between adds the bounds that are given, both inclusive. typ is the column's type.
func (w *Where) Between(column, typ string, from, to *string) {
	if from != nil || to != nil {
		w.wide = append(w.wide, column)
	}
	w.bound(column, typ, from, to)
}

func (w *Where) bound(column, typ string, from, to *string) {
	if from != nil {
		w.And(column+" >= ?::text::"+typ, *from)
	}
	if to != nil {
		w.And(column+" <= ?::text::"+typ, *to)
	}
}

// What a page is merged of at most: of a year's days each is a look at an index, and so many rows as the page has.
const (
	mostDays   = 1_100
	mostMonths = 36
)

// Daily notes that a range of dates can be read day by day, by an expression that has an index. Only the first of
// several ranges is read in parts.
func (w *Where) Daily(expr string, from, to *string) {
	w.parted(expr+" = s.one::date", from, to, len("2026-11-30"), mostDays)
}

// Monthly notes that a range of dates, or of zone-less times, also has its months in a column, by which an index finds
// it.
func (w *Where) Monthly(column string, from, to *string) {
	w.bound(column, "text", monthOf(from), monthOf(to))
	w.parted(column+" = s.one", from, to, len("2026-11"), mostMonths)
}

func (w *Where) parted(is string, from, to *string, length, most int) {
	if from == nil || to == nil || w.period.all != nil {
		return
	}
	if all := partsOf(*from, *to, length, most); len(all) > 0 {
		w.period = period{is, all}
	}
}

func monthOf(at *string) *string {
	if at == nil || len(*at) < len("2026-11") {
		return nil
	}
	month := (*at)[:len("2026-11")]
	return &month
}

// partsOf returns the days, or the months, that two dates lie in and those between, as their first letters; none when
// they are more than most, or no dates.
func partsOf(from, to string, length, most int) (all []string) {
	if len(from) < length || len(to) < length {
		return nil
	}
	layout := time.DateOnly[:length]
	at, err := time.Parse(layout, from[:length])
	last, errLast := time.Parse(layout, to[:length])
	if err != nil || errLast != nil {
		return nil
	}
	for !at.After(last) {
		if all = append(all, at.Format(layout)); len(all) > most {
			return nil
		}
		if length == len(time.DateOnly) {
			at = at.AddDate(0, 0, 1)
		} else {
			at = at.AddDate(0, 1, 0)
		}
	}
	return all
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

// clone returns a condition to which more can be added.
func (w *Where) clone() *Where {
	return &Where{Parts: slices.Clone(w.Parts), Args: slices.Clone(w.Args)}
}

// Whole returns w with the split and the kinds as ordinary conditions.
func (w *Where) Whole() *Where {
	all := w.clone()
	all.wide = w.wide
	if w.split != "" {
		all.In(w.split, w.of)
	}
	for _, k := range w.kinds {
		all.In(k.expr, k.list)
	}
	return all
}

// within returns the condition to be one of the rows that w leaves without its kinds, and of these.
func (w *Where) within(from string) *Where {
	all := &Where{Args: slices.Clone(w.Args), wide: w.wide}
	all.And("t.clinic_id = $1 AND t.id = ANY(ARRAY(SELECT t.id FROM " + from + " WHERE " + w.String() + "))")
	for _, k := range w.kinds {
		all.In(k.expr, k.list)
	}
	return all
}
