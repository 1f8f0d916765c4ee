package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// metric returns the value of a metric, summed over what has the label's value; false where there is none. Of a
// histogram it is the number of observations.
func metric(t *testing.T, r *prometheus.Registry, name, label string) (sum float64, there bool) {
	t.Helper()
	families, err := r.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			has := label == ""
			for _, l := range m.GetLabel() {
				has = has || l.GetValue() == label
			}
			if has {
				there = true
				sum += m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum, there
}

// becomes waits until a metric is above or at most a bound.
func becomes(t *testing.T, r *prometheus.Registry, name, label string, above bool, bound float64) {
	t.Helper()
	tenantstest.Eventually(t, 10*time.Second, name, func() bool {
		value, there := metric(t, r, name, label)
		return there && (value > bound) == above
	})
}

func TestWhatWaitsForAllClinicsIsToldByItsFigureUntilItIsCured(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	do := func(sql string, args ...any) func() {
		return func() {
			w.in(t, func(tx *tenants.Tx) error { return tx.Gorm().Exec(sql, args...).Error })
		}
	}
	long := w.Now().Add(-50 * time.Hour)
	for _, row := range []struct {
		metric      string
		bound       float64
		plant, cure func()
	}{
		{"patapay_monitor_late_seconds", 3600, func() {
			w.in(t, func(tx *tenants.Tx) error { return connection.ScheduleNext(tx, long) })
		}, func() {
			w.in(t, func(tx *tenants.Tx) error { return connection.ScheduleNext(tx, w.Now().Add(time.Hour)) })
		}},
		{
			"patapay_mails_oldest_seconds", 3600,
			do(`INSERT INTO mails (clinic_id, kind, incident, phase, subject, body, created_at, next_at)
				VALUES (?, 'paused', ?, 'opened', 's', 'b', ?, ?)`,
				w.clinic, long, long, long),
			do(`UPDATE mails SET sent_at = ? WHERE clinic_id = ?`, w.Now(), w.clinic),
		},
		{
			"patapay_mails_failing", 0,
			do(`UPDATE mails SET sent_at = NULL, tries = 3 WHERE clinic_id = ?`, w.clinic),
			do(`UPDATE mails SET sent_at = ? WHERE clinic_id = ?`, w.Now(), w.clinic),
		},
		{
			"patapay_comparison_oldest_seconds", 36 * 3600,
			do(`UPDATE connections SET since = ? WHERE clinic_id = ?`, long, w.clinic),
			do(`INSERT INTO certificates (clinic_id, id, from_day, to_day, read, equal, repaired, unexplained, ended_at)
				VALUES (?, gen_random_uuid(), '2026-01-01', '2026-01-02', 0, 0, 0, 0, ?)`, w.clinic, w.Now()),
		},
		{
			"patapay_endpoints_paused", 0,
			do(`INSERT INTO endpoints (clinic_id, endpoint_id, url, description, types, payload, personal, secrets, state,
				reason, state_since, place_seq, next_at, turn_at, created_at, created_by)
				VALUES (?, gen_random_uuid(), 'https://a.example', '', '', 'thin', false, '\x00',
				  'paused', 'failing', ?, 0, ?, ?, ?, 't')`,
				w.clinic, long, long, long, long),
			do(`UPDATE endpoints SET reason = 'by_request' WHERE clinic_id = ?`, w.clinic),
		},
		{
			"patapay_push_refused_oldest_seconds", 86400,
			do(`WITH e AS (UPDATE endpoints SET state = 'active', reason = '', failures = 3, next_at = 'infinity'
				  WHERE clinic_id = ? RETURNING clinic_id, endpoint_id)
				INSERT INTO endpoint_entries (clinic_id, endpoint_id, no, of_clinic, seq,
				  kind, object_id, tries, failed_at, next_at)
				SELECT clinic_id, endpoint_id, 1, clinic_id, 1, 'payment', gen_random_uuid(), 3, ?::timestamptz, 'infinity' FROM e`,
				w.clinic, long),
			do(`DELETE FROM endpoints WHERE clinic_id = ?`, w.clinic),
		},
	} {
		becomes(t, w.Registry, row.metric, "", false, row.bound)
		row.plant()
		becomes(t, w.Registry, row.metric, "", true, row.bound)
		row.cure()
		becomes(t, w.Registry, row.metric, "", false, row.bound)
	}
}

func TestATransactionThatHoldsThePlatformsFeedIsToldByItsFigure(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	owner, err := w.WorkerDB.Pool().Acquire(t.Context())
	require.NoError(t, err)
	defer owner.Release()
	held, err := owner.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = held.Rollback(context.Background()) }()
	_, err = held.Exec(t.Context(), `SELECT pg_current_xact_id()`)
	require.NoError(t, err)
	w.post(t, token, w.forge(t, "payment_created_pix.real", "pay_held"))
	tenantstest.Eventually(t, 10*time.Second, "applied", func() bool { return w.invoice(t, "pay_held").Status != "" })
	w.ahead.Add(int64(10 * time.Minute))
	becomes(t, w.Registry, "patapay_feed_held_seconds", "", true, 300)
	require.NoError(t, held.Rollback(t.Context()))
	becomes(t, w.Registry, "patapay_feed_held_seconds", "", false, 300)
}

// The cause of EventsWait: nobody applies what came.
func TestAnEventThatNobodyAppliesIsToldByItsAgeUntilAWorkerIsThere(t *testing.T) {
	t.Parallel()
	w := newIdleWorld(t)
	w.connect(t, token)
	work := w.open(t)
	w.post(t, token, w.forge(t, "payment_created_pix.real", "pay_waits"))
	becomes(t, w.Registry, "patapay_due_oldest_seconds", "", false, 300)
	w.ahead.Add(int64(10 * time.Minute))
	becomes(t, w.Registry, "patapay_due_oldest_seconds", "", true, 300)
	work()
	becomes(t, w.Registry, "patapay_due_oldest_seconds", "", false, 300)
}

// The cause of AnswersFail: an operation's statement fails.
func TestAnOperationThatFailsIsToldByItsRouteWhileItFails(t *testing.T) {
	t.Parallel()
	w := newIdleWorld(t)
	w.connect(t, token)
	w.open(t)
	reader, err := w.SignService(t.Context(), tenants.Clinic{}, "reader", []string{"invoices:read"}, time.Hour)
	require.NoError(t, err)
	var clinic tenants.Clinic
	w.in(t, func(tx *tenants.Tx) (err error) { clinic, err = tx.Self(); return err })
	owner, err := pgx.Connect(t.Context(), w.base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	ask := func(want int, failed float64) {
		t.Helper()
		url := strings.TrimSuffix(w.url, "/financial/gateway-payments/webhook/asaas")
		code, body := askAPI(t, "GET", url+"/v1/tenants/"+clinic.PublicID.Public("ten")+"/invoices", reader, "")
		require.Equal(t, want, code, body)
		told, _ := metric(t, w.Registry, "patapay_http_answers_total", "500")
		require.Equal(t, failed, told)
	}
	ask(200, 0)
	_, err = owner.Exec(t.Context(), `REVOKE SELECT ON invoices FROM patapay_api`)
	require.NoError(t, err)
	ask(500, 1)
	_, err = owner.Exec(t.Context(), `GRANT SELECT ON invoices TO patapay_api`)
	require.NoError(t, err)
	ask(200, 1)
	_, there := metric(t, w.Registry, "patapay_http_answers_total", "/v1/tenants/:tenant/invoices")
	require.True(t, there, "by the route's template")
}

func TestRedisAwayAndAPoolThatIsWaitedForAreTold(t *testing.T) {
	t.Parallel()
	db := tenantstest.New(t)
	open := func(more ...string) *app.App {
		cfg, err := app.Load(settingsOf(db, more...))
		require.NoError(t, err)
		a, err := app.New(cfg, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		t.Cleanup(a.Close)
		return a
	}
	a := open()
	up, there := metric(t, a.Registry, "patapay_redis_up", "")
	require.True(t, there && up == 1)
	up, there = metric(t, open("REDIS_URL=unix:///nowhere/redis.sock").Registry, "patapay_redis_up", "")
	require.True(t, there && up == 0)
	_, there = metric(t, open("NOTIFICATIONS=off").Registry, "patapay_redis_up", "")
	require.False(t, there, "without Redis it cannot be away")

	var sweeper *tenants.DB
	for _, r := range a.Roles() {
		if r.Name == "sweeper" {
			sweeper = r.DB
		}
	}

	one, err := sweeper.Pool().Acquire(t.Context())
	require.NoError(t, err)
	two, err := sweeper.Pool().Acquire(t.Context())
	require.NoError(t, err)
	defer two.Release()
	used, _ := metric(t, a.Registry, "patapay_pool_connections", "sweeper")
	require.EqualValues(t, 2, used)
	before, _ := metric(t, a.Registry, "patapay_pool_wait_seconds_total", "sweeper")
	got := make(chan error, 1)
	go func() {
		three, err := sweeper.Pool().Acquire(context.WithoutCancel(t.Context()))
		if err == nil {
			three.Release()
		}
		got <- err
	}()
	time.Sleep(50 * time.Millisecond) // the fault is a stretch of time: somebody waits for a connection
	one.Release()
	require.NoError(t, <-got)
	waited, _ := metric(t, a.Registry, "patapay_pool_wait_seconds_total", "sweeper")
	require.Greater(t, waited, before)
}

func TestCallsOfTheGatewayAreCountedByWhatCameOfThem(t *testing.T) {
	t.Parallel()
	sim := simulator.New(simulator.Options{Clock: &programWorld{}, Seed: 3})
	t.Cleanup(sim.Close)
	gate := httptest.NewServer(sim)
	account := sim.AddAccount(accounts.Account{Name: "Vida"})
	calls := map[string]int{}
	ask := func(url string, quota int) {
		client, err := asaasapi.New(asaasapi.Config{
			Simulator: url, Version: "test", Timeout: 2 * time.Second, Quota: quota, BreakAfter: 2,
			Observe: func(c asaasapi.Call) {
				calls[c.Code]++
				require.Equal(t, c.Code == "quota" || c.Code == "breaker", c.Took == 0, c.Code)
			},
		})
		require.NoError(t, err)
		defer client.Close()
		cred := asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(account.Key)}
		_, _ = client.Balance(t.Context(), cred)
		_, _ = client.Balance(t.Context(), cred)
	}
	ask(gate.URL, 1)
	require.Equal(t, map[string]int{"200": 1, "quota": 1}, calls)
	gate.Close()
	clear(calls)
	ask(gate.URL, 0)
	require.Positive(t, calls["none"])
	require.Positive(t, calls["breaker"])
}
