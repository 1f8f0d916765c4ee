package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// load is what the generator reports.
type load struct {
	Sent   int     `json:"sent"`
	Ok     int     `json:"ok_200"`
	Non    int     `json:"non_200"`
	Errors int     `json:"transport_errors"`
	PerSec float64 `json:"req_s"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// loadgen runs the generator; every delivery must be answered 200.
func (b *bench) loadgen(into *load, args ...string) error {
	cmd := exec.CommandContext(b.ctx, filepath.Join(b.bin, "loadgen"), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return err
	}
	if into.Non+into.Errors > 0 || into.Ok != into.Sent {
		return errors.New("answers other than 200: " + string(out))
	}
	return nil
}

// post sends count deliveries to r and returns the report.
func (b *bench) post(r *receiver, count int, args ...string) (l load, err error) {
	err = b.loadgen(
		&l,
		append(
			[]string{"-addr", r.addr, "-target-path", r.path, "-tokens", r.tokens, "-count", strconv.Itoa(count)},
			args...)...)
	return l, err
}

// Ids of events of one database come from ranges of their own: the generator numbers them from a beginning that it is
// given, and an event of another run with the same number would be a copy.
const (
	settledFirst = "100000000"
	primed       = 1000 // deliveries before an ack is measured: connections and tokens are known then
	settled      = 2000 // events before apply is measured
)

// prime posts deliveries that nothing is measured of, and takes statistics.
func (b *bench) prime(r *receiver, deliveries int) error {
	if _, err := b.post(r, deliveries, "-c", "32", "-seed", "91", "-first", settledFirst); err != nil {
		return err
	}
	return r.analyze()
}

// settle posts events, has them applied by the worker that runs, and takes statistics, so that what is measured meets
// neither empty tables nor plans that were made for them. It returns what the events lead to.
func (b *bench) settle(r *receiver) (expected string, err error) {
	expected = filepath.Join(b.dir, "settled.ndjson")
	plan := settling(b.count)
	_, err = b.post(r, min(settled, b.count), append(plan[2:], "-c", "32", "-expect", expected)...)
	if err == nil {
		_, err = r.applied()
	}
	if err == nil {
		err = r.analyze()
	}
	return expected, err
}

// settling are the generator's flags for the events of settle.
func settling(count int) []string {
	return []string{"-count", strconv.Itoa(min(settled, count)), "-seed", "92", "-first", settledFirst}
}
