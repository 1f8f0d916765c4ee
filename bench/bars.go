package main

// bar is one line of the table of bars: a figure, alone or divided by another of the same round, what it must reach,
// and what it is meant to reach. Ratios are judged, and what does not depend on the machine; spans of time are only
// reported.
type bar struct {
	text  string
	of    string // the figure
	by    string // what each round's is divided by; "": nothing
	limit float64
	reach float64
	above bool // the figure must be at least limit; else at most
}

// atLeast and atMost are bars of a figure divided by another.
func atLeast(text, of, by string, limit, reach float64) bar {
	return bar{text, of, by, limit, reach, true}
}

func atMost(text, of, by string, limit, reach float64) bar {
	return bar{text, of, by, limit, reach, false}
}

// vsNaive and vsBefore name the other side's figure.
func vsNaive(name string) string  { return "naive " + name }
func vsBefore(name string) string { return "before " + name }

const (
	few  = "200 clinics "
	many = "10000 clinics "
)

var bars = []bar{
	atLeast("acks/s, 32 connections ÷ naive", "ack/s", vsNaive("ack/s"), 3.5, 4),
	atLeast("acks/s ÷ pgbench, one row, 32 clients", "ack/s", "pgbench tps", 0.85, 1),
	atLeast("acks/s ÷ before", "ack/s", vsBefore("ack/s"), 1.25, 1.45),
	atMost("CPU for each ack ÷ naive", "ack cpu µs", vsNaive("ack cpu µs"), 0.24, 0.18),
	atMost("CPU for each ack ÷ before", "ack cpu µs", vsBefore("ack cpu µs"), 0.8, 0.65),
	atMost("ack p50, one connection ÷ naive", "ack p50 c=1", vsNaive("ack p50 c=1"), 0.65, 0.5),
	atMost("ack p50, one connection ÷ pgbench's mean", "ack p50 c=1", "pgbench mean ms c=1", 1.8, 1.4),
	atMost("ack p99 saturated ÷ naive", "ack p99", vsNaive("ack p99"), 0.45, 0.35),
	atMost("ack p99 at 300/s ÷ naive", "ack p99 at 300/s", vsNaive("ack p99 at 300/s"), 1, 0.7),
	atMost("CPU for each event at 100/s ÷ naive", "at 100/s cpu µs", vsNaive("at 100/s cpu µs"), 1, 0.6),
	atMost("CPU for each event at 300/s ÷ before", "lone cpu µs", vsBefore("lone cpu µs"), 0.6, 0.4),
	atMost("received → applied p99 at 300/s ÷ before", "lone p99", vsBefore("lone p99"), 0.5, 0.25),
	atMost("received → applied p99 at 1,000/s ÷ before", "end to end p99", vsBefore("end to end p99"), 0.15, 0.04),
	atMost("applied → seen on the platform's stream, p99 at 300/s ÷ before", "seen p99", vsBefore("seen p99"), 0.5, 0.2),
	atMost("production: CPU for each event ÷ before", "confirmed cpu µs", vsBefore("confirmed cpu µs"), 0.7, 0.5),
	atMost("idle worker, % of a core", "idle worker %", "", 1, 0.5),
	atLeast("drain, events/s ÷ naive", "drain/s", vsNaive("drain/s"), 5, 7),
	atLeast("drain ÷ before", "drain/s", vsBefore("drain/s"), 1.4, 1.9),
	atLeast("ack and apply together, events/s ÷ naive", "both/s", vsNaive("both/s"), 3.8, 4.8),
	atLeast("ack and apply together ÷ before", "both/s", vsBefore("both/s"), 1.3, 1.6),
	atMost("WAL for each event, intake and apply, KB", "wal KB/event", "", 6.6, 6),
	atMost("resident memory of serve, MiB", "rss serve", "", 64, 60),
	atMost("resident memory of work, MiB", "rss work", "", 64, 60),
	atMost("resident memory of serve, 10,000 clinics, MiB", many+"rss serve", "", 96, 80),
	atMost("resident memory of work, 10,000 clinics, MiB", many+"rss work", "", 96, 80),
	atLeast("acks/s, 10,000 clinics ÷ 200", many+"ack/s", few+"ack/s", 0.95, 0.98),
	atMost("CPU for each event at 500/s, 10,000 clinics ÷ 200", many+"at 500/s cpu µs", few+"at 500/s cpu µs", 1.2, 1.1),
	atMost("turns that find nothing at 300/s, %", "lone empty turns %", "", 5, 2),
	atMost("turns that find nothing at 1,000/s, %", "end to end empty turns %", "", 5, 2),
	atMost("turns that find nothing in a drain, %", "drain empty turns %", "", 5, 2),
	atMost("WAL for each acked event, many stored ÷ none", "wal/event stored", "wal/event empty", 1.3, 1.1),
	atMost("key index for each million events, MB", "key index MB per million", "", 110, 90),
}

// spans are reported beside the bars: what they are depends on the machine and on its neighbours.
var spans = []struct{ text, of string }{
	{"ack p50, one connection", "ack p50 c=1"},
	{"ack p99 at 300/s", "ack p99 at 300/s"},
	{"ack p99 saturated", "ack p99"},
	{"received → applied p50 at 100/s", "at 100/s p50"},
	{"received → applied p99 at 100/s", "at 100/s p99"},
	{"received → applied p50 at 300/s", "lone p50"},
	{"received → applied p99 at 300/s", "lone p99"},
	{"received → applied p50 at 1,000/s", "end to end p50"},
	{"received → applied p99 at 1,000/s", "end to end p99"},
	{"received → applied p99 at 500/s, 200 clinics", few + "at 500/s p99"},
	{"received → applied p99 at 500/s, 10,000 clinics", many + "at 500/s p99"},
	{"applied → seen on the platform's stream p50", "seen p50"},
	{"applied → seen on the platform's stream p99", "seen p99"},
}

// against are the figures that are compared with an earlier build's, measured in the same rounds.
var against = []string{
	"ack/s", "ack cpu µs", "ack p99", "ack p50 c=1", "ack p99 at 300/s", "at 100/s cpu µs", "at 100/s p50", "at 100/s p99",
	"lone cpu µs", "lone p50", "lone p99", "end to end cpu µs", "end to end p50", "end to end p99", "seen p50", "seen p99",
	"idle worker %", "drain/s", "drain cpu µs", "both/s", "wal KB/event", "confirmed cpu µs", "confirmed reads/event",
	"confirmed second events/event", "rss serve", "rss work",
}
