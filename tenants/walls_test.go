package tenants_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/connection"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// The walls between clinics, asked of the catalogue and tried by every role
// (docs/reliability.md, T-12 to T-15).

var runtimeRoles = []string{tenantstest.Ingest, tenantstest.Worker, tenantstest.API, tenantstest.Sweeper}

// verbs that each runtime role has on each table, by hand: s select, i insert, u update,
// d delete. A table that is not here is nobody's; ingest and sweeper have functions only.
var verbs = map[string]map[string]string{
	tenantstest.Worker: {
		"operations":          "su", // a replay stores how far it is with what it applied
		"clinics":             "s",
		"clinic_keys":         "s",
		"clinic_heads":        "siu",
		"audit":               "i",
		"connections":         "su",
		"events":              "siu",
		"event_bodies":        "si",
		"event_variants":      "s",
		"due":                 "siud",
		"truth_wants":         "siud",
		"hints":               "sd",
		"alarms":              "siu",
		"records":             "si",
		"invoices":            "siu",
		"checkouts":           "siu",
		"anticipations":       "siu",
		"leases":              "siud",
		"ledger_transactions": "si",
		"ledger_entries":      "si",
		"fact_sources":        "si",
		"work_items":          "siu",
		"expected_payments":   "s",
		"changes":             "i",
		"guard_rounds":        "su",
		"payers":              "si",
		"payer_lists":         "siu", // apply asks for names
		"read_pauses":         "siud",
		"gateway_shapes":      "s",
		"deadlines":           "siu",
		"agenda_rounds":       "siu",
		"agenda_failures":     "siud",
		"connection_checks":   "s",
		"statement_checks":    "s",
		"invoice_numbers":     "i",
	},
	tenantstest.API: {
		"clinics":             "siu",
		"clinic_keys":         "siud",
		"clinic_heads":        "siu",
		"users":               "siu",
		"sessions":            "siud",
		"service_tokens":      "siu",
		"known_browsers":      "siud",
		"mailed_links":        "siud",
		"factors":             "siud",
		"recovery_codes":      "siud",
		"login_challenges":    "siud",
		"passkey_challenges":  "sid",
		"audit":               "si",
		"connections":         "siu",
		"webhook_tokens":      "siud",
		"events":              "su",
		"event_bodies":        "s",
		"event_variants":      "s",
		"due":                 "siud",
		"deliveries":          "s",
		"truth_wants":         "siu",
		"hints":               "s",
		"alarms":              "siu",
		"records":             "s",
		"invoices":            "s",
		"checkouts":           "s",
		"anticipations":       "s",
		"leases":              "siud",
		"operations":          "siu",
		"connection_checks":   "siu",
		"certificates":        "si",
		"guard_rounds":        "siud",
		"traffic_hours":       "siud",
		"mails":               "siu",
		"ledger_transactions": "si",
		"ledger_entries":      "si",
		"fact_sources":        "si",
		"work_items":          "siu",
		"expected_payments":   "siu",
		"changes":             "s",
		"statement_lines":     "si",
		"statement_checks":    "siu",
		"idempotency_keys":    "siud",
		"quarantined":         "s",
		"exports":             "siu",
		"export_parts":        "si",
		"payers":              "siu",
		"payer_words":         "sid",
		"payer_lists":         "siu",
		"read_pauses":         "sd",
		"invoice_numbers":     "s",
		"gateway_shapes":      "s", // and what a person says of one
		"endpoints":           "siud",
		"endpoint_entries":    "siud",
		"endpoint_deliveries": "si",
		"feed_gaps":           "s",
		"deadlines":           "s",
		"agenda_rounds":       "s",
		"agenda_mails":        "siu",
		"agenda_told":         "si",
		"agenda_reminders":    "siu",
		"calendars":           "siud",
		"put_off_reminders":   "siud",
		"peppers":             "siud",
		"chain_keys":          "siu", // keys that can be retired, and keys that never are
		"platform_token_ends": "siu",
		"processes":           "siud",
		"fleet_actions":       "siud",
		"visits":              "siud",
		"fleet_action_items":  "siud",
		"fleet":               "s",
		"fleet_counted":       "s", // kept by triggers and counts of the definer
	},
	tenantstest.Ingest:  {},
	tenantstest.Sweeper: {},
}

// strings that answers to a query of one text column.
func column(t *testing.T, conn *pgxpool.Pool, query string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, args...)
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return list
}

func pool(t *testing.T, db *tenantstest.Database, role string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), db.URL(role))
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

const tables = `SELECT relname FROM pg_class
	WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`

func TestEveryTableOfClinicsHasBothWallsAndTheClinicFirst(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
		  AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
		),
		"without row security, or not forced",
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
		JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND i.indkey[0] <> a.attnum`,
		),
		"the primary key starts with something else",
	)
	without := column(
		t, owner,
		`SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'clinic_id') ORDER BY 1`,
	)
	require.Equal(
		t,
		[]string{
			"chain_keys", "delivery_gaps", "feed_epoch", "feed_floor", "fleet_actions", "fleet_counted", "gateway_shapes",
			"goose_db_version", "peppers", "platform_token_ends", "processes", "service_minutes", "stray_room", "strays",
		},
		without, "a table without a clinic is a decision",
	)
	require.Equal(
		t,
		[]string{"processes.migrator"}, // the migrator's own, of a table without clinics
		column(
			t, owner,
			`SELECT p.tablename || '.' || p.policyname FROM pg_policies p WHERE qual = 'true' AND roles <> '{patapay_definer}'`,
		),
		"a policy for everyone",
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')`,
		),
		"a view would need security_invoker",
	)
}

func TestNoRuntimeRoleOwnsAnythingOrStandsAboveTheWalls(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT rolname FROM pg_roles
			WHERE rolname = ANY($1) AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)`,
			append(runtimeRoles, "patapay_definer"),
		),
	)
	require.Empty(t, column(t, owner, `SELECT rolname FROM pg_roles WHERE rolname = 'patapay_definer' AND rolcanlogin`))
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = ANY($1)`,
			append(runtimeRoles, "patapay_definer"),
		),
	)
	require.Empty(
		t,
		column(t, owner, `SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = ANY($1)`, runtimeRoles),
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ANY($1)`,
			runtimeRoles,
		),
		"a role inside another",
	)
}

func TestDefinerFunctionsHaveAFixedPathAndAnOwnerNobodyIs(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	all := column(t, owner, `SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace`)
	require.Contains(t, all, "accept")
	require.Empty(
		t,
		column(t, owner, `SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
		AND NOT ('search_path=pg_catalog, public' = ANY(proconfig))`),
	)
	require.Empty(
		t,
		column(t, owner, `SELECT proname FROM pg_proc p WHERE prosecdef AND pronamespace = 'public'::regnamespace
		AND pg_get_userbyid(proowner) NOT IN ('patapay_definer',
		  (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()))`),
	)
}

func TestPublicHasNothingAndPartitionsHaveNoGrants(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0`,
		),
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
			WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0`,
		),
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'public' AND a.grantee = 0`,
		),
	)
	require.Empty(
		t,
		column(
			t, owner,
			`SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relispartition AND a.grantee <> c.relowner`,
		),
	)
	require.NotEmpty(
		t,
		column(
			t, owner,
			`SELECT relname FROM pg_class WHERE relispartition AND relrowsecurity AND relforcerowsecurity AND relkind = 'r'`,
		),
	)
}

// statements of one verb that touch no row where they are allowed.
func statement(verb byte, table string) string {
	switch verb {
	case 's':
		return `SELECT 1 FROM ` + table + ` LIMIT 0`
	case 'i':
		return `INSERT INTO ` + table + ` DEFAULT VALUES`
	case 'u':
		column := map[string]string{
			"strays": "account_id", "goose_db_version": "is_applied", "feed_floor": "clinic", "gateway_shapes": "count",
			"stray_room": "bytes", "delivery_gaps": "lost", "feed_epoch": "mark", "fleet_counted": "at",
			"chain_keys": "sealed", "peppers": "noted_at", "fleet_actions": "kind", "platform_token_ends": "until",
			"processes": "marks", "service_minutes": "late",
		}[table]
		if column == "" {
			column = "clinic_id"
		}
		return `UPDATE ` + table + ` SET ` + column + ` = DEFAULT WHERE false`
	case 'd':
		return `DELETE FROM ` + table + ` WHERE false`
	}
	return `TRUNCATE ` + table
}

func TestEveryRoleIsRefusedEveryVerbThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	owner := pool(t, db, tenantstest.Owner)
	names := column(t, owner, tables)
	tried := 0
	for _, role := range runtimeRoles {
		for _, table := range names {
			for _, verb := range []byte("siudt") {
				want := strings.ContainsRune(verbs[role][table], rune(verb))
				var got bool
				word := map[byte]string{'s': "SELECT", 'i': "INSERT", 'u': "UPDATE", 'd': "DELETE", 't': "TRUNCATE"}[verb]
				require.NoError(
					t,
					owner.QueryRow(t.Context(), `SELECT has_table_privilege($1, $2, $3)`, role, table, word).Scan(&got),
				)
				require.Equal(t, want, got, "%s: %s %s", role, word, table)
				tried++
			}
		}
	}
	for _, role := range runtimeRoles { // and what the catalogue says is what happens
		p := pool(t, db, role)
		for _, table := range names {
			for _, verb := range []byte("siudt") {
				if strings.ContainsRune(verbs[role][table], rune(verb)) {
					continue
				}
				_, err := p.Exec(t.Context(), statement(verb, table))
				require.ErrorContains(t, err, "permission denied", "%s: %s", role, statement(verb, table))
			}
		}
		_, err := p.Exec(t.Context(), `CREATE TABLE mine (n int)`)
		require.ErrorContains(t, err, "permission denied", role)
		_, err = p.Exec(t.Context(), `SET ROLE patapay_definer`)
		require.ErrorContains(t, err, "permission denied", role)
	}
	t.Logf("%d verbs of %d roles on %d tables", tried, len(runtimeRoles), len(names))
}

// may is who may call which function, by hand.
var may = map[string]string{
	"accept":                   "ingest",
	"accept_one":               "ingest",
	"accept_hint":              "ingest",
	"accept_stray":             "ingest",
	"accept_variant":           "ingest",
	"account_owner":            "ingest",
	"token_owner":              "ingest",
	"token_owners":             "ingest",
	"log_deliveries":           "ingest",
	"note_delivery_gaps":       "ingest",
	"delivery_gap":             "api",
	"want_truth":               "ingest worker api",
	"request_read":             "worker api",
	"raise_alarm":              "ingest worker api",
	"adopt_strays":             "api",
	"expire_strays":            "worker",
	"expire_exports":           "worker",
	"trim_deliveries":          "worker",
	"schema_version":           "ingest worker api sweeper",
	"due_clinics":              "sweeper",
	"truth_clinics":            "sweeper",
	"keep_event_bodies":        "worker",
	"mark_events":              "worker",
	"mark_events_at":           "worker",
	"mark_events_of":           "worker",
	"app_clinics":              "worker",
	"feed_after":               "api",
	"feed_entries_of":          "api",
	"feed_bounds":              "api",
	"trim_feed":                "worker",
	"note_gateway_shapes":      "worker",
	"endpoints_due":            "api",
	"endpoints_exist":          "api",
	"trim_endpoint_deliveries": "api",
	"feed_place_before":        "api",
}

func TestDefinerFunctionsAreCalledByThoseTheyWereMadeFor(t *testing.T) {
	t.Parallel()
	owner := pool(t, tenantstest.New(t), tenantstest.Owner)
	for _, role := range runtimeRoles {
		short := strings.TrimPrefix(role, "patapay_")
		for name, who := range may {
			var got bool
			require.NoError(
				t,
				owner.QueryRow(
					t.Context(),
					`SELECT has_function_privilege($1, oid, 'EXECUTE') FROM pg_proc WHERE proname = $2`,
					role, name,
				).Scan(&got),
			)
			require.Equal(t, slices.Contains(strings.Fields(who), short), got, "%s: %s", role, name)
		}
	}
}

// A query without a clinic is a bug and not an empty answer.
func TestWithoutAClinicEveryTenantTableRefusesLoudly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	w.deliver(t, clinic, samples.Event("payment_received_pix.real"))
	w.apply(t, clinic)
	for _, role := range []string{tenantstest.Worker, tenantstest.API} {
		p := pool(t, w.db, role)
		for _, table := range []string{"events", "due", "invoices", "records", "connections", "clinic_keys"} {
			if !strings.Contains(verbs[role][table], "s") {
				continue
			}
			_, err := p.Exec(t.Context(), `SELECT * FROM `+table)
			require.ErrorContains(t, err, "app.clinic_id is not set", "%s %s", role, table)
		}
	}
	err := w.api.In(t.Context(), 0, func(*tenants.Tx) error { t.Error("ran"); return nil })
	require.Equal(t, domain.Internal, domain.CodeOf(err))
	err = w.api.In(t.Context(), -1, func(*tenants.Tx) error { t.Error("ran"); return nil })
	require.Equal(t, domain.Internal, domain.CodeOf(err))
}

// inside begins a transaction of a clinic; it is rolled back with the test.
func inside(t *testing.T, p *pgxpool.Pool, clinic domain.ClinicID) pgx.Tx {
	t.Helper()
	tx, err := p.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	_, err = tx.Exec(t.Context(), `SELECT set_config('app.clinic_id', $1, true)`, fmt.Sprint(clinic))
	require.NoError(t, err)
	return tx
}

func TestAForeignClinicFindsAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	w.deliver(t, vida, samples.Event("payment_received_pix.real"))
	w.apply(t, vida)
	for role, tables := range verbs {
		p := pool(t, w.db, role)
		for table, allowed := range tables {
			if slices.Contains(
				[]string{
					"gateway_shapes", "fleet_counted", "fleet_actions", "chain_keys", "peppers", "platform_token_ends", "processes",
				}, table,
			) { // of no clinic, and hidden from each
				continue
			}
			tx := inside(t, p, sorriso)
			if strings.Contains(allowed, "s") {
				var n int
				require.NoError(
					t,
					tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE clinic_id <> $1`, sorriso).Scan(&n),
				)
				require.Zero(t, n, "%s sees %s", role, table)
			}
			for verb, sql := range map[string]string{
				"u": `UPDATE ` + table + ` SET clinic_id = DEFAULT WHERE clinic_id <> $1`,
				"d": `DELETE FROM ` + table + ` WHERE clinic_id <> $1`,
			} {
				if strings.Contains(allowed, verb) && strings.Contains(allowed, "s") {
					tag, err := tx.Exec(t.Context(), sql, sorriso)
					require.NoError(t, err)
					require.Zero(t, tag.RowsAffected(), "%s: %s", role, sql)
				}
			}
			require.NoError(t, tx.Rollback(t.Context()))
		}
	}
	require.Equal(t, domain.NotFound, domain.CodeOf(w.api.In(t.Context(), sorriso, func(tx *tenants.Tx) error {
		_, err := query.InvoiceByAsaasID(tx, "pay_3h08j28ezvwv7s4h")
		return err
	})))
}

// runTables are the tables of which a run's statements read or write rows, by hand.
var runTables = []string{
	"anticipations", "changes", "checkouts", "clinic_heads", "clinic_keys", "clinics", "connections", "due",
	"event_bodies", "events", "expected_payments", "fact_sources", "guard_rounds", "invoice_numbers", "invoices",
	"ledger_entries", "ledger_transactions", "payer_lists", "payers", "records", "truth_wants", "work_items",
}

// The statements of a run stand once for all its clinics. That opens to the worker the rows of these clinics, in these
// tables, and to no other role anything.
func TestTheSetOfARunsClinicsOpensItsRowsToTheWorkerAndNothingToAnyoneElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.applier.Ledger = chain
	clinics := w.neighbours(t, 3)
	for _, clinic := range clinics {
		w.received(t, clinic, "pay_1", "5")
		w.apply(t, clinic)
		w.deliver(t, clinic, samples.Event("payment_created_pix.real"))
	}
	require.Equal(t, runTables, column(t, w.all, `SELECT tablename::text FROM pg_policies
		WHERE qual LIKE '%app_clinics%' AND with_check = qual AND roles = '{patapay_worker}' AND cmd = 'ALL'
		ORDER BY tablename`))
	require.Len(
		t, runTables,
		w.count(t, `SELECT count(*) FROM pg_policies WHERE qual || coalesce(with_check, '') LIKE '%app_clinics%'`),
	)

	ofClinics := column(t, w.all, `SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'clinic_id'`)
	set := fmt.Sprintf("{%d,%d}", clinics[0], clinics[2])
	filled := []string{"due", "events", "event_bodies", "records", "invoices", "ledger_entries"}
	for role, tables := range verbs {
		p := pool(t, w.db, role)
		for table := range tables {
			if !strings.Contains(tables[table], "s") || !slices.Contains(ofClinics, table) {
				continue
			}
			tx := inside(t, p, 0)
			_, err := tx.Exec(t.Context(), `SELECT set_config('app.clinics', $1, true)`, set)
			require.NoError(t, err)
			rows, err := tx.Query(t.Context(), `SELECT DISTINCT clinic_id FROM `+table+` WHERE clinic_id > 0 ORDER BY 1`)
			require.NoError(t, err)
			seen, err := pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
			require.NoError(t, err, table)
			switch opened := role == tenantstest.Worker && slices.Contains(runTables, table); {
			case opened && slices.Contains(filled, table):
				require.Equal(t, []domain.ClinicID{clinics[0], clinics[2]}, seen, table)
			case opened:
				require.NotContains(t, seen, clinics[1], table)
			default:
				require.Empty(t, seen, "%s: %s", role, table)
			}
			require.NoError(t, tx.Rollback(t.Context()))
		}
	}
	for _, role := range []string{tenantstest.Ingest, tenantstest.Sweeper, tenantstest.API} {
		tx := inside(t, pool(t, w.db, role), 0)
		_, err := tx.Exec(t.Context(), `SELECT set_config('app.clinics', '`+set+`', true), app_clinics()`)
		require.ErrorContains(t, err, "permission denied", role)
	}
	tx := inside(t, pool(t, w.db, tenantstest.Worker), 0)
	_, err := tx.Exec(t.Context(), `SELECT set_config('app.clinics', $1, true)`, set)
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		VALUES ($1, 1, 1, gen_random_uuid(), now())`, clinics[1])
	require.ErrorContains(t, err, "row-level security", "a clinic that the run does not hold")
}

func TestARowOfAnotherClinicCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	p := pool(t, w.db, tenantstest.Worker)
	for _, sql := range []string{
		`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) VALUES ($1, 1, 1, gen_random_uuid(), now())`,
		`INSERT INTO truth_wants (clinic_id, kind, entity_id, reason, due_at) VALUES ($1, 'payment', 'p', '', now())`,
		`INSERT INTO audit VALUES ($1, 1, now(), '', '', '', '', '{}', '', '')`,
	} {
		tx := inside(t, p, sorriso)
		_, err := tx.Exec(t.Context(), sql, vida)
		require.ErrorContains(t, err, "row-level security", sql)
		require.NoError(t, tx.Rollback(t.Context()))
	}
}

func TestTwoConnectionsServeAThousandClinicsInTurnAndLeakNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	db, err := tenants.Open(w.db.URL(tenantstest.API), tenants.Options{Name: "reuse", MaxConns: 2, Pooler: w.db.Pooled()})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	var clinics []domain.ClinicID
	for i := range 10 {
		clinics = append(clinics, w.clinic(t, fmt.Sprintf("C%d", i), fmt.Sprintf("acc-%d", i)))
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 250 {
				want := clinics[(worker*7+i)%len(clinics)]
				err := db.In(context.Background(), want, func(tx *tenants.Tx) error {
					c, err := connection.Load(tx)
					if err == nil && c.Account != fmt.Sprintf("acc-%d", slices.Index(clinics, want)) {
						t.Errorf("clinic %d sees account %s", want, c.Account)
					}
					if i%3 == 0 && err == nil {
						err = domain.Errorf(domain.Conflict, "rolled back on purpose")
					}
					return err
				})
				if i%3 != 0 && err != nil || i%3 == 0 && domain.CodeOf(err) != domain.Conflict {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
