package v1_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/tenants/tenantstest"
)

// A column added to each table made 21 of 192 reads answer 500: statements that named no column had been planned for
// the columns there were.
func TestAColumnAddedToEveryTableUnderTheEyesOfEveryGETAnswersNo500(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t, withConnector(t))
	vida := w.clinic(t, "Vida")
	ids := belongings(t, w, vida)
	reader := &readOnlyWorld{readWorld: w}
	callers := reader.callers(t, vida)
	who, operator := callers["person"], callers["operator"]
	var paths []string
	for _, rt := range documentedRoutes(t, who) {
		if rt.method == http.MethodGet && rt.id != "getWebhook" { // which asks the gateway, that is away here
			paths = append(paths, variants(rt, vida.PublicID.Public("ten"), ids)...)
		}
	}
	require.Greater(t, len(paths), 80)
	round := func(when string) {
		for _, path := range paths {
			if status := reader.read(t, who, path); status >= 500 {
				t.Errorf("%s: GET %s: %d", when, path, status)
			}
			if status := reader.read(t, operator, path); status >= 500 {
				t.Errorf("%s: operator: GET %s: %d", when, path, status)
			}
		}
	}
	round("before")
	var load sync.WaitGroup
	load.Go(func() { addColumns(t, w.base.URL(tenantstest.Owner)) })
	round("meanwhile")
	load.Wait()
	round("afterwards")
}

// addColumns does what an expanding migration does, to every table.
func addColumns(t *testing.T, owner string) {
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(context.Background())
	rows, _ := conn.Query(
		t.Context(),
		`SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'goose_db_version' ORDER BY 1`,
	)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 30 {
		t.Errorf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		if _, err := conn.Exec(t.Context(), `ALTER TABLE `+table+` ADD COLUMN of_a_later_release text`); err != nil {
			t.Error(err)
		}
	}
}
