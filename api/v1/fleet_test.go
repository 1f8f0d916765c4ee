package v1_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/auth"
	v1 "patapay/api/v1"
	resource "patapay/api/v1/fleet"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/fleet"
	"patapay/tenants/tenantstest"
)

// counts has the fleet counted as a worker does each quarter of a minute.
func (w *readWorld) countFleet(t *testing.T) {
	t.Helper()
	_, err := fleet.Count(w.worker, t.Context(), w.now)
	require.NoError(t, err)
}

func namesOf(a reply) (names []any) {
	for _, row := range a.data() {
		names = append(names, row["name"])
	}
	return names
}

// console reads /v1/ops as a person of the platform's support.
func (w *readWorld) console(t *testing.T) *reader {
	t.Helper()
	r := w.operator(t, tenants.Clinic{}, auth.RoleSupport)
	r.base = "/v1/ops"
	return r
}

func TestTheFleetShowsWhatIsWrongWithEachClinicAndFindsIt(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	calm, paused, stuck, dead := w.clinic(t, "Calma"), w.clinic(t, "Pausada"), w.clinic(t, "Parada"), w.clinic(t, "Morta")
	w.exec(
		t,
		`UPDATE connections SET state = 'paused', loss_at = $2 WHERE clinic_id = $1`,
		paused.ID,
		w.now.Add(72*time.Hour),
	)
	w.store(t, stuck, samples.Event("payment_received_pix_extra_attributes.made"))
	keys := w.store(t, dead, samples.Event("payment_received_pix_extra_attributes.made"))
	w.exec(t, `UPDATE events SET outcome = 'dead' WHERE clinic_id = $1`, dead.ID)
	w.exec(t, `UPDATE due SET next_at = 'infinity', last_error = 'poison', tries = 5 WHERE clinic_id = $1`, dead.ID)
	w.exec(
		t,
		`INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
		VALUES ($1, 'dead_letters', $2, $2, 'x'), (0, 'old_events', $2, $2, 'x')`,
		dead.ID,
		w.now,
	)
	require.Len(t, keys, 1)

	r := w.console(t)
	require.Equal(t, []any{"Pausada"}, namesOf(r.ok("/fleet?concern=loss")), "a loss is known before anything is counted")
	require.Empty(t, r.ok("/fleet?concern=waiting").data())
	require.Nil(t, r.ok("/overview").body["countedAt"])
	w.countFleet(t)

	first := r.ok("/fleet").data()[0]
	require.Equal(
		t,
		[]any{"Pausada", "paused", "2026-11-25T12:00:00Z", "active"},
		[]any{first["name"], first["connection"], first["lossAt"], first["state"]},
	)
	require.Equal(t, []any{"Parada"}, namesOf(r.ok("/fleet?concern=waiting")))
	require.Equal(t, "Parada", namesOf(r.ok("/fleet?sort=oldestWaiting"))[0])
	require.Equal(t, []any{"Morta"}, namesOf(r.ok("/fleet?concern=dead")))
	require.Equal(t, "Morta", namesOf(r.ok("/fleet?sort=-alarms"))[0])
	require.Equal(t, []any{"Calma", "Morta", "Parada", "Pausada"}, namesOf(r.ok("/fleet?sort=name")))
	require.Equal(t, []any{"Pausada"}, namesOf(r.ok("/fleet?connection=paused,silent")))
	require.Equal(t, []any{"Parada", "Pausada"}, namesOf(r.ok("/fleet?sort=name&q=PA")))
	require.Equal(t, []any{"Calma"}, namesOf(r.ok("/fleet?q="+calm.PublicID.Public("ten"))))
	require.Empty(t, r.ok("/fleet?q=%25").data(), "a sign of patterns is a sign")
	page := r.ok("/fleet?sort=name&limit=3&include=count")
	require.EqualValues(t, 4, page.body["count"].(map[string]any)["total"])
	require.Equal(t, []any{"Pausada"}, namesOf(r.ok("/fleet"+linked(t, page, "next"))))

	o := r.ok("/overview").body
	require.Equal(
		t,
		[]any{map[string]any{"connection": "active", "clinics": 3.0}, map[string]any{"connection": "paused", "clinics": 1.0}},
		o["connections"],
	)
	counts := o["counts"].(map[string]any)
	require.Equal(
		t,
		[]any{1.0, 1.0, 1.0, 1.0, 1.0},
		[]any{o["losing"], o["waiting"], counts["deadEvents"], counts["openAlarms"], o["platformAlarms"]},
	)
	require.Equal(
		t,
		[]any{"2026-11-25T12:00:00Z", "2026-11-22T12:00:00Z", nil},
		[]any{o["soonestLossAt"], o["countedAt"], o["queues"]},
	)

	w.exec(t, `UPDATE clinics SET state = 'suspended' WHERE clinic_id = $1`, calm.ID)
	w.exec(t, `UPDATE clinics SET state = 'deleted' WHERE clinic_id = $1`, stuck.ID)
	require.Equal(t, []any{"Calma"}, namesOf(r.ok("/fleet?state=suspended")))
	require.EqualValues(t, 1, r.ok("/overview").body["suspended"])
	require.Equal(t, []any{"Calma", "Morta", "Pausada"}, namesOf(r.ok("/fleet?sort=name")))
	for _, path := range []string{"/v1/ops/fleet", "/v1/ops/overview", "/v1/ops/operations", "/v1/ops/unclaimed"} {
		require.Equal(t, 403, w.as(t, dead, auth.RoleAdmin).get(path).status, path)
	}
}

// Ten thousand clinics are sorted by an index, and a page of them is one statement beside its transaction's own.
func TestAPageOfTenThousandClinicsIsOneReadOfOneIndex(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	w.exec(
		t,
		`INSERT INTO fleet (clinic_id, public_id, name, sandbox, state, loss_at, waiting_since, compared_at, dead, alarms)
		SELECT n, gen_random_uuid(), 'Clínica ' || n, false, 'active',
		  CASE WHEN n % 10 = 0 THEN $1::timestamptz + n * interval '1 second' END,
		  CASE WHEN n % 7 = 0 THEN $1::timestamptz - n * interval '1 second' END,
		  $1::timestamptz - n * interval '1 minute', n % 5, n % 3
		FROM generate_series(1, 10000) n`,
		w.now,
	)
	w.exec(t, `ANALYZE fleet`)
	for _, sort := range []string{
		"loss", "-loss", "oldestWaiting", "comparedAt", "name", "-name", "-dead", "-alarms", "quota", "-quota",
	} {
		var plan []string
		require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) (err error) {
			plan, err = fleet.Explain(tx, fleet.Filter{}, tenants.Page{Sort: sort})
			return err
		}))
		text := strings.Join(plan, "\n")
		require.Contains(t, text, "using fleet_", sort)
		require.NotContains(t, text, "Seq Scan", sort)
		require.NotContains(t, text, "Sort Key", sort)
	}

	counter, address := counted(t, w.base.Direct(tenantstest.API))
	db, err := tenants.Open(address, tenants.Options{Name: "fleet", MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	direct := w.api
	w.api = db
	w.serve(t, nil)
	w.api = direct
	r := w.console(t)
	first := r.ok("/fleet?sort=loss")
	before := counter.Load()
	require.Equal(t, "Clínica 260", namesOf(r.ok("/fleet" + linked(t, first, "next")))[0])
	took := counter.Load() - before
	const frame = 2 // begin with its scope, commit
	require.LessOrEqual(t, took, int64(3+frame))
	require.Greater(t, took, int64(frame), "the counter counts")
}

func TestAnOverviewStandsWhileItsQueuesCannotBeRead(t *testing.T) {
	t.Parallel()
	var fails error
	w := newReadWorld(t, func(s *v1.Server, _ *readWorld) {
		s.Queues = func(context.Context) ([]resource.Queue, error) {
			return []resource.Queue{{Name: "operations", Waiting: 3, LatencyMs: 40}}, fails
		}
	})
	r := w.console(t)
	require.Equal(t, []any{map[string]any{
		"name": "operations", "waiting": 3.0, "active": 0.0, "retrying": 0.0, "givenUp": 0.0, "latencyMs": 40.0,
	}}, r.ok("/overview").body["queues"])
	fails = errors.New("redis is away")
	require.Equal(t, true, r.ok("/overview").body["queuesUnread"])
}

func TestLongWorkAndUnclaimedDeliveriesOfAllClinicsAreListed(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.exec(t, `INSERT INTO operations (clinic_id, id, kind, state, steps, code, created_at, updated_at) VALUES
		($1, gen_random_uuid(), 'connection.reconcile', 'running',
		  '[{"name":"x","state":"done","detail":"segredo"}]', '', $2, $2),
		($1, gen_random_uuid(), 'export', 'failed', '[]', 'interrupted', $2, $2)`, c.ID, w.now)
	w.exec(
		t,
		`INSERT INTO strays (account_id, body_hash, received_at, type, kind, entity_id, source_ip, sealed)
		VALUES ('a', '\x01', $1, 'PAYMENT_RECEIVED', 'payment', 'pay_1', '203.0.113.7', '\x02')`,
		w.now,
	)
	r := w.console(t)
	running := r.ok("/operations?state=running")
	require.Len(t, running.data(), 1)
	require.Equal(
		t,
		[]any{"Vida", 1.0, 3.0},
		[]any{running.data()[0]["tenantName"], running.data()[0]["progress"], running.data()[0]["total"]},
	)
	require.NotContains(t, running.text, "segredo")
	require.Equal(t, "interrupted", r.ok("/operations?state=failed").data()[0]["code"])
	require.Equal(
		t,
		[]map[string]any{{"receivedAt": "2026-11-22T12:00:00Z", "event": "PAYMENT_RECEIVED", "source": "203.0.113.7"}},
		r.ok("/unclaimed").data(),
	)
	require.EqualValues(t, 1, r.ok("/overview").body["unclaimedDeliveries"])
}

// A clinic sees each access of an operator in its own audit log; the platform's log
// holds what was done to the platform.
func TestThePlatformsAuditLogIsItsOwn(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	r := w.console(t)
	require.Empty(t, r.ok("/audit").data())
	require.Equal(t, 403, r.get("/v1/tenants/"+c.PublicID.Public("ten")+"/invoices").status, "no reason, no data")
	require.Equal(t, 403, w.as(t, c, auth.RoleAdmin).get("/v1/ops/audit").status)
	require.NoError(t, w.api.Platform(t.Context(), func(tx *tenants.Tx) error {
		return tx.Audit(
			w.chain,
			tenants.AuditEntry{
				At:      w.now,
				Actor:   "usr_x",
				Role:    "support",
				Action:  "operator.look",
				Subject: "platform",
				Source:  "::1",
			},
		)
	}))
	require.Equal(t, "operator.look", r.ok("/audit").data()[0]["action"])
	require.Empty(t, w.as(t, c, auth.RoleAdmin).ok("/audit").data())
}
