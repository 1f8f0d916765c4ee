package tenants_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/domaintest"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// told is one history and the clinic it is told to.
type told struct {
	domaintest.History
	clinic  domain.ClinicID
	account string
}

const histories, workers = 1000, 8

func seedOf() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("PATAPAY_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().UnixNano())
}

// tell makes n histories without answers to reads (those come by another door), each in a
// clinic of its own: the generator repeats counters.
func (w *world) tell(t *testing.T, seed uint64, n int) []told {
	t.Helper()
	all := make([]told, n)
	share(n, func(i int) {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		for all[i].Kind == "" || all[i].GatewaySnapshot {
			all[i].History = domaintest.New(rng)
		}
		all[i].account = "acc-" + strconv.Itoa(i)
		all[i].clinic = w.clinic(t, "C"+strconv.Itoa(i), all[i].account)
	})
	return all
}

// share calls fn for 0 to n-1 on as many goroutines as there are workers.
func share(n int, fn func(i int)) {
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < n; i += workers {
				fn(i)
			}
		})
	}
	group.Wait()
}

// shuffled delivers every history in any order, each event one to three times, while
// workers run the clinics, often the same one at once.
func (w *world) shuffled(t *testing.T, seed uint64, all []told) (deliveries int) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(worker)))
			for ctx.Err() == nil {
				rows := 0
				for _, r := range w.applier.RunShared(t.Context(), someOf(rng, all, worker)) {
					if rows += r.Report.Rows; r.Err != nil {
						t.Error(r.Err)
					}
				}
				if rows == 0 {
					time.Sleep(2 * time.Millisecond) // leaves the cores to those who have work
				}
			}
		})
	}
	var mu sync.Mutex
	share(len(all), func(i int) {
		rng := rand.New(rand.NewPCG(seed^1, uint64(i)))
		for _, r := range all[i].Deliveries(rng) {
			w.deliver(t, all[i].clinic, all[i].Steps[all[i].Position(r)].Body(all[i].account))
			mu.Lock()
			deliveries++
			mu.Unlock()
		}
	})
	end()
	working.Wait()
	return deliveries
}

// someOf picks one clinic, or a few, that other workers pick too.
func someOf(rng *rand.Rand, all []told, worker int) (clinics []domain.ClinicID) {
	for range 1 + rng.IntN(6) {
		clinic := all[rng.IntN(len(all)/20)*20+worker/2].clinic
		if !slices.Contains(clinics, clinic) {
			clinics = append(clinics, clinic)
		}
	}
	return clinics
}

// drain applies what is left, two workers a clinic.
func (w *world) drain(t *testing.T, all []told) (changes int) {
	t.Helper()
	var mu sync.Mutex
	share(2*len(all), func(i int) {
		r := w.apply(t, all[i/2].clinic)
		mu.Lock()
		changes += len(r.Changes)
		mu.Unlock()
	})
	return changes
}

// stored returns the projection of a history as JSON, without what only the store adds.
func (w *world) stored(t *testing.T, h told) string {
	t.Helper()
	var value any
	err := w.api.In(t.Context(), h.clinic, func(tx *tenants.Tx) (err error) {
		switch h.Kind {
		case domain.KindPayment:
			var s query.Stored[domain.Invoice]
			s, err = query.InvoiceByAsaasID(tx, h.Entity)
			value = s.Value
		case domain.KindCheckout:
			var s query.Stored[domain.Checkout]
			s, err = query.CheckoutByAsaasID(tx, h.Entity)
			value = s.Value
		default:
			var s query.Stored[domain.Anticipation]
			s, err = query.AnticipationByAsaasID(tx, h.Entity)
			value = s.Value
		}
		return err
	})
	require.NoError(t, err)
	return asJSON(t, value)
}

// folded returns the same as memory has it.
func folded(t *testing.T, h told) string {
	t.Helper()
	var value any
	switch h.Kind {
	case domain.KindPayment:
		value, _ = domain.FoldInvoice(h.Records())
	case domain.KindCheckout:
		value, _ = domain.FoldCheckout(h.Records())
	default:
		value, _ = domain.FoldAnticipation(h.Records())
	}
	return asJSON(t, value)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

const projections = `SELECT md5(coalesce(string_agg(x, E'\n' ORDER BY x), ''))
	FROM (SELECT i::text x FROM invoices i UNION ALL SELECT c::text FROM checkouts c
	UNION ALL SELECT a::text FROM anticipations a UNION ALL SELECT r::text FROM records r) x`

func TestAnyOrderCopiesAndWorkersEndAsTheFoldInMemory(t *testing.T) {
	t.Parallel()
	seed := seedOf()
	t.Logf("PATAPAY_SEED=%d", seed)
	w := newWorld(t)
	all := w.tell(t, seed, histories)
	deliveries := w.shuffled(t, seed, all)
	w.drain(t, all)
	events, back, tie := 0, 0, 0
	for _, h := range all {
		events += len(h.Steps)
		back, tie = back+count(h.Back), tie+count(h.Tie)
		if got, want := w.stored(t, h), folded(t, h); got != want {
			t.Fatalf("seed %d, clinic %d:\n%s\nstored %s\nfolded %s", seed, h.clinic, domaintest.String(h.Records()), got, want)
		}
	}
	t.Logf(
		"%d histories, %d events, %d deliveries; %d %% step back, %d %% have ties", len(all), events, deliveries,
		100*back/len(all), 100*tie/len(all),
	)
	require.Equal(t, events, w.number(t, `SELECT count(*) FROM events`))
	require.Equal(t, events, w.number(t, `SELECT count(*) FROM events WHERE outcome IN ('applied', 'no_effect')`))
	require.Zero(t, w.number(t, `SELECT count(*) FROM due`))
	w.replay(t, all)
}

// replay makes every event due again: it must change nothing.
func (w *world) replay(t *testing.T, all []told) {
	t.Helper()
	var before, after string
	require.NoError(t, w.all.QueryRow(t.Context(), projections).Scan(&before))
	_, err := w.all.Exec(
		t.Context(),
		`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		SELECT clinic_id, environment, seq, id_hash, received_at FROM events`,
	)
	require.NoError(t, err)
	require.Zero(t, w.drain(t, all), "projections that a replay changed")
	require.NoError(t, w.all.QueryRow(t.Context(), projections).Scan(&after))
	require.Equal(t, before, after)
	require.Zero(t, w.number(t, `SELECT count(*) FROM due`))
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// number answers a question about the whole database.
func (w *world) number(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, w.all.QueryRow(t.Context(), query, args...).Scan(&n))
	return n
}

// The lock of the clinic's head is what keeps two workers apart: with it taken away the
// second does not see what the first has just saved, and a version of the projection is
// given twice, and a number of the feed: whoever follows the changes misses one.
func TestTeethWithoutTheLockOfTheClinicAVersionIsGivenTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.all.Exec(
		t.Context(),
		`CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		  PERFORM pg_advisory_xact_lock_shared(7);
		  RETURN NEW;
		END $$;
		CREATE TRIGGER gate BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION gate();
		ALTER TABLE changes DROP CONSTRAINT changes_pkey`,
	) // widens the race, and takes the second lock away: two changes of one number
	require.NoError(t, err)
	versions := func(locked bool, name string) int {
		clinic := w.clinic(t, name, name)
		if !locked { // FOR UPDATE of a row that is not there locks nothing
			_, err := w.all.Exec(t.Context(), `DELETE FROM clinic_heads WHERE clinic_id = $1`, clinic)
			require.NoError(t, err)
		}
		body := func(seq, status string) []byte {
			return []byte(
				`{"id":"evt_x&` + seq + `","event":"PAYMENT_UPDATED","dateCreated":"2026-11-22 08:00:0` + seq +
					`","payment":{"id":"pay_1","value":1,"status":"` + status + `"}}`,
			)
		}
		gate := w.connect(t, tenantstest.Owner)
		pass := func(how string) {
			_, err := gate.Exec(t.Context(), `SELECT pg_advisory_`+how+`(7)`)
			require.NoError(t, err)
		}
		waiting := func(n int) {
			tenantstest.Eventually(t, time.Minute, strconv.Itoa(n)+" workers wait", func() bool {
				return w.number(
					t,
					`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
				) == n
			})
		}
		var group sync.WaitGroup
		pass("lock")
		w.deliver(t, clinic, body("1", "PENDING"))
		group.Go(func() { _, _ = w.applier.Run(context.Background(), clinic) })
		waiting(1) // the first worker is inside its INSERT
		// The second one is not to write the first one's record as well: that it cannot would send it back to the beginning.
		_, err := w.all.Exec(t.Context(), `UPDATE due SET next_at = 'infinity' WHERE clinic_id = $1`, clinic)
		require.NoError(t, err)
		w.deliver(t, clinic, body("2", "RECEIVED"))
		group.Go(func() { _, _ = w.applier.Run(context.Background(), clinic) })
		waiting(2) // the second one at the clinic, or beside the first
		pass("unlock")
		group.Wait()
		w.apply(t, clinic)
		return w.number(t, `SELECT version FROM invoices WHERE clinic_id = $1`, clinic)
	}
	require.Equal(t, 2, versions(true, "locked"))
	// a worker that fails beside the other begins anew, and then sees it: that is no lock, and not to be relied on
	twice := 0
	for i := range 8 {
		if versions(false, fmt.Sprint("unlocked ", i)) == 1 {
			twice++
			break
		}
	}
	require.NotZero(t, twice, "the test cannot see what it is for")
}

func TestAPoisonEventStopsOnlyItsOwnEntity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	body := func(seq int, payment string) []byte {
		n := strconv.Itoa(seq)
		return []byte(
			`{"id":"evt_x&` + n + `","event":"PAYMENT_CREATED","dateCreated":"2026-11-22 08:00:00","payment":{"id":"` + payment +
				`","value":1,"status":"PENDING"}}`,
		)
	}
	for seq := range 10 {
		w.deliver(t, clinic, body(seq+1, "pay_"+strconv.Itoa(seq)))
	}
	var whole []byte
	require.NoError(t, w.all.QueryRow(t.Context(), `SELECT sealed FROM event_bodies WHERE seq = 5`).Scan(&whole))
	_, err := w.all.Exec(
		t.Context(),
		`UPDATE event_bodies SET sealed = overlay(sealed PLACING '\xdeadbeef'::bytea FROM 20) WHERE seq = 5`,
	)
	require.NoError(t, err)
	r := w.apply(t, clinic)
	require.Len(t, r.Changes, 9)
	require.Equal(t, 9, w.number(t, `SELECT count(*) FROM events WHERE outcome = 'applied'`))
	require.Equal(t, 1, w.number(t, `SELECT tries FROM due WHERE seq = 5 AND last_error <> ''`))
	for try := 2; try <= 5; try++ {
		w.deliver(t, clinic, body(100+try, "pay_later_"+strconv.Itoa(try)))
		w.now = w.now.Add(20 * time.Minute)
		require.Len(t, w.apply(t, clinic).Changes, 1, "others go on")
	}
	require.Equal(t, 5, w.number(t, `SELECT tries FROM due WHERE seq = 5 AND next_at = 'infinity'`))
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM events WHERE seq = 5 AND outcome = 'dead'`))
	const open = `SELECT count(*) FROM alarms WHERE kind = 'dead_letters' AND closed_at IS NULL`
	require.Equal(t, 1, w.number(t, open))
	require.Zero(t, w.number(t, `SELECT count(*) FROM invoices WHERE asaas_id = 'pay_4'`))

	var key domain.EventKey // what is replayed before the cause is mended is dead again, and so is the alarm not over
	require.NoError(t, w.all.QueryRow(t.Context(), `SELECT environment, seq, id_hash FROM due WHERE seq = 5`).
		Scan(&key.Environment, &key.Seq, (*[16]byte)(&key.Hash)))
	replay := func() {
		_, err := w.applier.Replay(t.Context(), clinic, []domain.EventKey{key}, false)
		require.NoError(t, err)
	}
	replay()
	require.Equal(t, 1, w.number(t, open), "nobody mended it")
	_, err = w.all.Exec(t.Context(), `UPDATE event_bodies SET sealed = $1 WHERE seq = 5`, whole)
	require.NoError(t, err)
	replay()
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM invoices WHERE asaas_id = 'pay_4'`))
	require.Zero(t, w.number(t, open), "no dead event is left: the alarm stayed open for ever")
}

func TestAPoisonEventDoesNotTakeItsEntitysOtherEventsWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	for seq, status := range []string{"PENDING", "CONFIRMED", "RECEIVED"} {
		n := strconv.Itoa(seq + 1)
		w.deliver(
			t,
			clinic,
			[]byte(
				`{"id":"evt_x&`+n+`","event":"PAYMENT_UPDATED","dateCreated":"2026-11-22 08:00:0`+n+
					`","payment":{"id":"pay_1","value":1,"status":"`+status+`"}}`,
			),
		)
	}
	_, err := w.all.Exec(
		t.Context(),
		`UPDATE event_bodies SET sealed = overlay(sealed PLACING '\xdeadbeef'::bytea FROM 20) WHERE seq = 2`,
	)
	require.NoError(t, err)
	w.apply(t, clinic)
	require.Equal(t, 2, w.number(t, `SELECT count(*) FROM events WHERE outcome = 'applied'`))
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM due WHERE seq = 2 AND tries = 1`))
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM invoices WHERE asaas_id = 'pay_1' AND status = 'received'`))
}
