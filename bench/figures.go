package main

import (
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

// ratio returns the median of the per-round ratios a ÷ b.
func (f figures) ratio(a, b string) float64 {
	var r []float64
	for i := range min(len(f[a]), len(f[b])) {
		r = append(r, f[a][i]/f[b][i])
	}
	return median(r)
}

// bar is one line of the table: a figure, what it must reach, and which way is better.
type bar struct {
	text  string
	value func(figures) float64
	limit float64
	above bool // the figure must be at least limit; else at most
}

func of(name string) func(figures) float64 {
	return func(f figures) float64 { return median(f[name]) }
}

func over(a, b string) func(figures) float64 {
	return func(f figures) float64 { return f.ratio(a, b) }
}

var bars = []bar{
	{"durable acks/s at 32 connections ÷ naive", over("ack/s", "naive ack/s"), 3, true},
	{"durable acks/s ÷ pgbench single-row tps at 32 clients", over("ack/s", "pgbench tps"), 0.85, true},
	{"CPU per ack (api + Postgres + Redis) ÷ naive", over("ack cpu µs", "naive ack cpu µs"), 0.3, false},
	{"ack p99 at 300/s, ms", of("ack p99 at 300/s"), 5, false},
	{"ack p99 at saturation, 32 connections ÷ naive", over("ack p99", "naive ack p99"), 0.6, false},
	{"ack p50 with one connection, ms", of("ack p50 c=1"), 0.5, false},
	{"ack p50 with one connection ÷ naive", over("ack p50 c=1", "naive ack p50 c=1"), 1, false},
	{"received → applied p99 at 1,000/s, ms", of("end to end p99"), 50, false},
	{"received → applied p99 at 1,000/s ÷ naive", over("end to end p99", "naive end to end p99"), 1, false},
	{"idle worker, % of a core", of("idle worker %"), 1, false},
	{"drain of stored events, events/s ÷ naive", over("drain/s", "naive drain/s"), 4, true},
	{"ack and apply together, closed loop, events/s ÷ naive", over("both/s", "naive both/s"), 3, true},
	{"WAL per acked event, many stored ÷ none", over("wal/event stored", "wal/event empty"), 1.3, false},
	{"key index per million events, MB", of("key index MB per million"), 110, false},
	{"resident memory of serve, MiB", of("rss serve"), 64, false},
	{"resident memory of work, MiB", of("rss work"), 64, false},
}

// against are the figures that are compared with an earlier build's, measured in the same rounds.
var against = []string{
	"ack/s", "ack cpu µs", "ack p99", "ack p50 c=1", "ack p99 at 300/s", "lone cpu µs", "lone p50", "lone p99",
	"end to end cpu µs", "end to end p50", "end to end p99", "drain/s", "drain cpu µs", "both/s", "rss serve", "rss work",
}

// printAgainst writes the ratios to the earlier build, each with the rounds it is the median of.
func (f figures) printAgainst(w io.Writer) {
	fmt.Fprintf(w, "\n| figure ÷ the build before | median | rounds |\n| --- | --- | --- |\n")
	for _, name := range against {
		var rounds []string
		for i := range min(len(f[name]), len(f["before "+name])) {
			rounds = append(rounds, fmt.Sprintf("%.2f", f[name][i]/f["before "+name][i]))
		}
		if len(rounds) > 0 {
			fmt.Fprintf(w, "| %s | %.2f | %s |\n", name, f.ratio(name, "before "+name), strings.Join(rounds, ", "))
		}
	}
}

// print writes the table of bars, then every median.
func (f figures) print(w io.Writer) {
	fmt.Fprintf(w, "\n| figure | bar | measured | |\n| --- | --- | --- | --- |\n")
	for _, b := range bars {
		v, sign, judgement := b.value(f), "≤", "below its bar"
		if b.above {
			sign = "≥"
		}
		if b.above == (v >= b.limit) || v == b.limit {
			judgement = "holds"
		}
		if math.IsNaN(v) {
			judgement = "not measured"
		}
		fmt.Fprintf(w, "| %s | %s %v | %.3g | %s |\n", b.text, sign, b.limit, v, judgement)
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
