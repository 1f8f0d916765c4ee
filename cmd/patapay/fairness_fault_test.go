//go:build faults

package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/api/client/clienttest"
	"patapay/cmd/patapay/app"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/tenants/tenantstest"
)

// How the calm clinics fare beside a flood; the environment makes it shorter.
const (
	fairCalm      = 200 // clinics, with an event a second each
	fairFlood     = 20_000
	fairReplay    = 2_500 // events of 16 days whose queue is told twice
	fairRatio     = 1.5   // p99 beside the flood ÷ p99 without
	fairRounds    = 5
	fairLasts     = 20 * time.Second
	fairFlooders  = 16 // connections
	fairReplayers = 4
)

// fromEnvironment returns a number of the environment, or what there is without it.
func fromEnvironment(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestFaultAFloodLeavesTheCalmClinicsTheirPace tells received → applied of two hundred calm clinics, alone and beside a
// clinic with 20,000 events, one whose queue is told again, and one whose gateway hangs (docs/benchmarks.md).
func TestFaultAFloodLeavesTheCalmClinicsTheirPace(t *testing.T) {
	rounds, flood := fromEnvironment("FAIR_ROUNDS", fairRounds), fromEnvironment("FAIR_FLOOD", fairFlood)
	var hanging atomic.Int32
	gate := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		hanging.Add(1)
		<-r.Context().Done()
	}))
	t.Cleanup(gate.Close)
	f := newField(t, "on", fairCalm+2)
	f.env = append(f.env, "ASAAS_SIMULATOR_URL="+gate.URL)
	hang := f.connectHanging(t)
	door := f.start("serve")
	worker, database := f.start("work"), f.postgres(t)
	used := func() time.Duration {
		return processorOf(t, door.cmd.Process.Pid) + processorOf(t, worker.cmd.Process.Pid) + processorOf(t, database)
	}
	calm := *f
	calm.clinics = f.clinics[:fairCalm]
	var ratios []float64
	for round := range rounds {
		first := round * 1_000_000
		began := used()
		alone := calm.p99(t, door.url, first)
		calmUsed := used() - began
		code, err := post(door.url, "", clienttest.Clinic{AccountID: hang}.Event("PAYMENT_RECEIVED", "RECEIVED", first, 1000))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, code)
		var telling sync.WaitGroup
		telling.Go(func() { f.tellAtOnce(t, door.url, fairCalm, first+200_000, flood, 1, fairFlooders) })
		telling.Go(func() { f.tellAtOnce(t, door.url, fairCalm+1, first+300_000, fairReplay, 2, fairReplayers) })
		began = used()
		beside := calm.p99(t, door.url, first+100_000)
		floodUsed := used() - began - calmUsed
		left := f.number(`SELECT count(*)::int FROM due`)
		telling.Wait()
		tenantstest.Eventually(t, 5*time.Minute, "the flood is applied", func() bool {
			return f.number(`SELECT count(*)::int FROM due WHERE next_at < 'infinity'`) == 0
		})
		ratios = append(ratios, float64(beside)/float64(alone))
		fmt.Printf("fairness, round %d: calm p99 %d ms alone, %d ms beside the flood, ratio %.2f; "+
			"processor %.1f s alone, %.1f s"+
			" more beside it; %d events waited when the calm ended\n", round+1, alone.Milliseconds(), beside.Milliseconds(),
			ratios[round], calmUsed.Seconds(), floodUsed.Seconds(), left)
	}
	require.Positive(t, hanging.Load(), "a read hung")
	slices.Sort(ratios)
	fmt.Printf("fairness: median ratio %.2f of %d rounds (bar %.1f)\n", ratios[rounds/2], rounds, fairRatio)
	require.LessOrEqual(t, ratios[rounds/2], fairRatio)
}

// connectHanging makes a clinic whose key is asked at the gateway that hangs, and returns its account.
func (f *field) connectHanging(t *testing.T) (account string) {
	t.Helper()
	cfg, err := app.Load(f.env)
	require.NoError(t, err)
	w := &programWorld{account: accounts.Account{ID: "acc-hanging", Key: "$aact_hmlg_of-a-gateway-that-hangs"}}
	w.App, err = app.New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer w.Close()
	w.connect(t, token)
	return w.account.ID
}

// p99 sends an event a second of each clinic, of payments from first on, and returns how long 99 of 100 took from being
// received to being applied.
func (f *field) p99(t *testing.T, url string, first int) time.Duration {
	t.Helper()
	sent := f.sendEachAtItsOwnInstant(t, url, first, int(fairLasts.Seconds()))
	mine := fmt.Sprintf(
		`FROM events WHERE entity_id >= '%s' AND entity_id < '%s' AND applied_at IS NOT NULL`,
		clienttest.Payment(first), clienttest.Payment(first+sent),
	)
	tenantstest.Eventually(t, 2*time.Minute, "the calm clinics' events are applied", func() bool {
		return f.number(`SELECT count(*)::int `+mine) == sent
	})
	return time.Microsecond * time.Duration(f.number(`SELECT (1000000 * percentile_disc(0.99) WITHIN GROUP (ORDER BY
		extract(epoch FROM applied_at - received_at)))::int `+mine))
}

// sendEachAtItsOwnInstant sends an event of each clinic in each second, at an instant of it that chance gives, for
// clinics know nothing of each other: two come at once now and then, with a flood and without. The instants are the
// same each time. It returns how many it sent.
func (f *field) sendEachAtItsOwnInstant(t *testing.T, url string, first, seconds int) (sent int) {
	t.Helper()
	chance := rand.New(rand.NewPCG(1, 2))
	var instants []time.Duration
	for second := range seconds {
		for range f.clinics {
			instants = append(instants, time.Duration(second)*time.Second+time.Duration(chance.Int64N(int64(time.Second))))
		}
	}
	slices.Sort(instants)
	began := time.Now()
	var sending sync.WaitGroup
	for i, at := range instants {
		time.Sleep(time.Until(began.Add(at)))
		sending.Go(func() {
			c := f.clinics[i%len(f.clinics)]
			body := clienttest.Clinic{AccountID: c.account}.Event("PAYMENT_CREATED", "PENDING", first+i, 1000+i)
			if code, err := post(url, c.token, body); err != nil || code != http.StatusOK {
				t.Errorf("the door answered %d %v", code, err)
			}
		})
	}
	sending.Wait()
	return len(instants)
}

// tellAtOnce delivers so many events of one clinic, each so many times, as fast as they are answered, and demands 200.
func (f *field) tellAtOnce(t *testing.T, url string, clinic, first, events, times, connections int) {
	c := f.clinics[clinic]
	var all sync.WaitGroup
	for part := range connections {
		all.Go(func() {
			for n := part; n < events; n += connections {
				body := clienttest.Clinic{AccountID: c.account}.Event("PAYMENT_CREATED", "PENDING", first+n, 1000)
				for range times {
					if code, err := post(url, c.token, body); code != http.StatusOK {
						t.Errorf("clinic %d was answered %d %v", clinic, code, err)
					}
				}
			}
		})
	}
	all.Wait()
}
