package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// each runs fn against ours, the build of before and naive, in an order that turns with every part.
func (b *bench) each(fn func(r *receiver, prefix string) error) error {
	starts := []func() (*receiver, error){b.startOurs, b.startNaive}
	if b.before != "" {
		starts = append(starts, b.startBefore)
	}
	for b.turn++; len(starts) > 0; starts = starts[1:] {
		first := b.turn % len(starts)
		starts[0], starts[first] = starts[first], starts[0]
		r, err := starts[0]()
		if err != nil {
			return err
		}
		prefix := r.side
		err = fn(r, prefix)
		if r.ours {
			b.took.add(prefix+"rss serve", r.rss())
		}
		r.stop()
		if err != nil {
			return err
		}
		b.drop()
	}
	return nil
}

// ack measures durable answers at saturation, the workers off, and one-row commits by
// pgbench in the same round.
func (b *bench) ack() error {
	err := b.each(func(r *receiver, prefix string) error {
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
	_, url, err := b.database()
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
		`CREATE TABLE inbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL UNIQUE, account_id uuid NOT NULL,
		event_type text NOT NULL, payload jsonb NOT NULL, status smallint NOT NULL DEFAULT 0, received_at timestamptz NOT NULL DEFAULT now())`,
	)
	if err != nil {
		return err
	}
	script := filepath.Join(b.dir, "insert.sql")
	err = os.WriteFile(
		script,
		[]byte(
			"\\set r random(1, 9000000000000000000)\nINSERT INTO inbox (event_id, account_id, event_type, payload) VALUES ('evt_' || md5((:r)::text) || '&1', '47ed0d25-f9fb-4b35-b23a-d8895caf92b7', 'PAYMENT_RECEIVED', :payload::jsonb) ON CONFLICT (event_id) DO NOTHING;\n",
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
		l, err := b.post(r, b.count/10, "-c", "1", "-seed", "7")
		if err != nil {
			return err
		}
		b.took.add(prefix+"ack p50 c=1", l.P50)
		l, err = b.post(r, 1500, "-c", "32", "-rate", "300", "-seed", "8")
		b.took.add(prefix+"ack p99 at 300/s", l.P99)
		return err
	})
}

// endToEnd measures received → applied at 1,000 a second, what an event costs then, and
// what our idle worker costs.
func (b *bench) endToEnd() error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		time.Sleep(time.Second)
		if r.ours {
			before := cpu(w.cmd.Process.Pid)
			time.Sleep(4 * time.Second)
			b.took.add("idle worker %", (cpu(w.cmd.Process.Pid)-before)/4*100)
		}
		if err := b.paced(r, w, 1000, 6000, prefix+"end to end"); err != nil {
			return err
		}
		if r.ours {
			b.took.add(prefix+"rss work", w.rss())
		}
		return nil
	})
}

// lone measures the same at 300 a second, where an event is alone in its clinic.
func (b *bench) lone() error {
	return b.each(func(r *receiver, prefix string) error {
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		time.Sleep(time.Second)
		return b.paced(r, w, 300, 3000, prefix+"lone")
	})
}

// paced posts events at a rate and notes, from receipt to applied, what they cost and how long they took.
func (b *bench) paced(r *receiver, w *program, rate, events int, name string) error {
	pids := append(services(), r.cmd.Process.Pid, w.cmd.Process.Pid)
	before := cpu(pids...)
	if _, err := b.post(r, events, "-c", "32", "-rate", strconv.Itoa(rate)); err != nil {
		return err
	}
	if _, err := b.applied(r); err != nil {
		return err
	}
	b.took.add(name+" cpu µs", (cpu(pids...)-before)*1e6/float64(events))
	return b.waited(r, name)
}

// waited reads how long the events took from receipt to applied.
func (b *bench) waited(r *receiver, name string) error {
	span, table := "applied_at - received_at", "events"
	if !r.ours {
		span, table = "processed_at - created_at", "webhook_events"
	}
	sql := `SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ` + span + `) * 1000) FROM ` + table
	return b.query(r, sql, func(row pgx.Row) error {
		var p []float64
		err := row.Scan(&p)
		if err == nil {
			b.took.add(name+" p50", p[0])
			b.took.add(name+" p99", p[1])
		}
		return err
	})
}

// drain measures how fast stored events are applied, nothing coming in.
func (b *bench) drain() error {
	return b.each(func(r *receiver, prefix string) error {
		expected := filepath.Join(b.dir, "expected.ndjson")
		if _, err := b.post(r, b.count, "-c", "32", "-dup", "0.05", "-shuffle", "50", "-expect", expected); err != nil {
			return err
		}
		// Of a table that has just grown the planner knows nothing; autovacuum tells it within a minute.
		if err := b.exec(r, "ANALYZE"); err != nil {
			return err
		}
		before := cpu(services()...)
		start := time.Now()
		w, err := b.work(r)
		if err != nil {
			return err
		}
		defer w.stop()
		n, err := b.applied(r)
		b.took.add(prefix+"drain/s", float64(n)/time.Since(start).Seconds())
		b.took.add(prefix+"drain cpu µs", (cpu(services()...)-before+cpu(w.cmd.Process.Pid))*1e6/float64(n))
		b.took.add(prefix+"drain cpu µs, work alone", cpu(w.cmd.Process.Pid)*1e6/float64(n))
		if err != nil || !r.ours {
			return err
		}
		b.took.add(prefix+"rss work", w.rss())
		return b.gate(r, expected)
	})
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
		time.Sleep(500 * time.Millisecond)
		expected := filepath.Join(b.dir, "expected.ndjson")
		start := time.Now()
		l, err := b.post(r, b.count, "-c", "32", "-dup", "0.05", "-shuffle", "50", "-expect", expected)
		if err != nil {
			return err
		}
		n, err := b.applied(r)
		b.took.add(prefix+"both/s", float64(n)/time.Since(start).Seconds())
		b.took.add(prefix+"both ack p99", l.P99)
		if err != nil || !r.ours {
			return err
		}
		return b.gate(r, expected)
	})
}

// applied waits until every stored event is applied, and returns how many there are.
func (b *bench) applied(r *receiver) (n int, err error) {
	waits := `SELECT EXISTS (SELECT FROM due WHERE next_at < 'infinity'), 0`
	count := `SELECT count(*) FROM events`
	if !r.ours {
		waits, count = `SELECT EXISTS (SELECT FROM webhook_events WHERE processed_at IS NULL), 0`, `SELECT count(*) FROM webhook_events`
	}
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(b.ctx)
	for range 6000 {
		var more bool
		var zero int
		if err := conn.QueryRow(b.ctx, waits).Scan(&more, &zero); err != nil {
			return 0, err
		}
		if !more {
			return n, b.query(r, count, func(row pgx.Row) error { return row.Scan(&n) })
		}
		time.Sleep(20 * time.Millisecond)
	}
	return 0, fmt.Errorf("not applied within two minutes")
}

func (b *bench) exec(r *receiver, sql string) error {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	_, err = conn.Exec(b.ctx, sql)
	return err
}

func (b *bench) query(r *receiver, sql string, scan func(pgx.Row) error) error {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	return scan(conn.QueryRow(b.ctx, sql))
}
