package tenants_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants/tenantstest"
)

// caseTwins returns n pairs of payment ids of the new form, which differ in the case of one letter alone; all are
// different.
func caseTwins(n int) (ids []string) {
	rng := rand.New(rand.NewPCG(20261129, 0))
	seen := map[string]bool{}
	for len(ids) < 2*n {
		id := accounts.NewPaymentID(rng.IntN)
		at := len("pay_1_") + rng.IntN(len(id)-len("pay_1_"))
		if id[at] < 'A' {
			continue // a digit has no case
		}
		twin := id[:at] + string(rune(id[at]^0x20)) + id[at+1:]
		if !seen[id] && !seen[twin] {
			seen[id], seen[twin] = true, true
			ids = append(ids, id, twin)
		}
	}
	return ids
}

// columnOfTable is one of a table in the catalog.
type columnOfTable struct{ Name, Type string }

// namingTables returns the columns of each table that holds such names, by its name.
func namingTables(t *testing.T, c *pgx.Conn) map[string][]columnOfTable {
	t.Helper()
	rows, err := c.Query(t.Context(), `
		SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		ORDER BY c.relname, a.attnum`)
	require.NoError(t, err)
	tables, name, col := map[string][]columnOfTable{}, "", columnOfTable{}
	_, err = pgx.ForEachRow(rows, []any{&name, &col.Name, &col.Type}, func() error {
		tables[name] = append(tables[name], col)
		return nil
	})
	require.NoError(t, err)
	for name, columns := range tables {
		if !slices.ContainsFunc(columns, holdsNames) {
			delete(tables, name)
		}
	}
	return tables
}

// ourTexts are texts that hold neither a name of the gateway's nor one of the caller's own.
var ourTexts = strings.Fields(
	`account action actor agent asaas_status at body closed_by code confirmed_by connection created_by created_local day
	description detail email ends fact fees form hint holder key key_hint kind last_error ledger_from message
	method muted_mails name next_action note notes notification_email outcome owner owner_name owner_tax_id paid_at
	paid_month parent password_hash path payload phase purpose reason refused_at resolved_by role scopes source source_ip
	state status step subject_kind tax_id theme token_id truth_clock type types url webhook_seen`,
)

// holdsNames tells whether a column holds such a name.
func holdsNames(c columnOfTable) bool { return c.Type == "text" && !slices.Contains(ourTexts, c.Name) }

// fillers are values of each type that a table has, the same in each row but for the texts.
var fillers = map[string]string{
	"text":                        "id",
	"smallint":                    "1",
	"integer":                     "1",
	"bigint":                      "1",
	"boolean":                     "false",
	"bytea":                       "''",
	"uuid":                        "md5('')::uuid",
	"uuid[]":                      "'{}'",
	"text[]":                      "'{}'",
	"json":                        "'{}'",
	"jsonb":                       "'{}'",
	"xid8":                        "'1'",
	"date":                        "'2026-11-29'",
	"timestamp with time zone":    "'2026-11-29'",
	"timestamp without time zone": "'2026-11-29'",
}

// Two ids that differ in case alone are two in every table and in every index, also in a unique one: each table
// that the catalog has and that holds names of others is given ten thousand such pairs, and no column and no
// key of an index makes one of two.
func TestTenThousandPairsThatDifferInCaseAloneAreTwoInEveryTableAndIndex(t *testing.T) {
	t.Parallel()
	c := owner(t)
	_, err := c.Exec(t.Context(), `CREATE TEMP TABLE twins (id text)`)
	require.NoError(t, err)
	ids := caseTwins(10_000)
	_, err = c.CopyFrom(
		t.Context(),
		pgx.Identifier{"twins"},
		[]string{"id"},
		pgx.CopyFromSlice(len(ids), func(i int) ([]any, error) {
			return []any{ids[i]}, nil
		}),
	)
	require.NoError(t, err)
	tables := namingTables(t, c)
	require.Greater(t, len(tables), 20)
	for name, columns := range tables {
		keepApart(t, c, name, columns, len(ids))
	}
}

// keepApart fills a copy of the table, with its indexes, and counts what each text and
// each text of an index tells apart.
func keepApart(t *testing.T, c *pgx.Conn, table string, columns []columnOfTable, ids int) {
	t.Helper()
	var names, values, counts, indexes []string
	for _, col := range columns {
		filler, known := fillers[col.Type]
		require.True(t, known, "%s.%s: %s", table, col.Name, col.Type)
		names, values = append(names, pgx.Identifier{col.Name}.Sanitize()), append(values, filler)
		if holdsNames(col) {
			counts = append(counts, pgx.Identifier{col.Name}.Sanitize())
		}
	}
	exec := func(format string, args ...any) {
		_, err := c.Exec(t.Context(), fmt.Sprintf(format, args...))
		require.NoError(t, err, table)
	}
	exec(`CREATE TEMP TABLE filled (LIKE public.%s)`, table)
	exec(`INSERT INTO filled (%s) SELECT %s FROM twins`, strings.Join(names, ", "), strings.Join(values, ", "))
	keys, err := c.Query(t.Context(), `SELECT DISTINCT pg_get_indexdef(i.indexrelid, a.attnum, true),
			CASE WHEN indisunique THEN replace(pg_get_indexdef(i.indexrelid), ' public.', ' ') ELSE '' END
		FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.atttypid = 'text'::regtype
		WHERE i.indrelid = ('public.' || $1)::regclass AND a.attnum <= i.indnkeyatts`, table)
	require.NoError(t, err)
	key, unique := "", ""
	_, err = pgx.ForEachRow(keys, []any{&key, &unique}, func() error {
		if !slices.Contains(ourTexts, key) {
			counts = append(counts, key)
		}
		if unique != "" {
			indexes = append(indexes, unique)
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(indexes)
	for _, index := range slices.Compact(indexes) {
		exec(`%s`, regexp.MustCompile(` ON (ONLY )?\w+ `).ReplaceAllString(index, " ON filled "))
	}
	slices.Sort(counts)
	for _, told := range slices.Compact(counts) {
		var apart int
		require.NoError(
			t,
			c.QueryRow(
				t.Context(),
				fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM filled GROUP BY %s) AS told`, told),
			).Scan(&apart),
		)
		require.Equal(t, ids, apart, "%s: %s", table, told)
	}
	exec(`DROP TABLE filled`)
}

func owner(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), tenantstest.New(t).URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}
