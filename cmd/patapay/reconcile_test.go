package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/simulator/flows"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// reconcile compares the last 30 days with the simulator and returns its report.
func (w *programWorld) reconcile(t *testing.T) (c connection.ReconciliationReport) {
	t.Helper()
	s, err := w.APIServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var clinic tenants.Clinic
	err = w.APIDB.In(t.Context(), w.clinic, func(tx *tenants.Tx) (err error) { clinic, err = tx.Self(); return err })
	if err != nil {
		t.Fatal(err)
	}
	any := connect.Precondition{
		Match: func(int) error { return nil },
		Audit: func(*tenants.Tx, connection.Connection) error { return nil },
	}
	op, err := s.Connector.Reconcile(t.Context(), clinic, 90, any)
	if err != nil {
		t.Fatal(err)
	}
	tenantstest.Eventually(t, 3*time.Minute, "the comparison's end", func() bool {
		o, err := w.APIDB.Operation(context.Background(), op.ID)
		if err == nil && o.State == "failed" {
			t.Fatalf("%s: %+v", o.Code, o.Steps)
		}
		return err == nil && o.State == "done"
	})
	err = w.APIDB.In(t.Context(), w.clinic, func(tx *tenants.Tx) error {
		list, err := connection.ReconciliationReports(tx, 1)
		if err == nil {
			c = list[0]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatNoEventToldIsFoundAndTheSecondComparisonRepairsNothing(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	var payments []string
	for _, flow := range flows.All() {
		payments = append(payments, w.play(t, flow).Payments...)
	}
	customer := w.atGateway(t, "/v3/customers", `{"name":"Ana","cpfCnpj":"24971563792"}`)
	pending := w.atGateway(
		t,
		"/v3/payments",
		`{"customer":"`+customer+`","billingType":"PIX","value":50,"dueDate":"`+w.Now().AddDate(
			0,
			0,
			5,
		).Format(
			time.DateOnly,
		)+`"}`,
	)
	first := w.reconcile(t)
	if len(payments) == 0 || first.Read < len(payments)/2 || first.Repaired != first.Read || first.Equal != 0 ||
		first.Unexplained != 0 {
		t.Errorf("%d payments nobody told of: %+v", len(payments), first)
	}
	for _, id := range payments {
		at, err := w.GatewayClient.Payment(
			t.Context(),
			asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(w.account.Key)},
			id,
		)
		if err != nil {
			t.Fatal(err)
		}
		gone := strings.Contains(string(at.Body), `"deleted":true`) // the lists leave deleted ones out
		if i := w.invoice(t, id); i.RawStatus == "" && !gone {
			t.Errorf("%s was not read back", id)
		}
	}
	second := w.reconcile(t)
	if second.Repaired != 0 || second.Unexplained != 0 || second.Equal != second.Read || second.Read < first.Read {
		t.Errorf("again: %+v", second)
	}
	w.missOnePayment(t, pending)
}

// atGateway makes a change at the gateway, of which nobody is told, and returns the object's id.
func (w *programWorld) atGateway(t *testing.T, path, body string) string {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("access_token", w.account.Key)
	answer := httptest.NewRecorder()
	w.sim.ServeHTTP(answer, r)
	var made struct{ ID string }
	if err := json.Unmarshal(answer.Body.Bytes(), &made); err != nil || answer.Code != 200 {
		t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	return made.ID
}

// missOnePayment pays a pending charge behind our back and expects the next night to find it,
// once, however many processes try.
func (w *programWorld) missOnePayment(t *testing.T, payment string) {
	t.Helper()
	w.atGateway(t, "/v3/sandbox/payment/"+payment+"/confirm", `{}`)
	night := time.Date(w.Now().Year(), w.Now().Month(), w.Now().Day()+1, 5, 0, 0, 0, time.UTC) // 2 h in São Paulo
	w.ahead.Add(int64(night.Sub(w.Now())))
	s, err := w.APIServer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.in(t, func(tx *tenants.Tx) error { return connection.Backfilled(tx, w.Now()) })
	for turn, want := range []int{1, 0} {
		if checked, err := s.Connector.Monitor(t.Context()); err != nil || checked != want {
			t.Fatalf("turn %d: %d clinics, %v", turn, checked, err)
		}
	}
	var list []connection.ReconciliationReport
	err = w.APIDB.In(
		t.Context(),
		w.clinic,
		func(tx *tenants.Tx) (err error) { list, err = connection.ReconciliationReports(tx, 10); return err },
	)
	if err != nil || len(list) != 3 || list[0].Repaired < 1 || list[0].Unexplained != 0 {
		t.Errorf("%v: the night found %+v", err, list)
	}
	if i := w.invoice(t, payment); i.RawStatus == "PENDING" {
		t.Error("the missed payment is unpaid still")
	}
}

// in runs fn inside the world's clinic.
func (w *programWorld) in(t *testing.T, fn func(*tenants.Tx) error) {
	t.Helper()
	if err := w.APIDB.In(t.Context(), w.clinic, fn); err != nil {
		t.Fatal(err)
	}
}

// The cause of DifferencesWithAsaas: something of ours, here a trigger, keeps an invoice from becoming what Asaas says.
func TestADifferenceThatNoReadExplainsIsAnAlarmUntilAComparisonFindsNone(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	owner, err := pgx.Connect(t.Context(), w.base.URL(tenantstest.Owner))
	require.NoError(t, err)
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	compare := func(sql string, unexplained bool) {
		t.Helper()
		_, err := owner.Exec(t.Context(), sql)
		require.NoError(t, err)
		cert := w.reconcile(t)
		require.Equal(t, unexplained, cert.Unexplained > 0, "%+v", cert)
		open, _ := metric(t, w.Registry, "patapay_alarms_open", string(domain.AlarmDifferences))
		require.Equal(t, unexplained, open > 0)
	}
	w.play(t, flows.All()[0])
	compare(`CREATE FUNCTION mistaken() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN NEW.state := replace(NEW.state::text, ''RECEIVED'', ''MISTAKEN'')::json; RETURN NEW; END';
		CREATE TRIGGER mistaken BEFORE INSERT OR UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION mistaken()`, true)
	compare(`DROP TRIGGER mistaken ON invoices`, false)
}
