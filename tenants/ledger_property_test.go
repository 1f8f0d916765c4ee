package tenants_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/domaintest"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
	"patapay/tenants/tenantstest"
)

// lived is a history that a clinic lives through.
type lived struct {
	domaintest.History
	clinic  domain.ClinicID
	account string
}

func testSeed() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("PATAPAY_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().UnixNano())
}

// lives makes n histories, dealt out to clinics. The gateway never gives an event id twice
// in one account, and nobody reads one entity twice in a second, so a history that would
// is left out.
func (w *world) lives(t testing.TB, seed uint64, n int) (all []lived) {
	var clinics []domain.ClinicID
	for i := range 20 {
		clinics = append(clinics, w.clinic(t, fmt.Sprint("Clínica ", i), fmt.Sprint("acc-", i)))
	}
	seen := map[string]bool{}
	for i := uint64(0); len(all) < n; i++ {
		of := len(all) % len(clinics)
		h := lived{domaintest.New(rand.New(rand.NewPCG(seed, i))), clinics[of], fmt.Sprint("acc-", of)}
		if i%5 == 0 && !h.GatewaySnapshot { // an answer names the events that it has seen
			h.Steps = twice(t, h.Steps)
		}
		fresh, clocks := true, map[domain.LocalTime]bool{}
		for _, s := range h.Steps {
			if answer := s.Record.GatewaySnapshot; answer != nil {
				fresh = fresh && !clocks[answer.Clock]
				clocks[answer.Clock] = true
			}
			fresh = fresh && (s.Record.GatewaySnapshot != nil || !seen[h.account+s.Record.ID])
		}
		for _, s := range h.Steps {
			seen[h.account+s.Record.ID] = seen[h.account+s.Record.ID] || fresh
		}
		if fresh {
			all = append(all, h)
		}
	}
	return all
}

// twice returns the steps as two webhook configurations tell them: each event also as a
// copy with the next id.
func twice(t testing.TB, steps []domaintest.Step) (all []domaintest.Step) {
	for _, s := range steps {
		name, number, _ := strings.Cut(s.Record.ID, "&")
		n, err := strconv.Atoi(number)
		require.NoError(t, err, s.Record.ID)
		for k := range 2 {
			c := s
			c.Record.Key, c.Record.ID = asaas.EventKeyOf(domaintest.Env, fmt.Sprint(name, "&", 2*n+k), nil)
			all = append(all, c)
		}
	}
	return all
}

// copies returns how often a delivery comes: mostly one to three times, now and then up
// to a hundred.
func copies(rng *rand.Rand) int {
	if rng.IntN(300) == 0 {
		return 1 + rng.IntN(100)
	}
	return 1 + rng.IntN(3)
}

// crashing runs the clinic; the process may die between the work and its commit.
func (w *world) crashing(t testing.TB, clinic domain.ClinicID) {
	defer func() {
		if p := recover(); p != nil && p != errDied {
			panic(p)
		}
	}()
	w.apply(t, clinic)
}

// errDied stands for the death of a process.
var errDied = errors.New("the process died")

// keepAnswer stores the step, an answer to a read, as the reader of the gateway would.
func (w *world) keepAnswer(t testing.TB, h lived, s domaintest.Step, n int) {
	clock, err := time.ParseInLocation(time.DateTime, string(s.Record.GatewaySnapshot.Clock), asaas.SaoPaulo)
	require.NoError(t, err)
	require.NoError(t, w.worker.In(t.Context(), h.clinic, func(tx *tenants.Tx) error {
		return apply.KeepAnswer(
			tx,
			apply.ReadTask{Kind: h.Kind, Entity: h.Entity, Known: s.Record.GatewaySnapshot.Supersedes},
			apply.GatewayAnswer{
				Body:  s.Object(),
				Clock: clock,
				Found: true,
			},
			domain.Sandbox,
			w.vault,
			w.now.Add(-time.Duration(n)*time.Microsecond),
		)
	}))
}

// deliverAll hands all steps over in any order, one to a hundred times each, by 8 senders,
// while 8 workers apply what has come, and die in one of fifty transactions.
func (w *world) deliverAll(t testing.TB, seed uint64, all []lived) {
	type delivery struct {
		h lived
		s domaintest.Step
	}
	rng := rand.New(rand.NewPCG(seed, 1<<40))
	var queue []delivery
	for _, h := range all {
		for _, s := range h.Steps {
			for range copies(rng) {
				if queue = append(queue, delivery{h, s}); s.Record.GatewaySnapshot != nil {
					break
				}
			}
		}
	}
	rng.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	var next atomic.Int64
	var senders, workers sync.WaitGroup
	var done atomic.Bool
	var deaths atomic.Int64
	w.applier.Crash = func(point string) {
		if point == "in-apply" && rand.IntN(50) == 0 {
			deaths.Add(1)
			panic(errDied)
		}
	}
	for range 8 {
		senders.Go(func() {
			for n := next.Add(1); int(n) <= len(queue); n = next.Add(1) {
				d := queue[n-1]
				if d.s.Record.GatewaySnapshot != nil {
					w.keepAnswer(t, d.h, d.s, int(n))
				} else {
					w.deliver(t, d.h.clinic, d.s.Body(d.h.account))
				}
			}
		})
		workers.Go(func() {
			for last := false; !last; {
				last = done.Load() // one more round after all has come
				for _, h := range all[:20] {
					w.crashing(t, h.clinic)
				}
			}
		})
	}
	senders.Wait()
	done.Store(true)
	workers.Wait()
	w.applier.Crash = nil
	for _, h := range all[:20] { // what the last deaths left
		w.apply(t, h.clinic)
	}
	t.Logf("%d deliveries of %d histories, %d deaths", len(queue), len(all), deaths.Load())
}

// unnamed strips from a void's name the answer that it came of: only its content counts.
func unnamed(f domain.Fact) domain.FactKey {
	if strings.HasPrefix(f.Key.Name, "void:") {
		f.Key.Name = f.Key.Name[:strings.LastIndexByte(f.Key.Name, ':')]
	}
	return f.Key
}

func moved(facts []domain.Fact) map[domain.FactKey]string {
	set := map[domain.FactKey]string{}
	for _, f := range facts {
		set[unnamed(f)] += fmt.Sprint(f.Legs)
	}
	return set
}

// docs/reliability.md, I4 to I9 on real Postgres, by 8 workers that die, two configurations and the gateway's
// answers: each history's ledger is what its events prove, to the
// centavo, whatever the order, the copies and the workers.
func TestEightWorkersBookWhatEachHistoryProves(t *testing.T) {
	seed, cases := testSeed(), 1000
	if n, err := strconv.Atoi(os.Getenv("PATAPAY_PG_CASES")); err == nil && n >= 20 {
		cases = n
	}
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	w := newWorld(t)
	w.applier.Ledger = chain
	all := w.lives(t, seed, cases)
	w.deliverAll(t, seed, all)
	w.requireDone(t)
	same, total, snapshots, back, tie := 0, 0, 0, 0, 0
	for _, h := range all {
		back, tie = back+count(h.Back), tie+count(h.Tie)
		snapshots += count(
			slices.ContainsFunc(h.Steps, func(s domaintest.Step) bool { return s.Record.GatewaySnapshot != nil }),
		)
		if got, want := keyless(t, w.stored(t, told(h))), keyless(t, folded(t, told(h))); got != want {
			t.Fatalf("PATAPAY_SEED=%d %s:\n%s\nstored %s\nfolded %s", seed, h.Entity, domaintest.String(h.Records()), got, want)
		}
		want := proved(h)
		var got []domain.Fact
		corrected := false
		for _, b := range w.bookings(t, h.clinic, ledger.BookingFilter{Subject: h.Entity}) {
			got, corrected = append(got, b.Fact), corrected || b.Conflict
		}
		total++
		if !maps.Equal(domain.Balances(got), domain.Balances(want)) || !corrected && !maps.Equal(moved(got), moved(want)) {
			t.Fatalf("PATAPAY_SEED=%d %s: booked %v\nproved %v\n%s", seed, h.Entity, got, want, domaintest.String(h.Records()))
		}
		if !corrected {
			same++
		}
	}
	require.Greater(t, same, total/2, "most histories need no correction")
	w.applyNothing(t, all)
	t.Logf(
		"%d of %d with the same entries; %d %% of the histories have answers of the gateway, %d %% a step back, %d %% ties",
		same, total, 100*snapshots/total, 100*back/total, 100*tie/total,
	)
	require.GreaterOrEqual(t, 100*snapshots/total, 5, "they are a tenth, give or take chance")
}

// keyless is a projection as JSON without the keys of records: the store names an answer of
// the gateway its own way.
func keyless(t testing.TB, projection string) string {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(projection), &members))
	delete(members, "StatusBy")
	delete(members, "LastEvent")
	raw, err := json.Marshal(members)
	require.NoError(t, err)
	return string(raw)
}

// proved is what the history books: its facts, income that nobody asked for in suspense.
func proved(h lived) []domain.Fact {
	facts := domain.Facts(h.Records())
	if h.Kind != domain.KindPayment {
		return facts
	}
	i, _ := domain.FoldInvoice(h.Records())
	facts, _ = domain.Suspend(facts, &i, nil)
	return facts
}

// applyNothing checks each clinic's chain, and that waking it once more books nothing.
func (w *world) applyNothing(t testing.TB, all []lived) {
	for _, h := range all[:20] {
		before := w.proof(t, h.clinic)
		require.Zero(t, before.Broken, before.Why)
		require.Zero(t, w.apply(t, h.clinic).Rows)
		require.Equal(t, before, w.proof(t, h.clinic))
	}
}

// requireDone fails with what is left of the due rows, if any, and why.
func (w *world) requireDone(t testing.TB) {
	var left int
	var why string
	row := w.connect(t, tenantstest.Owner).QueryRow(t.Context(), `SELECT count(*), coalesce(min(last_error), '') FROM due`)
	require.NoError(t, row.Scan(&left, &why))
	require.Zero(t, left, why)
}
