package people

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/tenants/tenantstest"
)

// Whoever moves to another clinic leaves nothing of theirs behind: each table that names a person goes along, or stays
// for a reason.
func TestEveryTableOfAPersonMovesWithThemOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	stays := map[string]string{
		"agenda_mails": "about the clinic that they leave", "agenda_told": "the same",
		"passkey_challenges": "minutes old at most; the browser asks anew",
	}
	conn, err := pgx.Connect(t.Context(), tenantstest.New(t).URL(tenantstest.Owner))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	rows, err := conn.Query(
		t.Context(),
		`SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id'
		AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')`,
	)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var want []string
	for _, table := range tables {
		if stays[table] == "" {
			want = append(want, table)
		}
	}
	require.ElementsMatch(t, want, theirs)
	require.Len(t, tables, len(theirs)+len(stays))
}
