package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/exports"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// longField is the real program with a simulated gateway, and one clinic that it is to
// import.
type longField struct {
	*field
	app     *app.App // reads and asks, as an API process does; it works on nothing
	clinic  tenants.Clinic
	held    atomic.Bool   // the gateway's lists hang
	away    atomic.Bool   // the gateway answers 503, so no snapshot changes what a test counts
	hanging chan struct{} // a token for each request that hangs
	whole   *longField    // of a subtest: the field that it is a part of
}

func newLongField(t *testing.T, notifications string) *longField {
	t.Helper()
	f := &longField{field: newField(t, notifications, 0), hanging: make(chan struct{}, 100)}
	sim := simulator.New(simulator.Options{Seed: 11})
	t.Cleanup(sim.Close)
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.held.Load() && strings.HasSuffix(r.URL.Path, "/payments") &&
			r.URL.Query().Get("limit") != "1" { // no probe of a permission
			f.hanging <- struct{}{}
			<-r.Context().Done()
			return
		}
		if f.away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(gate.Close)
	f.env = append(f.env, "ASAAS_SIMULATOR_URL="+gate.URL)
	account := sim.AddAccount(accounts.Account{Name: "Clínica Vida"})
	for range 2 {
		for _, flow := range flows.All() {
			_, err := sim.Play(account.ID, flow, flows.Variation{})
			require.NoError(t, err)
		}
	}
	cfg, err := app.Load(f.env)
	require.NoError(t, err)
	f.app, err = app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(f.app.Close)
	now := time.Now().UTC()
	f.clinic, _, err = f.app.APIDB.AddClinic(t.Context(), tenants.Clinic{Name: "Vida", Sandbox: true}, f.app.Vault, now)
	require.NoError(t, err)
	f.in(func(tx *tenants.Tx) error {
		made := connection.Connection{
			PublicID:    tenants.NewID(now),
			Environment: domain.Sandbox,
			Account:     account.ID,
			State:       "active",
			Since:       now,
			Confirm:     true,
			Version:     1,
		}
		return connection.Save(tx, made, vault.NewSecret(account.Key), f.app.Vault, now)
	})
	return f
}

func (f *longField) in(fn func(*tenants.Tx) error) {
	f.t.Helper()
	require.NoError(f.t, f.app.APIDB.In(f.t.Context(), f.clinic.ID, fn))
}

// operation returns the clinic's newest operation of a kind; the zero one: none yet.
func (f *longField) operation(kind domain.OperationKind) (found tenants.Operation) {
	f.t.Helper()
	f.in(func(tx *tenants.Tx) error {
		list, err := tx.Operations(20)
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Kind == kind {
				found = list[i]
			}
		}
		return err
	})
	return found
}

// killed lets a worker die at a point of an operation, and another one do the rest.
func (f *longField) killed(kind domain.OperationKind, point string) tenants.Operation {
	f.t.Helper()
	doomed := f.start("work", "PATAPAY_CRASH_AT="+point)
	tenantstest.Eventually(f.t, time.Minute, "the worker dies at "+point, doomed.ended)
	left := f.operation(kind)
	require.Equal(f.t, "running", left.State)
	require.Len(f.t, left.Steps, 1, "it was killed behind its first step: %+v", left.Steps)
	if !waitForLease {
		f.exec(`UPDATE operations SET lease_until = now() WHERE state = 'running'`)
	}
	next := f.start("work")
	tenantstest.Eventually(
		f.t,
		time.Minute+longerWork,
		"another worker ends it",
		func() bool { return f.operation(kind).State != "running" },
	)
	o := f.operation(kind)
	require.Equal(f.t, "done", o.State, "%+v", o)
	require.Equal(f.t, left.ID, o.ID)
	require.Equal(f.t, left.Steps[0], o.Steps[0], "what was done is not done again")
	tenantstest.Eventually(
		f.t,
		time.Minute,
		"what it stored is applied",
		func() bool { return f.number(`SELECT count(*) FROM due`) == 0 },
	)
	next.kill()
	return o
}

func TestFaultLongWorkWhoseProcessIsKilledEndsOnceInAnother(t *testing.T) {
	for _, notifications := range longWorkNotifications {
		t.Run("notifications "+notifications, func(t *testing.T) {
			f := newLongField(t, notifications)
			t.Run("backfill", f.killedBackfill)
			t.Run("replay", f.killedReplay)
			t.Run("export", f.killedExport)
		})
	}
}

func (f *longField) on(t *testing.T) *longField {
	inner := *f.field
	inner.t = t
	return &longField{field: &inner, app: f.app, clinic: f.clinic, hanging: f.hanging, whole: f}
}

func (f *longField) killedBackfill(t *testing.T) {
	f = f.on(t)
	o := f.killed(domain.OperationBackfill, "backfill-window")
	require.Len(t, o.Steps, 6)
	var certs []connection.ReconciliationReport
	f.in(func(tx *tenants.Tx) (err error) { certs, err = connection.ReconciliationReports(tx, 5); return err })
	require.Len(t, certs, 1)
	require.Zero(t, certs[0].Unexplained)
	require.Equal(
		t,
		certs[0].Read,
		f.number(`SELECT (SELECT count(*) FROM invoices) + (SELECT count(*) FROM anticipations)`),
	)
	require.Equal(t, 1, f.number(`SELECT count(*) FROM guard_rounds WHERE backfilled_at IS NOT NULL`))
}

// gatewayAway lets the gateway answer nothing until t ends: an answer that comes meanwhile changes objects, and a
// replay that folds them next counts those too.
func (f *longField) gatewayAway(t *testing.T) {
	f.whole.away.Store(true)
	t.Cleanup(func() { f.whole.away.Store(false) })
}

func (f *longField) killedReplay(t *testing.T) {
	f = f.on(t)
	f.gatewayAway(t)
	var keys []domain.EventKey
	f.in(func(tx *tenants.Tx) error {
		found, _, err := query.EventKeys(tx, query.EventFilter{}, apply.ReplayMost)
		keys = found
		return err
	})
	require.Greater(t, len(keys), 60, "more than one chunk")
	f.exec(
		`UPDATE invoices SET status = 'unknown',
		  state = replace(state::text, '"Status":"received"', '"Status":"pending"')::json WHERE status = 'received'`,
	)
	spoilt := f.number(`SELECT count(*) FROM invoices WHERE status = 'unknown'`)
	require.Positive(t, spoilt)
	o, err := apply.NewReplay(f.clinic, keys, time.Now().UTC())
	require.NoError(t, err)
	f.in(func(tx *tenants.Tx) error { return tx.StartOperation(o) })
	o = f.killed(domain.OperationReplay, "replay-chunk")
	require.Len(t, o.Steps, o.Total)
	require.JSONEq(
		t,
		string(must(json.Marshal(map[string]int{"events": len(keys), "changes": spoilt, "failed": 0}))),
		string(o.Result),
		"each event once, each change counted once",
	)
	require.Zero(t, f.number(`SELECT count(*) FROM invoices WHERE status = 'unknown'`))
	require.Zero(t, f.number(`SELECT count(*) FROM due`))
}

func (f *longField) killedExport(t *testing.T) {
	f = f.on(t)
	f.exec(
		`INSERT INTO invoices (clinic_id, id, asaas_id, status, asaas_status, method, value, due_date,
		  state, version, created_at, updated_at)
		SELECT clinic_id, gen_random_uuid(), 'pay_many_' || n, status, asaas_status, method, value,
		  due_date, state, version, created_at, updated_at
		FROM (SELECT * FROM invoices LIMIT 1) i, generate_series(1, $1) n`,
		exportedRows,
	)
	rows := f.number(`SELECT count(*) FROM invoices`)
	now := time.Now().UTC()
	e := tenants.Export{
		ID:        tenants.NewID(now),
		Kind:      "invoices",
		Filter:    json.RawMessage("{}"),
		By:        "a test",
		CreatedAt: now,
		EndsAt:    now.Add(tenants.ExportLife),
	}
	o := tenants.Operation{ID: e.ID, Kind: domain.OperationExport, State: "running", CreatedAt: now, UpdatedAt: now}
	request := exports.Request{Invoices: exports.InvoicesOf(query.InvoiceFilter{})}
	f.in(func(tx *tenants.Tx) error {
		size, parts, _, err := exports.Length(tx, request)
		if err != nil {
			return err
		}
		o.Total = parts
		if o.Input, err = exports.Input(tx, f.app.Vault, e.ID, request, size); err != nil {
			return err
		}
		return errors.Join(tx.AddExport(e), tx.StartOperation(o))
	})
	o = f.killed(domain.OperationExport, "export-part")
	require.Len(t, o.Steps, o.Total)
	text := f.file(e.ID)
	text, marked := strings.CutPrefix(text, "\ufeff")
	require.True(t, marked)
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma = ';'
	all, err := lines.ReadAll()
	require.NoError(t, err)
	require.Equal(t, "Vencimento", all[0][0])
	ids := map[string]bool{}
	for _, line := range all[1:] {
		ids[line[12]] = true
	}
	require.Len(t, all, rows+1, "one heading and each row")
	require.Len(t, ids, rows, "each row once")
}

// file returns a whole file.
func (f *longField) file(id domain.UUID) string {
	f.t.Helper()
	var out bytes.Buffer
	var e tenants.Export
	f.in(func(tx *tenants.Tx) (err error) { e, err = tx.Export(id, time.Now()); return err })
	require.True(f.t, e.Done)
	for n := 1; n <= e.Parts; n++ {
		f.in(func(tx *tenants.Tx) error {
			part, err := tx.ExportPart(f.app.Vault, e, n)
			_, _ = io.Copy(&out, bytes.NewReader(part))
			return err
		})
	}
	return out.String()
}

// A deployment waits for no long work: a worker gives it back, and an API process has none.
func TestFaultAProcessThatIsToldToEndGivesItsLongWorkBackAtOnce(t *testing.T) {
	f := newLongField(t, "on")
	f.held.Store(true)
	api, worker := f.start("serve"), f.start("work")
	<-f.hanging // the import is under way, and would wait for the gateway
	for _, p := range []*program{api, worker} {
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		tenantstest.Eventually(t, time.Minute, "it ends", p.ended)
		require.Zero(t, p.cmd.ProcessState.ExitCode(), "within its grace: %s", p.out.String())
	}
	require.Equal(t, "running", f.operation(domain.OperationBackfill).State)
	require.Equal(
		t,
		1,
		f.number(`SELECT count(*) FROM operations WHERE holder IS NULL AND lease_until <= now() AND attempts = 0`),
		"free for the next process at once",
	)
	f.held.Store(false)
	f.start("work")
	tenantstest.Eventually(
		t,
		time.Minute,
		"the next one does it",
		func() bool { return f.operation(domain.OperationBackfill).State == "done" },
	)
}

// exec changes the whole database as its owner.
func (f *longField) exec(query string, args ...any) {
	f.t.Helper()
	require.NoError(f.t, f.change(context.Background(), query, args...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
