package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// each runs fn against ours, the build of before and naive, in an order that turns with every part.
func (b *bench) each(fn func(r *receiver, prefix string) error) error {
	return b.inTurn(fn, append(b.builds(), b.startNaive))
}

// eachBuild does without naive, which has no such thing.
func (b *bench) eachBuild(fn func(r *receiver, prefix string) error) error {
	return b.inTurn(fn, b.builds())
}

func (b *bench) builds() []func() (*receiver, error) {
	starts := []func() (*receiver, error){func() (*receiver, error) { return b.startBuild(b.oursBuild()) }}
	if b.before != "" {
		starts = append(starts, func() (*receiver, error) { return b.startBuild(b.beforeBuild()) })
	}
	return starts
}

func (b *bench) inTurn(fn func(r *receiver, prefix string) error, starts []func() (*receiver, error)) error {
	for b.turn++; len(starts) > 0; starts = starts[1:] {
		first := b.turn % len(starts)
		starts[0], starts[first] = starts[first], starts[0]
		r, err := starts[0]()
		if err != nil {
			return err
		}
		err = fn(r, r.side)
		if r.ours && r.tokens == b.tokens {
			b.took.add(r.side+"rss serve", r.rss())
		}
		b.leave(r)
		if err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(strings.TrimSpace(r.side), "ours"), err)
		}
	}
	return nil
}

// ack measures durable answers at saturation, the workers off, and one-row commits by
// pgbench in the same round.
func (b *bench) ack() error {
	err := b.each(func(r *receiver, prefix string) error {
		if err := b.prime(r, primed); err != nil {
			return err
		}
		pids := append(services(), r.cmd.Process.Pid)
		before, own := cpu(pids...), cpu(r.cmd.Process.Pid)
		l, err := b.post(r, b.count, "-c", "32")
		b.took.add(prefix+"ack cpu µs, api alone", (cpu(r.cmd.Process.Pid)-own)*1e6/float64(b.count))
		b.took.add(prefix+"ack/s", l.PerSec)
		b.took.add(prefix+"ack p99", l.P99)
		b.took.add(prefix+"ack cpu µs", (cpu(pids...)-before)*1e6/float64(b.count))
		return err
	})
	if err != nil {
		return err
	}
	return b.pgbench()
}

var (
	tps     = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)
	latency = regexp.MustCompile(`(?m)^latency average = ([0-9.]+) ms`)
)

// pgbench measures one-row durable inserts of an event of the same size: 32 clients, and one.
func (b *bench) pgbench() error {
	url, err := b.database(nil)
	if err != nil {
		return err
	}
	defer b.drop()
	conn, err := pgx.Connect(b.ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	_, err = conn.Exec(
		b.ctx,
		`CREATE TABLE inbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL UNIQUE,
		  account_id uuid NOT NULL, event_type text NOT NULL, payload jsonb NOT NULL, status smallint NOT NULL DEFAULT 0,
		  received_at timestamptz NOT NULL DEFAULT now())`,
	)
	if err != nil {
		return err
	}
	script := filepath.Join(b.dir, "insert.sql")
	err = os.WriteFile(
		script,
		[]byte(
			"\\set r random(1, 9000000000000000000)\nINSERT INTO inbox (event_id, account_id, event_type, "+
				"payload) VALUES ('evt_' || md5((:r)::text) || '&1', '47ed0d25-f9fb-4b35-b23a-d8895caf92b7', "+
				"'PAYMENT_RECEIVED', :payload::jsonb) ON CONFLICT (event_id) DO NOTHING;\n",
		),
		0o644,
	)
	if err != nil {
		return err
	}
	payload, err := os.ReadFile("bench/event.json")
	if err != nil {
		return err
	}
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(programs) == 0 {
		return fmt.Errorf("pgbench is not installed")
	}
	for _, run := range []struct {
		clients string
		into    string
		found   *regexp.Regexp
	}{{"32", "pgbench tps", tps}, {"1", "pgbench mean ms c=1", latency}} {
		out, err := exec.CommandContext(
			b.ctx, programs[len(programs)-1], "-n", "-M", "prepared", "-c", run.clients, "-j", min(run.clients, "2"),
			"-T", "4", "-D", "payload="+string(payload), "-f", script, url,
		).CombinedOutput()
		found := run.found.FindSubmatch(out)
		if err != nil || found == nil {
			return fmt.Errorf("pgbench: %w: %s", err, out)
		}
		v, _ := strconv.ParseFloat(string(found[1]), 64)
		b.took.add(run.into, v)
	}
	return nil
}

// calm measures one connection, and 300 deliveries a second.
func (b *bench) calm() error {
	return b.each(func(r *receiver, prefix string) error {
		if err := b.prime(r, primed); err != nil {
			return err
		}
		l, err := b.post(r, b.count/10, "-c", "1", "-seed", "7")
		if err != nil {
			return err
		}
		b.took.add(prefix+"ack p50 c=1", l.P50)
		l, err = b.post(r, b.paces(300), "-c", "32", "-rate", "300", "-seed", "8", "-first", "200000000")
		b.took.add(prefix+"ack p99 at 300/s", l.P99)
		return err
	})
}

// drain measures how fast stored events are applied, nothing coming in, and what each event costs of Postgres's log: by
// its intake, from a checkpoint on, and by apply.
func (b *bench) drain() error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		before, err := b.settle(r)
		if w.stop(); err != nil {
			return err
		}
		expected := filepath.Join(b.dir, "expected.ndjson")
		intake, stored, err := b.fillInbox(r, expected)
		if err != nil {
			return err
		}
		log, err := r.written()
		if err != nil {
			return err
		}
		had := cpu(services()...)
		start := time.Now()
		if w, err = b.work(r); err != nil {
			return err
		}
		defer w.stop()
		if _, err = r.applied(); err != nil {
			return err
		}
		n := float64(stored)
		b.took.add(prefix+"drain/s", n/time.Since(start).Seconds())
		b.took.add(prefix+"drain cpu µs", (cpu(services()...)-had+cpu(w.cmd.Process.Pid))*1e6/n)
		b.took.add(prefix+"drain cpu µs, work alone", cpu(w.cmd.Process.Pid)*1e6/n)
		end, err := r.written()
		if err != nil || !r.ours {
			return err
		}
		b.took.add(prefix+"wal intake/event", intake/n)
		b.took.add(prefix+"wal apply/event", (end-log)/n)
		b.took.add(prefix+"wal KB/event", (intake+end-log)/n/1000)
		b.took.add(prefix+"rss work", w.rss())
		b.took.emptyTurns(turns{}, prefix+"drain")
		return r.gate(expected, before)
	})
}

// fillInbox posts the deliveries of a drain from a checkpoint on, and tells what they wrote of Postgres's log and how
// many events they are. Statistics are taken afterwards.
func (b *bench) fillInbox(r *receiver, expected string) (log float64, events int, err error) {
	count := func() (n int, err error) { return n, r.look.QueryRow(b.ctx, r.tables().count).Scan(&n) }
	if _, err = r.look.Exec(b.ctx, "CHECKPOINT"); err != nil {
		return 0, 0, err
	}
	had, err := count()
	if err != nil {
		return 0, 0, err
	}
	from, err := r.written()
	if err != nil {
		return 0, 0, err
	}
	if _, err = b.post(r, b.count, "-c", "32", "-dup", "0.05", "-shuffle", "50", "-expect", expected); err != nil {
		return 0, 0, err
	}
	to, err := r.written()
	if err != nil {
		return 0, 0, err
	}
	has, err := count()
	if err == nil {
		err = r.analyze()
	}
	return to - from, has - had, err
}

// both measures intake and apply at once, closed loop: events a second from the first
// delivery to the last one applied.
func (b *bench) both() error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		settledTo, err := b.settle(r)
		if err != nil {
			return err
		}
		had, err := r.applied()
		if err != nil {
			return err
		}
		expected := filepath.Join(b.dir, "expected.ndjson")
		start, t := time.Now(), readTurns()
		l, err := b.post(r, b.count, "-c", "32", "-dup", "0.05", "-shuffle", "50", "-expect", expected)
		if err != nil {
			return err
		}
		n, err := r.applied()
		b.took.add(prefix+"both/s", float64(n-had)/time.Since(start).Seconds())
		b.took.add(prefix+"both ack p99", l.P99)
		if err != nil || !r.ours {
			return err
		}
		b.took.emptyTurns(t, prefix+"both")
		return r.gate(expected, settledTo)
	})
}
