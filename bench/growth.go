package main

import (
	"fmt"

	"github.com/jackc/pgx/v5"
)

// growth measures the WAL an acknowledged event costs right after a checkpoint, its entity
// new, with nothing stored and with many events stored; three repetitions of each. The
// stored ones are spread over the clinics, with counters below those that come.
func (b *bench) growth() error {
	for _, stored := range []int{0, b.stored} {
		r, err := b.startBuild(b.oursBuild())
		if err != nil {
			return err
		}
		name := "empty"
		if stored > 0 {
			name = "stored"
			if err = b.fill(r, stored); err != nil {
				b.leave(r)
				return err
			}
		}
		for rep := range 3 {
			if err == nil {
				err = b.wal(r, name, int64(1000*(rep+1)+stored%97))
			}
		}
		b.leave(r)
		if err != nil {
			return err
		}
	}
	return nil
}

// fill stores events without bodies, and their key index as a grown one.
func (b *bench) fill(r *receiver, n int) error {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	const block = 500_000
	for from := 0; from < n; from += block {
		_, err := conn.Exec(
			b.ctx,
			`INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, applied_at, event_id, type, kind,
			  entity_id, created_local, outcome, reason, notes, body_hash)
			SELECT 1 + i % 200, 2, 1, 300000000 + i, md5(i::text)::uuid, now(), now(),
			  'evt_15e444ff9b9ab9ec29294aa1abe68025&' || 300000000 + i, 'PAYMENT_RECEIVED', 'payment',
			  'pay_' || i, '2026-11-22 10:00:00', 'applied', '', '', decode(md5(i::text) || md5(i::text), 'hex')
			  FROM generate_series($1::int, $2::int) i`,
			from, min(from+block, n)-1,
		)
		if err != nil {
			return err
		}
	}
	for _, sql := range []string{"VACUUM (FREEZE, ANALYZE) events"} {
		if _, err := conn.Exec(b.ctx, sql); err != nil {
			return err
		}
	}
	var bytes int64
	if err := conn.QueryRow(b.ctx, `SELECT pg_relation_size('events_pkey')`).Scan(&bytes); err != nil {
		return err
	}
	b.took.add("key index MB per million", float64(bytes)/1e6/(float64(n)/1e6))
	return nil
}

// wal posts new events right after a checkpoint, first without a worker, and lets a worker
// apply them afterwards: what apply writes is told beside.
func (b *bench) wal(r *receiver, name string, seed int64) error {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return err
	}
	defer conn.Close(b.ctx)
	if _, err := conn.Exec(b.ctx, "CHECKPOINT"); err != nil {
		return err
	}
	written := func() (n float64, err error) {
		err = conn.QueryRow(b.ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8`).Scan(&n)
		return n, err
	}
	before, err := written()
	if err != nil {
		return err
	}
	if _, err := b.post(r, b.count, "-c", "32", "-seed", fmt.Sprint(seed)); err != nil {
		return err
	}
	after, err := written()
	if err != nil {
		return err
	}
	b.took.add("wal/event "+name, (after-before)/float64(b.count))
	w, err := b.work(r)
	if err != nil {
		return err
	}
	defer w.stop()
	if _, err := r.applied(); err != nil {
		return err
	}
	end, err := written()
	b.took.add("wal/event apply "+name, (end-after)/float64(b.count))
	return err
}
