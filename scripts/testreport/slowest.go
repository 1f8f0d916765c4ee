package main

import (
	"cmp"
	"fmt"
	"slices"
)

// timed is a package or a suite of the pages, and how long its tests took.
type timed struct {
	name    string
	seconds float64
}

// slowest prints the most packages that took longest, longest first: where the time of a run
// goes must be seen before it grows. Packages that took less than a second are left out.
func (r *report) slowest(most int) {
	slices.SortFunc(r.times, func(a, b timed) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), cmp.Compare(a.name, b.name))
	})
	for i, t := range r.times[:min(most, len(r.times))] {
		if t.seconds < 1 {
			return
		}
		if i == 0 {
			fmt.Fprintln(r.out, "slowest:")
		}
		fmt.Fprintf(r.out, "  %6.1f s  %s\n", t.seconds, t.name)
	}
}
