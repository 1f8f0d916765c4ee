package tenants_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/fleet"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// keys are the columns by which a hot statement finds the rows of a table: one of the lists, whole. Tables that are
// not here have a row a clinic.
var keys = map[string][]string{
	"events":              {"environment seq id_hash"},
	"event_bodies":        {"seq id_hash received_at"},
	"due":                 {"next_at", "clinic_id >"},
	"records":             {"kind entity_id"},
	"invoices":            {"asaas_id"},
	"checkouts":           {"asaas_id"},
	"anticipations":       {"asaas_id"},
	"truth_wants":         {"entity_id"},
	"ledger_transactions": {"subject", "no ="},
	"ledger_entries":      {"no ="},
	"webhook_tokens":      {"digest"},
	"work_items":          {"clinic_id"}, // what people must look at: few, whatever the clinic sells
}

// fewRows are tables with a row a clinic, or a few.
const fewRows = " feed_epoch clinics connections fleet clinic_heads clinic_keys guard_rounds payer_lists pg_class "

// badSteps returns the steps of the plans that read more than they are asked for.
func badSteps(plans []tenantstest.Plan) (bad []string, seen map[string]bool) {
	seen = map[string]bool{}
	for _, p := range plans {
		p.Root.Each(func(n tenantstest.Node) {
			if n.Relation == "" || n.Type == "ModifyTable" || n.Type == "Tid Scan" {
				return
			}
			table := n.Relation
			if strings.HasPrefix(table, "event_bodies_") {
				table = "event_bodies"
			}
			seen[table] = true
			if !byKey(table, n.IndexCond) && !strings.Contains(fewRows, " "+table+" ") &&
				!(table == "due" && n.Index == "due_pkey" && n.Type == "Index Only Scan") {
				bad = append(
					bad,
					fmt.Sprintf(
						"%s of %s by %s%s, leaving out %s, in %.60q", n.Type, n.Relation, n.Index, n.IndexCond,
						n.Filter, p.Query,
					),
				)
			}
		})
	}
	return bad, seen
}

func byKey(table, cond string) bool {
	for _, list := range keys[table] {
		whole := true
		for _, column := range strings.Fields(list) {
			whole = whole && strings.Contains(cond, column)
		}
		if whole {
			return true
		}
	}
	return false
}

// Planned on a database in which nothing had been counted yet, the apply transaction read all invoices and all events
// of the clinic for each event: a first import took longer with the square of what it brought.
func TestHotStatementsFindTheirRowsByKeyOnAnEmptyAndOnALargeDatabase(t *testing.T) {
	t.Parallel()
	for _, events := range []int{0, 20_000} {
		t.Run(fmt.Sprint(events), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			clinic := w.clinic(t, "Vida", "acc-1")
			if events > 0 {
				fillEvents(t, w.db, events)
			}
			open := func(role string) (*tenantstest.Wire, *tenants.DB) {
				w.db.TellPlans(t, role)
				wire, url := w.db.Tap(t, role)
				db, err := tenants.Open(url, tenants.Options{Name: "plans", MaxConns: 1})
				require.NoError(t, err)
				t.Cleanup(db.Close)
				return wire, db
			}
			workerWire, worker := open(tenantstest.Worker)
			ingestWire, ingest := open(tenantstest.Ingest)
			sweeperWire, sweeper := open(tenantstest.Sweeper)
			w.applier.DB, w.inbox = worker, inbox.NewInbox(ingest, 0)
			t.Cleanup(w.inbox.Close)

			due := w.apply(t, clinic).Rows // of those that were there
			for _, name := range []string{
				"payment_created_pix.real", "payment_received_pix.real",
				"checkout_paid_pix.real", "receivable_anticipation_credited.doc",
			} {
				require.Equal(t, inbox.New, w.deliver(t, clinic, samples.Event(name)))
			}
			require.Equal(t, inbox.Same, w.deliver(t, clinic, samples.Event("checkout_paid_pix.real")))
			resolver := inbox.NewTokenResolver(
				ingest,
				w.vault,
				vault.Peppers{make([]byte, 32)},
				func() time.Time { return w.now },
			)
			_, err := resolver.ByToken(t.Context(), "nobody's", true)
			require.Error(t, err)
			clinics, err := apply.DueClinics(sweeper, t.Context(), w.now, 10)
			require.NoError(t, err)
			require.NotEmpty(t, clinics)
			require.Equal(t, 4, w.apply(t, clinic).Rows, "beside %d", due)
			w.deliver(t, clinic, samples.Event("payment_received_boleto_viewed.real"))
			require.Equal(t, 1, w.apply(t, clinic).Rows)
			shared := []domain.ClinicID{clinic, w.clinic(t, "Sorriso", "acc-2"), w.clinic(t, "Alegria", "acc-3")}
			for _, one := range shared {
				for _, name := range []string{
					"payment_received_pix.real", "receivable_anticipation_credited.doc", "checkout_paid_pix.real",
				} {
					w.deliver(t, one, edited(t, name, `"evt_`, `"evt_shared`))
				}
			}
			for _, r := range w.applier.RunShared(t.Context(), shared) {
				require.NoError(t, r.Err)
				require.Equal(t, 3, r.Report.Rows)
			}

			var plans []tenantstest.Plan
			for _, wire := range []*tenantstest.Wire{workerWire, ingestWire, sweeperWire} {
				_, some := wire.Reset()
				require.NotEmpty(t, some)
				plans = append(plans, some...)
			}
			bad, seen := badSteps(plans)
			require.Empty(t, strings.Join(bad, "\n"))
			for table := range keys {
				require.True(t, seen[table], "no plan of %s was seen", table)
			}
		})
	}
}

// The count of the fleet joined all that waits to its events for each clinic, beside a backlog
// for longer than its applying took.
func TestTheFleetIsCountedByKeyBesideABacklog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clinic(t, "Vida", "acc-1")
	fillEvents(t, w.db, 4_000)
	_, err := w.all.Exec(t.Context(), `INSERT INTO due (clinic_id, environment, tries, seq, id_hash, next_at)
		SELECT 1 + seq % 21, environment, 0, seq, id_hash, received_at FROM events ON CONFLICT DO NOTHING`)
	require.NoError(t, err)
	_, err = w.all.Exec(t.Context(), `UPDATE events SET clinic_id = 1 + seq % 21; ANALYZE`)
	require.NoError(t, err)
	w.db.TellPlans(t, tenantstest.Worker)
	wire, url := w.db.Tap(t, tenantstest.Worker)
	db, err := tenants.Open(url, tenants.Options{Name: "plans", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	for range 2 {
		_, err = fleet.Count(db, t.Context(), w.now)
		require.NoError(t, err)
		_, plans := wire.Reset()
		bad, seen := badSteps(plans)
		require.True(t, seen["due"] && seen["events"])
		for _, step := range bad {
			require.NotRegexp(t, ` of events by | of due by [^d]| of due by due_pkey`, step)
		}
	}
}

// A minute is a range of what each clinic received, not a read of all that it ever did.
func TestAMinuteOfTheServiceIsCountedByWhenItsEventsWereReceived(t *testing.T) {
	t.Parallel()
	for _, events := range []int{0, 4_000} {
		w := newWorld(t)
		w.clinic(t, "Vida", "acc-1")
		if events > 0 {
			fillEvents(t, w.db, events)
		}
		w.db.TellPlans(t, tenantstest.Worker)
		wire, url := w.db.Tap(t, tenantstest.Worker)
		db, err := tenants.Open(url, tenants.Options{Name: "plans", MaxConns: 1})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		minutes, err := fleet.CountMinutes(db, t.Context(), w.now)
		require.NoError(t, err)
		require.Equal(t, 1, minutes)
		_, plans := wire.Reset()
		looks := 0
		for _, p := range plans {
			p.Root.Each(func(n tenantstest.Node) {
				if n.Relation == "events" {
					looks++
					require.Contains(t, n.IndexCond, "received_at >=", "%s by %s", n.Type, n.Index)
				}
			})
		}
		require.Positive(t, looks)
	}
}
