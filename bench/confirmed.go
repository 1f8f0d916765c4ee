package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The pace of the profile production, and for how long: so long that what the processes use while they wait for the
// last reads, half a minute later, weighs little.
const (
	confirmedRate  = 300
	confirmedLasts = 40 * time.Second
)

// confirmed is the profile production: money is confirmed, so that what a webhook told of it is read at the gateway
// half a minute later, and the answer is an event of its own. What is measured is the processor time of serve, work,
// Postgres and Redis for each delivered event, until the last answer is applied.
func (b *bench) confirmed() error {
	var starts []func() (*receiver, error)
	var g *gateway
	ctx, end := context.WithCancel(b.ctx)
	defer end()
	for _, c := range []build{b.oursBuild(), b.beforeBuild()} {
		if c.bin == "" {
			continue
		}
		starts = append(starts, func() (r *receiver, err error) {
			var url string
			if g, url, err = openGateway(ctx); err != nil {
				return nil, err
			}
			c.keyed, c.extra = b.giveKeys, []string{"ASAAS_SIMULATOR_URL=" + url}
			return b.startBuild(c)
		})
	}
	return b.inTurn(func(r *receiver, prefix string) error { return b.confirm(r, g, prefix+"confirmed") }, starts)
}

func (b *bench) confirm(r *receiver, g *gateway, name string) error {
	events := min(confirmedRate*int(confirmedLasts.Seconds()), b.count*3/5)
	expected, bodies := filepath.Join(b.dir, "expected.ndjson"), filepath.Join(b.dir, "bodies.ndjson")
	// Few lives at once, so that most of them end, and money moves in as many as usual.
	plan := []string{"-active", "300", "-dup", "0.05", "-shuffle", "50", "-expect", expected, "-emit", bodies}
	err := b.loadgen(nil, append([]string{"-no-send", "-tokens", r.tokens, "-count", strconv.Itoa(events)}, plan...)...)
	if err == nil {
		err = g.has(bodies)
	}
	if err != nil {
		return err
	}
	w, err := b.work(r)
	if err != nil {
		return err
	}
	defer w.stop()
	settledTo, err := b.unconfirmed(r, g)
	if err != nil {
		return err
	}
	asked, _ := g.answered()
	pids := append(services(), r.cmd.Process.Pid, w.cmd.Process.Pid)
	before, start := cpu(pids...), time.Now()
	if _, err := b.post(r, events, append(plan, "-c", "32", "-rate", strconv.Itoa(confirmedRate))...); err != nil {
		return err
	}
	if err := r.allRead(); err != nil {
		return err
	}
	took := time.Since(start)
	used := cpu(pids...) - before
	reads, other := g.answered()
	return b.checkConfirmed(r, name, confirmation{
		events: events, reads: reads - asked, other: other, cpu: used, took: took, expected: expected, settled: settledTo,
	})
}

// unconfirmed settles while no money is confirmed, so that no read of these events falls among those that are measured.
func (b *bench) unconfirmed(r *receiver, g *gateway) (expected string, err error) {
	set := func(confirm bool) error {
		_, err := r.look.Exec(b.ctx, `UPDATE connections SET confirm = $1 WHERE clinic_id > 0`, confirm)
		return err
	}
	bodies := filepath.Join(b.dir, "bodies-settled.ndjson")
	err = b.loadgen(nil, append(settling(b.count), "-no-send", "-tokens", r.tokens, "-emit", bodies)...)
	if err == nil {
		err = g.has(bodies)
	}
	if err == nil {
		err = set(false)
	}
	if err == nil {
		expected, err = b.settle(r)
	}
	if err == nil {
		err = r.allRead()
	}
	if err != nil {
		return "", err
	}
	return expected, set(true)
}

// allRead waits until no read is asked for and no event waits. Payments that nobody but an anticipation told of are
// left out: they are asked for after a minute, and the gateway has none of them.
func (r *receiver) allRead() error {
	quiet := 0
	return until(r.ctx, 3*time.Minute, "all read", 200*time.Millisecond, func() (bool, error) {
		var waits bool
		err := r.look.QueryRow(r.ctx, `SELECT EXISTS (SELECT FROM due WHERE next_at < 'infinity')
			OR EXISTS (SELECT FROM truth_wants WHERE due_at < 'infinity' AND reason <> 'orphan')`).Scan(&waits)
		if quiet++; waits {
			quiet = 0
		}
		return quiet == 2, err
	})
}

// confirmation is what a build made of a run of the profile production.
type confirmation struct {
	events, reads     int
	other             map[string]int
	cpu               float64
	took              time.Duration
	expected, settled string
}

// checkConfirmed gives a run its figures if the end is right and each payment whose money moved was read and has its
// second event.
func (b *bench) checkConfirmed(r *receiver, name string, c confirmation) error {
	if err := r.gate(c.expected, c.settled); err != nil {
		return err
	}
	moved, second := 0, 0
	err := eachExpected(c.expected, func(e expectedState) {
		if e.Cents != 0 {
			moved++
		}
	})
	if err == nil {
		err = r.look.QueryRow(b.ctx, `SELECT count(*) FROM events WHERE source = 2`).Scan(&second)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(
		os.Stderr, "  %s: %d deliveries, %d with money moved, %d reads, %d second events, other calls %v, %s\n",
		name, c.events, moved, c.reads, second, c.other, c.took.Round(time.Second),
	)
	if moved == 0 || c.reads < moved || second < moved {
		return fmt.Errorf("the money of %d moved, and only %d were read and %d answers stored", moved, c.reads, second)
	}
	n := float64(c.events)
	b.took.add(name+" cpu µs", c.cpu*1e6/n)
	b.took.add(name+" reads/event", float64(c.reads)/n)
	b.took.add(name+" second events/event", float64(second)/n)
	return nil
}
