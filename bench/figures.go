package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// figures are what was measured, by name, one value a round.
type figures map[string][]float64

func (f figures) add(name string, v float64) { f[name] = append(f[name], v) }

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Clone(v)
	slices.Sort(s)
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

// rounds returns a bar's value in each round.
func (f figures) rounds(b bar) []float64 {
	if b.by == "" {
		return f[b.of]
	}
	var r []float64
	for i := range min(len(f[b.of]), len(f[b.by])) {
		r = append(r, f[b.of][i]/f[b.by][i])
	}
	return r
}

// judge tells whether a median holds its bar.
func (b bar) judge(v float64) string {
	reaches := func(limit float64) bool { return v == limit || b.above == (v > limit) }
	switch {
	case reaches(b.reach):
		return "holds, reaches"
	case reaches(b.limit):
		return "holds"
	}
	return "below"
}

// shown writes a value as a table has it: what was not measured is a dash, never a number that is none.
func shown(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case math.Abs(v) >= 1000:
		whole := fmt.Sprintf("%.0f", v)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		return whole
	}
	return fmt.Sprintf("%.3g", v)
}

// spread is how many rounds there were, with the least and the greatest.
func spread(v []float64) string {
	if len(v) == 0 {
		return "–"
	}
	return fmt.Sprintf("%d (%s–%s)", len(v), shown(slices.Min(v)), shown(slices.Max(v)))
}

// printBars writes the table of bars. Beside a ratio stands our own figure, and what the other sides had of it; what
// this run did not measure is told in words.
func (f figures) printBars(w io.Writer, before string) {
	fmt.Fprintf(w, "\n| figure | %s in the same run | naive | bar | reach | median | rounds (min–max) | |\n", before)
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- |")
	var missing []string
	for _, b := range bars {
		text, rounds, sign := strings.ReplaceAll(b.text, "before", before), f.rounds(b), "≤"
		if len(rounds) == 0 {
			missing = append(missing, text)
			continue
		}
		if b.above {
			sign = "≥"
		}
		v, beside := median(rounds), shown(median(f["naive "+b.of]))
		value := shown(v)
		if b.by != "" {
			value += " (" + shown(median(f[b.of])) + ")"
		}
		if strings.HasPrefix(b.by, "pgbench") {
			beside = "pgbench " + shown(median(f[b.by]))
		}
		fmt.Fprintf(
			w, "| %s | %s | %s | %s %v | %v | %s | %s | %s |\n", text, shown(median(f["before "+b.of])), beside, sign, b.limit,
			b.reach, value, spread(rounds), b.judge(v),
		)
	}
	if len(missing) > 0 {
		fmt.Fprintf(w, "\nNot measured: %s.\n", strings.Join(missing, "; "))
	}
}

// printSpans writes what is reported in milliseconds, and judged by nobody.
func (f figures) printSpans(w io.Writer, before string) {
	fmt.Fprintf(w, "\n| span, ms | ours | rounds (min–max) | %s | naive |\n| --- | --- | --- | --- | --- |\n", before)
	for _, s := range spans {
		if len(f[s.of]) > 0 {
			fmt.Fprintf(
				w, "| %s | %s | %s | %s | %s |\n", s.text, shown(median(f[s.of])), spread(f[s.of]),
				shown(median(f["before "+s.of])), shown(median(f["naive "+s.of])),
			)
		}
	}
}

// printAgainst writes the ratios to the earlier build, each with the rounds it is the median of.
func (f figures) printAgainst(w io.Writer, before string) {
	fmt.Fprintf(w, "\n| figure ÷ %s | median | rounds |\n| --- | --- | --- |\n", before)
	for _, name := range against {
		ratios := f.rounds(bar{of: name, by: "before " + name})
		var rounds []string
		for _, r := range ratios {
			rounds = append(rounds, fmt.Sprintf("%.2f", r))
		}
		if len(rounds) > 0 {
			fmt.Fprintf(w, "| %s | %.2f | %s |\n", name, median(ratios), strings.Join(rounds, ", "))
		}
	}
}

// print writes the tables, then every median.
func (f figures) print(w io.Writer, before string) {
	f.printBars(w, cmp.Or(before, "a build before"))
	f.printSpans(w, cmp.Or(before, "a build before"))
	if before != "" {
		f.printAgainst(w, before)
	}
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintln(w)
	for _, name := range names {
		fmt.Fprintf(w, "%-32s median %10.4g of %.4g\n", name, median(f[name]), f[name])
	}
}
