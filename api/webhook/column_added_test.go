package webhook_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestAColumnAddedToEveryTableUnderDeliveriesAndApplyCostsNoAnswerAndNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida := w.clinic(t, "Vida")
	seq := 0
	round := func(n int) {
		for range n {
			seq++
			if code := w.post(t, vida.token, vida.paid(seq)).code; code != http.StatusOK {
				t.Errorf("delivery %d: %d", seq, code)
			}
			if seq%5 == 0 {
				w.apply(t, vida)
			}
		}
	}
	round(20) // every statement is planned for the columns there are
	rows, _ := w.owner.Query(
		t.Context(),
		`SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'goose_db_version' ORDER BY 1`,
	)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 30)
	var load sync.WaitGroup
	load.Go(func() {
		for _, table := range tables {
			if _, err := w.owner.Exec(t.Context(), `ALTER TABLE `+table+` ADD COLUMN of_a_later_release text`); err != nil {
				t.Error(err)
			}
		}
	})
	round(60)
	load.Wait()
	round(20)
	for w.apply(t, vida) > 0 {
	}
	require.Equal(t, seq, w.count(t, `SELECT count(*) FROM events`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM events WHERE outcome IN ('received', 'dead')`))
	require.Zero(t, w.count(t, `SELECT count(*) FROM due WHERE tries > 0`))
}
