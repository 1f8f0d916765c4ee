//go:build faults

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connection"
	"patapay/tenants/tenantstest"
	"patapay/tenants/vault"
)

// Six keys refused at one instant, again and again, beside the events of other clinics.
const (
	refusedKeys    = 6
	refusedRounds  = 5 // with refusals and without, in turn
	refusedRate    = 200
	refusedLasts   = 15 * time.Second
	refusedEvery   = 3 * time.Second
	refusedAtWorst = 1.5 // times what apply takes without
)

// refusing is a gateway that refuses every key. Reads of payments wait until each of the six
// clinics asks, and are refused at one instant.
type refusing struct {
	mu      sync.Mutex
	waiting int
	instant chan struct{}
	moments atomic.Int32
	alone   atomic.Int32 // reads for which the others did not come
}

// ServeHTTP answers 401.
func (r *refusing) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if strings.HasPrefix(in.URL.Path, "/v3/payments/pay_refused") {
		select {
		case <-r.arrive():
		case <-time.After(4 * time.Second):
			r.alone.Add(1)
		}
	}
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(
		out,
		`{"errors":[{"code":"invalid_access_token","description":"A chave de API fornecida é inválida"}]}`,
	)
}

// arrive returns what is closed when all are there.
func (r *refusing) arrive() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == 0 {
		r.instant = make(chan struct{})
	}
	r.waiting++
	instant := r.instant
	if r.waiting == refusedKeys {
		r.waiting = 0
		r.moments.Add(1)
		close(instant)
	}
	return instant
}

// refusedField is a field whose first six clinics have keys that the gateway refuses.
type refusedField struct {
	*field
	app     *app.App
	clinics []domain.ClinicID
	reads   int
}

func newRefusedField(t *testing.T, gate string) *refusedField {
	t.Helper()
	all := newField(t, "on", refusedKeys+20)
	all.env = append(all.env, "ASAAS_SIMULATOR_URL="+gate)
	cfg, err := app.Load(all.env)
	require.NoError(t, err)
	a, err := app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(a.Close)
	f := &refusedField{app: a}
	for _, c := range all.clinics[:refusedKeys] {
		made, err := a.APIDB.ClinicBy(t.Context(), domain.UUID{}, "demo-"+c.account)
		require.NoError(t, err)
		f.clinics = append(f.clinics, made.ID)
	}
	others := *all
	others.clinics = all.clinics[refusedKeys:]
	f.field = &others
	return f
}

// ask gives each of the six clinics its key back, and something to read with it.
func (f *refusedField) ask(ctx context.Context) error {
	f.reads++
	for _, id := range f.clinics {
		err := f.app.WorkerDB.In(ctx, id, func(tx *tenants.Tx) error {
			now := time.Now().UTC()
			c, err := connection.Load(tx)
			if err != nil {
				return err
			}
			c.State, c.Reason, c.NextAction = "active", "", ""
			if err := connection.Save(tx, c, vault.NewSecret("$aact_hmlg_refused"), f.app.Vault, now); err != nil {
				return err
			}
			if err := apply.ReadAnew(tx, now); err != nil { // as whoever saves a key does: the refusal before paused the account
				return err
			}
			return apply.RequestRead(tx, domain.KindPayment, fmt.Sprintf("pay_refused_%d", f.reads), "reconcile", now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// run sends events of the other clinics and returns what 99 of 100 wait from their receipt
// until they are applied; meanwhile keys are refused, if so wanted.
func (f *refusedField) run(t *testing.T, url string, from int, refuse bool) time.Duration {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	var group sync.WaitGroup
	if refuse {
		group.Go(func() {
			for tick := time.NewTicker(refusedEvery); ctx.Err() == nil; {
				if err := f.ask(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	sent := f.sendAt(t, url, from, refusedRate, refusedLasts)
	end()
	group.Wait()
	ours := fmt.Sprintf(`FROM events WHERE entity_id BETWEEN 'pay_%016d' AND 'pay_%016d'`, from, from+len(sent)-1)
	tenantstest.Eventually(t, time.Minute, "everything is applied", func() bool {
		return f.number(`SELECT count(*) `+ours+` AND applied_at IS NOT NULL`) == len(sent)
	})
	return time.Duration(
		f.number(
			`SELECT (extract(epoch FROM percentile_cont(0.99) WITHIN GROUP (ORDER BY applied_at - received_at)) * 1e6)::int `+
				ours,
		),
	) * time.Microsecond
}

// A worker reads eight clinics at once on connections that apply uses too: keys that an outage
// of the gateway refuses together must not hold up other clinics' events.
func TestFaultSixRefusedKeysAtOnceHoldUpNobodysEvents(t *testing.T) {
	gateway := &refusing{}
	gate := httptest.NewServer(gateway)
	t.Cleanup(gate.Close)
	f := newRefusedField(t, gate.URL)
	door := f.start("serve")
	f.start("work")
	f.run(t, door.url, 0, false) // what is slow at first is measured for neither
	var without, with []time.Duration
	for round := range refusedRounds {
		n := (2*round + 1) * 1_000_000
		without = append(without, f.run(t, door.url, n, false))
		with = append(with, f.run(t, door.url, n+1_000_000, true))
	}
	fmt.Printf("refused keys: %d at one instant %d times beside %d events/s: received to applied at p99 %v, without %v\n",
		refusedKeys, gateway.moments.Load(), refusedRate, with, without)
	require.GreaterOrEqual(t, int(gateway.moments.Load()), 3*refusedRounds, "moments at which six keys were refused")
	require.Equal(t, refusedKeys, f.number(`SELECT count(*) FROM alarms WHERE kind = 'key_refused' AND closed_at IS NULL`))
	require.NotZero(t, f.number(`SELECT count(*) FROM connections WHERE state = 'key_refused'`))
	slices.Sort(with)
	slices.Sort(without)
	middle := refusedRounds / 2
	require.LessOrEqual(t, with[middle].Seconds(), refusedAtWorst*without[middle].Seconds())
}
