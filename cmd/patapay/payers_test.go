package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/payers"
)

// names returns the stored names of the world's payers, by id.
func (w *programWorld) names(t *testing.T, ids ...string) map[string]string {
	t.Helper()
	names := map[string]string{}
	w.in(t, func(tx *tenants.Tx) error {
		open, err := tx.Opener(w.Vault)
		if err != nil {
			return err
		}
		known, err := payers.Payers(tx, open, ids)
		for id, p := range known {
			names[id] = p.Name
		}
		return err
	})
	return names
}

// askNames asks for payers as apply does that stores what they pay.
func (w *programWorld) askNames(t *testing.T, ids ...string) {
	t.Helper()
	w.in(t, func(tx *tenants.Tx) error {
		keyRing, err := tx.KeyRing(w.Vault)
		if err != nil {
			return err
		}
		newest, err := keyRing.Newest()
		if err != nil {
			return err
		}
		var b pgx.Batch
		var requests payers.NameRequests
		if err := requests.Add(tx.Clinic(), newest, ids); err != nil {
			return err
		}
		requests.Queue(&b, w.Now().UTC())
		return tx.Conn(func(c *pgx.Conn) error { return c.SendBatch(tx.Context(), &b).Close() })
	})
}

// counted returns the world's connector, and how often it asked the gateway for payers.
func (w *programWorld) counted(t *testing.T) (*connect.Connector, func() int32) {
	t.Helper()
	var calls atomic.Int32
	gate := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v3/customers") {
			calls.Add(1)
		}
		w.sim.ServeHTTP(out, r)
	}))
	t.Cleanup(gate.Close)
	c, err := w.App.MakeConnector()
	if err == nil {
		c.Client, err = asaasapi.New(asaasapi.Config{Simulator: gate.URL, Version: "test", Now: w.Now})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Client.Close)
	return c, func() int32 { return calls.Swap(0) }
}

// customer makes a payer at the gateway, of whom nobody is told.
func (w *programWorld) customer(t *testing.T, name string) string {
	t.Helper()
	return w.atGateway(t, "/v3/customers", `{"name":"`+name+`","cpfCnpj":"24971563792"}`)
}

func TestPayersThatAreAskedForAreReadOnceEach(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	c, calls := w.counted(t)
	ana, rui := w.customer(t, "Ana D'Ávila"), w.customer(t, "Rui Prado")
	w.askNames(t, ana, rui, "cus_000000000404")
	var group sync.WaitGroup
	for range 4 { // as so many processes
		group.Go(func() {
			if err := c.NamePayers(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := calls(); n != 3 {
		t.Errorf("%d reads of three payers", n)
	}
	want := map[string]string{ana: "Ana D'Ávila", rui: "Rui Prado", "cus_000000000404": ""}
	if got := w.names(t, ana, rui, "cus_000000000404"); !maps.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
}

func TestAComparisonKeepsThePayersNamesAndAsksForNoMoreThanIsNew(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	_, calls := w.counted(t)
	ids := []string{w.customer(t, "Ana Prado"), w.customer(t, "Rui Prado")}
	w.reconcile(t)
	if got := w.names(t, ids...); got[ids[0]] != "Ana Prado" || got[ids[1]] != "Rui Prado" {
		t.Errorf("after the first comparison: %v", got)
	}
	for range 120 {
		w.customer(t, "Tutor Novo")
	}
	calls()
	w.reconcile(t)
	if n := calls(); n != 2 { // both pages have something new
		t.Errorf("%d pages for 120 new payers, want 2", n)
	}
	w.reconcile(t)
	if n := calls(); n != 1 {
		t.Errorf("%d pages when nothing is new, want 1", n)
	}
}

func TestAKeyThatMayNotReadPayersFailsNothingElse(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	c, calls := w.counted(t)
	ana := w.customer(t, "Ana Prado")
	w.useKey(t, "CUSTOMER:READ")
	calls()
	if c := w.reconcile(t); c.Unexplained != 0 {
		t.Errorf("the comparison: %+v", c)
	}
	w.askNames(t, ana)
	for range 3 {
		if err := c.NamePayers(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := calls(); n != 1 { // the comparison's page of payers: its refusal holds for single reads too
		t.Errorf("a refused key asked %d times", n)
	}
	if got := w.names(t, ana); got[ana] != "" {
		t.Errorf("a name came from nowhere: %v", got)
	}
	w.useKey(t) // which ends the pause of hours
	if err := c.NamePayers(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.names(t, ana); got[ana] != "Ana Prado" {
		t.Errorf("with the permission back: %v", got)
	}
}

// useKey replaces the clinic's key by another one of its account, that lacks permissions.
func (w *programWorld) useKey(t *testing.T, lacks ...string) {
	t.Helper()
	behaviour := accounts.KeyGood
	if lacks != nil {
		behaviour = accounts.KeyNoPermission
	}
	key, err := w.sim.AddKey(w.account.ID, behaviour, lacks...)
	if err != nil {
		t.Fatal(err)
	}
	var clinic tenants.Clinic
	w.in(t, func(tx *tenants.Tx) (err error) { clinic, err = tx.Self(); return err })
	if _, err := w.Connector.Save(
		t.Context(),
		clinic,
		connect.Connect{Key: secretKey(key), Precondition: connect.Unconditional},
	); err != nil {
		t.Fatal(err)
	}
}

func TestTheFirstImportNamesEveryPayer(t *testing.T) {
	t.Parallel()
	w := newProgramWorld(t)
	c, calls := w.counted(t)
	first := w.customer(t, "Ana Prado")
	for range 205 {
		w.customer(t, "Tutor Novo")
	}
	if _, err := c.Monitor(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.names(t, first); got[first] != "Ana Prado" {
		t.Errorf("the oldest of 206 payers: %v", got)
	}
	if n := calls(); n != 4 {
		t.Errorf("%d reads for 206 payers, want 3 pages and the probe of the permission", n)
	}
}
