package main

import (
	"fmt"
	"io"
	"math"
	"slices"
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
