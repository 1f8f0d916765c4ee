package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// looked is what a side's tables are called where the bench looks at them.
type looked struct{ waits, count, span, since string }

var (
	oursLooked = looked{
		waits: `SELECT EXISTS (SELECT FROM due WHERE next_at < 'infinity')`,
		count: `SELECT count(*) FROM events`,
		span:  `applied_at - received_at`,
		since: `events WHERE applied_at IS NOT NULL AND received_at >= $1`,
	}
	naiveLooked = looked{
		waits: `SELECT EXISTS (SELECT FROM webhook_events WHERE processed_at IS NULL)`,
		count: `SELECT count(*) FROM webhook_events`,
		span:  `processed_at - created_at`,
		since: `webhook_events WHERE processed_at IS NOT NULL AND created_at >= $1`,
	}
)

func (r *receiver) tables() looked {
	if r.ours {
		return oursLooked
	}
	return naiveLooked
}

// lookEvery is how often it is asked whether something is over: each answer costs the side that is measured.
const lookEvery = 20 * time.Millisecond

// applied waits until every stored event is applied, and returns how many there are.
func (r *receiver) applied() (n int, err error) {
	err = until(r.ctx, 2*time.Minute, "applied", lookEvery, func() (over bool, err error) {
		var more bool
		err = r.look.QueryRow(r.ctx, r.tables().waits).Scan(&more)
		return !more, err
	})
	if err != nil {
		return 0, err
	}
	return n, r.look.QueryRow(r.ctx, r.tables().count).Scan(&n)
}

// until asks again and again whether something is over.
func until(
	ctx context.Context, within time.Duration, what string, every time.Duration, over func() (bool, error),
) error {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(every) {
		if is, err := over(); is || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return fmt.Errorf("not %s within %s", what, within)
}

// waited notes how long the events that were received since an instant took from receipt to applied.
func (b *bench) waited(r *receiver, since time.Time, name string) error {
	t := r.tables()
	sql := `SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ` + t.span + `) * 1000)
		FROM ` + t.since
	var p []float64
	if err := r.look.QueryRow(b.ctx, sql, since).Scan(&p); err != nil {
		return err
	}
	if len(p) != 2 {
		return fmt.Errorf("no event was received since %s", since)
	}
	b.took.add(name+" p50", p[0])
	b.took.add(name+" p99", p[1])
	return nil
}

// analyze takes statistics: of a table that has just grown the planner knows nothing, and autovacuum tells it within a
// minute, which is longer than most parts last.
func (r *receiver) analyze() error {
	_, err := r.look.Exec(r.ctx, "ANALYZE")
	return err
}

// written returns how many bytes of its log Postgres has written.
func (r *receiver) written() (n float64, err error) {
	err = r.look.QueryRow(r.ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8`).Scan(&n)
	return n, err
}

// texts returns a query's rows of two columns by the first one.
func texts[V any](r *receiver, sql string) (map[string]V, error) {
	rows, err := r.look.Query(r.ctx, sql)
	if err != nil {
		return nil, err
	}
	got := map[string]V{}
	var key string
	var v V
	_, err = pgx.ForEachRow(rows, []any{&key, &v}, func() error {
		got[key] = v
		return nil
	})
	return got, err
}
