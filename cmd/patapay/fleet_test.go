package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas/simulator/webhooks"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// arrived waits until everything is delivered and applied, and expects no queue paused, each
// event that was told and not lost stored once, and none dead.
func (f *fleet) arrived(lossFree bool) (lost int) {
	f.t.Helper()
	f.until(f.Now().Add(8 * time.Hour)) // the last attempts
	told := 0
	for _, a := range f.sim.State().Accounts {
		for _, h := range a.Webhooks {
			told, lost = told+h.Told, lost+h.Lost
			if h.Interrupted || h.Waiting > 0 || !h.Enabled {
				f.t.Errorf("%s: %+v", a.Name, h)
			}
		}
	}
	if lossFree && lost > 0 {
		f.t.Errorf("%d events were lost", lost)
	}
	tenantstest.Eventually(
		f.t,
		5*time.Minute,
		"everything is applied",
		func() bool { return f.count(`SELECT count(*) FROM due`) == 0 },
	)
	if stored := f.count(`SELECT count(*) FROM events WHERE source = 1`); stored != told-lost {
		f.t.Errorf("%d events stored, %d told and %d of them lost", stored, told, lost)
	}
	if dead := f.count(`SELECT count(*) FROM events WHERE outcome IN ('dead', 'quarantined')`); dead > 0 {
		f.t.Errorf("%d events are dead or quarantined", dead)
	}
	f.t.Logf("%d stories, %d events told, %d lost", f.played, told, lost)
	return lost
}

// count answers a question about the whole database.
func (f *fleet) count(query string) (n int) {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), f.url)
	if err != nil {
		f.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(f.t.Context(), query).Scan(&n); err != nil {
		f.t.Fatal(err)
	}
	return n
}

// compare compares every clinic with the gateway and returns the sum of the reports.
func (f *fleet) compare() (sum connection.ReconciliationReport) {
	f.t.Helper()
	v1, err := f.APIServer(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	f.clock.Run(20) // what waits for a read waits by this clock
	defer f.clock.Run(0)
	var mu sync.Mutex
	var group sync.WaitGroup
	lanes := make(chan struct{}, 4)
	for _, s := range f.clinics {
		group.Go(func() {
			lanes <- struct{}{}
			defer func() { <-lanes }()
			c, err := f.compareOne(v1.Connector, s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || c.Unexplained > 0 {
				f.t.Errorf("%s: %+v %v", s.account.Name, c, err)
			}
			sum.Read, sum.Equal = sum.Read+c.Read, sum.Equal+c.Equal
			sum.Repaired, sum.Unexplained = sum.Repaired+c.Repaired, sum.Unexplained+c.Unexplained
		})
	}
	group.Wait()
	f.t.Logf(
		"compared: %d read, %d equal, %d repaired, %d unexplained",
		sum.Read,
		sum.Equal,
		sum.Repaired,
		sum.Unexplained,
	)
	return sum
}

func (f *fleet) compareOne(connector *connect.Connector, s sailing) (c connection.ReconciliationReport, err error) {
	any := connect.Precondition{
		Match: func(int) error { return nil },
		Audit: func(*tenants.Tx, connection.Connection) error { return nil },
	}
	op, err := connector.Reconcile(f.t.Context(), s.clinic, 90, any)
	for err == nil && op.State == "running" {
		time.Sleep(50 * time.Millisecond) // bounded by the operation's own time
		op, err = f.APIDB.Operation(f.t.Context(), op.ID)
	}
	if err == nil && op.State != "done" {
		err = fmt.Errorf("%s %s: %+v", op.State, op.Code, op.Steps)
	}
	if err != nil {
		return c, err
	}
	return c, f.APIDB.In(f.t.Context(), s.clinic.ID, func(tx *tenants.Tx) error {
		list, err := connection.ReconciliationReports(tx, 1)
		if err == nil {
			c = list[0]
		}
		return err
	})
}

// same expects every charge that the gateway lists to stand here as it does there.
func (f *fleet) same() {
	f.t.Helper()
	for _, s := range f.clinics {
		cred := asaasapi.Credential{Environment: domain.Sandbox, Key: vault.NewSecret(s.account.Key)}
		all, _, err := f.App.GatewayClient.Payments(f.t.Context(), cred, asaasapi.PaymentQuery{})
		if err != nil {
			f.t.Fatal(err)
		}
		err = f.APIDB.In(f.t.Context(), s.clinic.ID, func(tx *tenants.Tx) error {
			for _, o := range all {
				var there struct{ ID, Status string }
				if err := json.Unmarshal(o.Body, &there); err != nil {
					return err
				}
				if here, err := query.InvoiceByAsaasID(tx, there.ID); err != nil || here.Value.RawStatus != there.Status {
					f.t.Errorf("%s is %s there, %q here (%v)", there.ID, there.Status, here.Value.RawStatus, err)
				}
			}
			return nil
		})
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

// Outages of the receiver pause no queue and lose no event; a pause of 16 days, of which the
// gateway keeps 14, loses some, and the comparison reads back everything that changed.
func TestFaultAFleetLosesNothingInOutagesAndALongPause(t *testing.T) {
	f := newFleet(t, fleetClinics)
	f.sail(fleetDays, true)
	f.arrived(true)
	if !slices.ContainsFunc(
		f.sim.Journal(),
		func(d webhooks.Delivery) bool { return d.Attempt > 3 && d.Status == http.StatusOK },
	) {
		t.Error("no event needed a fourth attempt: the outages were none")
	}
	if sum := f.compare(); sum.Repaired != 0 || sum.Unexplained != 0 || sum.Read == 0 {
		t.Errorf("after the outages: %+v", sum)
	}
	f.same()
	f.pause(true)
	f.sail(16, false)
	f.pause(false)
	if f.arrived(false) == 0 {
		t.Error("a pause of 16 days lost nothing: it was none")
	}
	if sum := f.compare(); sum.Repaired == 0 || sum.Unexplained != 0 {
		t.Errorf("after the pause: %+v", sum)
	}
	f.same()
	if sum := f.compare(); sum.Repaired != 0 || sum.Unexplained != 0 {
		t.Errorf("again: %+v", sum)
	}
}
