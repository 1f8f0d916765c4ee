package endpoints

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// A receiver that dies, refuses, answers slowly, or loses its answer, in any mix, and senders that are
// killed anywhere, end equal to a full read of the feed, and each object's entries came in order.
func TestWhateverGoesWrongAReceiverEndsEqualToAFullRead(t *testing.T) {
	w := newWorld(t)
	vida, sorriso := w.clinic("Vida"), w.clinic("Sorriso")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	dice := func(n int) int { mu.Lock(); defer mu.Unlock(); return random.IntN(n) }
	r := newReceiver(t, func(n int, in *http.Request) int {
		switch dice(8) {
		case 0:
			return 0
		case 1:
			return 500
		case 2:
			return 299
		case 3:
			select {
			case <-in.Context().Done():
			case <-time.After(time.Duration(dice(20)) * time.Millisecond):
			}
		}
		return 204
	})
	clinics := map[domain.ClinicID]*receiver{0: newReceiver(t, r.answer), vida: r}
	ids := map[domain.ClinicID]domain.UUID{}
	for clinic, to := range clinics {
		e, _ := w.add(clinic, to.URL)
		ids[clinic] = e.ID
	}
	done := func() bool {
		for clinic, id := range ids {
			if e := w.find(clinic, id); e.Waiting > 0 {
				return false
			}
		}
		all := map[[2]int64]bool{}
		for _, b := range clinics[0].all() {
			all[[2]int64{int64(b.Clinic), b.Seq}] = true
		}
		return len(all) == 180
	}
	for turn := 0; turn < 30 || !done(); turn++ {
		require.Less(t, turn, 3000)
		if turn < 30 {
			for range 3 {
				w.write(vida, domain.KindPayment, dice(5))
				w.write(sorriso, domain.KindCheckout, dice(5))
			}
		}
		s := w.sender()
		s.batch = 1 + dice(6)
		ctx, kill := context.WithCancel(t.Context())
		if dice(2) == 0 {
			time.AfterFunc(time.Duration(dice(15))*time.Millisecond, kill)
		}
		_ = s.Sweep(ctx)
		s.Wait()
		kill()
		w.later(5 * time.Minute)
	}
	requireWholeFeed(t, w, clinics[0], 0)
	requireWholeFeed(t, w, clinics[vida], vida)
}

// requireWholeFeed compares what a receiver has with the rows of the feed.
func requireWholeFeed(t *testing.T, w *world, r *receiver, clinic domain.ClinicID) {
	t.Helper()
	rows, err := w.owner.Query(
		t.Context(),
		`SELECT clinic_id, seq, object_id, version FROM changes WHERE $1 = 0 OR clinic_id = $1`,
		clinic,
	)
	require.NoError(t, err)
	want := map[[2]int64]rowBody{}
	for rows.Next() {
		var b rowBody
		require.NoError(t, rows.Scan(&b.Clinic, &b.Seq, &b.Object, &b.Version))
		want[[2]int64{int64(b.Clinic), b.Seq}] = b
	}
	got, newest := map[[2]int64]rowBody{}, map[domain.UUID]int{}
	messages := map[string][2]int64{}
	for i, b := range r.got {
		key := [2]int64{int64(b.Clinic), b.Seq}
		require.Equal(t, clinic == 0, b.Cursor != "", "the platform's entries have their cursor")
		b.Cursor = ""
		if _, again := got[key]; !again {
			require.Equal(t, newest[b.Object]+1, b.Version, "the entries of an object in order, the first time they come")
			newest[b.Object] = b.Version
		}
		got[key] = b
		id := r.heads[i].Get("Webhook-Id")
		if before, seen := messages[id]; seen {
			require.Equal(t, before, key, "a message's name is one entry's")
		}
		messages[id] = key
	}
	require.Equal(t, want, got)
	require.Len(t, messages, len(want), "and the same at every try")
}

// An entry that its receiver refuses holds up later ones of its object and no others.
func TestARefusedEntryHoldsUpItsOwnObjectAlone(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	refuse := true
	r := newReceiver(t, func(n int, in *http.Request) int {
		if refuse && n == 1 {
			return 500
		}
		return 200
	})
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	w.round()
	require.Empty(t, r.seqs())
	for n := range 4 {
		w.write(vida, domain.KindPayment, 1+n%2)
	}
	w.later(2 * time.Second) // the first is put off for 4 s at least
	w.round()
	require.Equal(t, []int64{3, 5}, r.seqs())
	require.Equal(t, 3, w.find(vida, e.ID).Waiting)
	w.later(10 * time.Second)
	w.round()
	require.Equal(t, []int64{3, 5, 1, 2, 4}, r.seqs())
	require.Zero(t, w.find(vida, e.ID).Waiting)
	log := w.deliveries(vida, e.ID)
	require.Len(t, log, 6)
	first := log[5]
	require.Equal(
		t,
		[]any{500, "refused", 1, "eis a resposta"},
		[]any{first.Code, first.Reason, first.Try, string(first.Answer)},
	)
}

// What arrives at once is never a row: rows are for what waits.
func TestOnlyWhatDidNotArriveBecomesARow(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, func(_ int, in *http.Request) int {
		if strings.HasSuffix(in.Header.Get("Webhook-Id"), "_7") {
			return 500
		}
		return 200
	})
	e, _ := w.add(vida, r.URL)
	for n := range 20 {
		w.write(vida, domain.KindPayment, n%9)
	}
	w.round()
	require.NotContains(t, r.seqs(), int64(16), "of the object that was refused")
	var handed, waiting int
	require.NoError(t, w.owner.QueryRow(t.Context(), `SELECT handed, waiting FROM endpoints`).Scan(&handed, &waiting))
	require.Equal(t, []int{20, 2}, []int{handed, waiting})
	require.EqualValues(t, 20, w.find(vida, e.ID).Place.Seq)
	rows, err := w.owner.Query(t.Context(), `SELECT seq FROM endpoint_entries ORDER BY no`)
	require.NoError(t, err)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(t, err)
	require.Equal(t, []int64{7, 16}, seqs)
}

// A batch that was under way when somebody moved the cursor does not move it back.
func TestAReplayBesideABatchIsNotUndoneByIt(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	var e store.Endpoint
	r := newReceiver(t, func(n int, _ *http.Request) int {
		if n == 1 {
			w.in(vida, func(tx *tenants.Tx) error { return store.Replay(tx, e, query.Place{}, w.clock()) })
		}
		return 200
	})
	e, _ = w.add(vida, r.URL)
	for n := range 5 {
		w.write(vida, domain.KindPayment, n)
	}
	w.round()
	w.round()
	require.Len(t, r.seqs(), 10, "the batch, and all of it again")
	require.ElementsMatch(t, []int64{1, 2, 3, 4, 5}, r.seqs()[5:])
}

// A process that was held up until its lease was over finds that another one has sent, and leaves it at that.
func TestWhoLostTheLeaseNotesOnlyWhatWasTried(t *testing.T) {
	w := newWorld(t)
	w.client.patience = time.Minute
	vida := w.clinic("Vida")
	r := newReceiver(t, func(n int, _ *http.Request) int {
		if n > 1 {
			return 200
		}
		w.later(leaseLife)
		w.round()
		return 500
	})
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	w.round()
	w.later(time.Hour)
	w.round()
	require.Equal(t, []int64{1}, r.seqs())
	got := w.find(vida, e.ID)
	require.Zero(t, got.Waiting)
	require.EqualValues(t, 1, got.Place.Seq)
	require.Len(t, w.deliveries(vida, e.ID), 2)
}

// A receiver that takes its time with every entry ends the batch, so that the lease is prolonged before it is over.
func TestASlowReceiverDoesNotOutlastTheLease(t *testing.T) {
	w := newWorld(t)
	w.client.patience = time.Minute
	vida := w.clinic("Vida")
	r := newReceiver(t, func(n int, _ *http.Request) int {
		w.later(leaseLife * 2 / 3)
		if n < 6 {
			w.round() // another process, which finds the endpoint held
		}
		return 200
	})
	w.add(vida, r.URL)
	for range 4 {
		w.write(vida, domain.KindPayment, 1)
	}
	w.round()
	require.Equal(t, []int64{1, 2, 3, 4}, r.seqs(), "each once")
}

// Whoever dropped an endpoint's rows one day would leave them for ever: no constraint asks.
func TestAnEndpointThatIsDeletedLeavesNothing(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	refusing := newReceiver(t, func(int, *http.Request) int { return 500 })
	gone, _ := w.add(vida, refusing.URL)
	stays, _ := w.add(vida, refusing.URL)
	w.write(vida, domain.KindPayment, 1)
	w.round()
	left := func(id domain.UUID) (n int) {
		const rows = `SELECT (SELECT count(*) FROM endpoint_entries WHERE endpoint_id = $1) +
			(SELECT count(*) FROM endpoint_deliveries WHERE endpoint_id = $1)`
		require.NoError(t, w.owner.QueryRow(t.Context(), rows, id).Scan(&n))
		return n
	}
	require.Equal(t, []int{2, 2}, []int{left(gone.ID), left(stays.ID)})
	w.in(vida, func(tx *tenants.Tx) error { return store.Delete(tx, gone.ID, w.clock()) })
	require.Equal(t, []int{0, 2}, []int{left(gone.ID), left(stays.ID)})
}

// A process that was killed after it had taken entries from the feed left them to nobody.
func TestEntriesThatAKilledSenderHeldAreFoundAgain(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	w.in(vida, func(tx *tenants.Tx) error {
		h, err := store.Take(tx, w.vault, e.ID, "killed", w.clock(), w.clock().Add(leaseLife))
		if err != nil {
			return err
		}
		b, err := h.Next(tx, w.clock(), w.clock().Add(leaseLife), 10)
		require.Len(t, b.Entries, 1)
		return err
	})
	w.round()
	require.Empty(t, r.seqs(), "it may still live")
	w.later(leaseLife)
	w.round()
	require.Equal(t, []int64{1}, r.seqs())
}

// Two processes that found the same endpoint due: one holds it, and once the other does, the first is told so.
func TestOfTwoWhoTakeAnEndpointOneHoldsIt(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	e, _ := w.add(vida, newReceiver(t, nil).URL)
	w.write(vida, domain.KindPayment, 1)
	take := func(holder string) (h *store.Hold) {
		w.in(vida, func(tx *tenants.Tx) (err error) {
			h, err = store.Take(tx, w.vault, e.ID, holder, w.clock(), w.clock().Add(leaseLife))
			return err
		})
		return h
	}
	first := take("one")
	require.NotNil(t, first)
	require.Nil(t, take("two"), "somebody holds it")
	w.later(leaseLife)
	require.NotNil(t, take("two"))
	err := w.sender().in(t.Context(), vida, func(tx *tenants.Tx) error {
		_, err := first.Next(tx, w.clock(), w.clock().Add(leaseLife), 10)
		return err
	})
	require.ErrorIs(t, err, store.ErrLost)
}

func TestAnEndpointThatFailsForThreeDaysIsPausedWithAnAlarmAndGoesOnFromThere(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	status := 503
	r := newReceiver(t, func(int, *http.Request) int { return status })
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	began := w.clock()
	for w.find(vida, e.ID).State == endpoint.Active {
		w.round()
		w.later(30 * time.Minute)
		require.Less(t, w.clock().Sub(began), 4*24*time.Hour)
	}
	got := w.find(vida, e.ID)
	require.Equal(t, endpoint.Failing, got.Reason)
	require.GreaterOrEqual(t, got.StateSince.Sub(began), endpoint.GiveUpAfter)
	count := func(sql string) (n int) {
		require.NoError(t, w.owner.QueryRow(t.Context(), sql).Scan(&n))
		return n
	}
	require.Equal(t, 1, count(`SELECT count(*) FROM alarms WHERE kind = 'endpoint_paused' AND closed_at IS NULL`))
	require.Equal(t, 1, count(`SELECT count(*) FROM mails WHERE kind = 'endpoint_paused' AND phase = 'opened'`))
	w.write(vida, domain.KindPayment, 2)
	status = 200
	w.round()
	require.Empty(t, r.seqs(), "it is paused")
	w.in(vida, func(tx *tenants.Tx) error { return store.Resume(tx, e.ID, w.clock()) })
	w.round()
	require.ElementsMatch(t, []int64{1, 2}, r.seqs())
	require.Zero(t, count(`SELECT count(*) FROM alarms WHERE closed_at IS NULL`))
}

func TestAnEndpointThatSaysItIsGoneIsPausedAtOnce(t *testing.T) {
	w := newWorld(t)
	r := newReceiver(t, func(int, *http.Request) int { return 410 })
	e, _ := w.add(0, r.URL)
	w.write(w.clinic("Vida"), domain.KindPayment, 1)
	// The platform's feed shows an entry once no older transaction of the whole server may still commit.
	tenantstest.Eventually(t, time.Minute, "the endpoint is paused", func() bool {
		w.round()
		return w.find(0, e.ID).Reason == endpoint.Gone
	})
}

// While an endpoint fails, one delivery asks whether it is well, and not all that waits.
func TestAnEndpointThatFailsIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, func(int, *http.Request) int { return 500 })
	e, _ := w.add(vida, r.URL)
	for n := range 100 {
		w.write(vida, domain.KindPayment, n)
	}
	for range 10 {
		w.round()
	}
	require.LessOrEqual(t, r.n, endpoint.BreakAfter+atOnceEach, "of a hundred")
	before := r.n
	w.later(20 * time.Minute)
	w.round()
	require.Equal(t, before+1, r.n)
	require.Equal(t, 100, w.find(vida, e.ID).Waiting)
}

// Each time that any feed had grown, fifty times a second, endpoints that are due were asked for, where no clinic has
// one.
func TestWhereNobodyIsSentAnythingAGrowingFeedAsksForNoEndpoint(t *testing.T) {
	w := newWorld(t)
	wire, url := w.db.Tap(t, tenantstest.API)
	api, err := tenants.Open(url, tenants.Options{Name: "api", Pooler: w.db.Pooled()})
	require.NoError(t, err)
	t.Cleanup(api.Close)
	wire.Sent()
	s := w.sender()
	s.DB = api
	grows := make(chan struct{})
	close(grows)
	s.Next = func() <-chan struct{} { return grows }
	ctx, end := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { s.Run(ctx) })
	t.Cleanup(func() { end(); run.Wait() })
	asked := func() bool { counts, _ := wire.Reset(); return counts.Commands["SELECT"] > 0 }
	for range 2 {
		require.Eventually(t, asked, time.Minute, time.Millisecond)
	}
	require.NotContains(t, wire.Sent(), "endpoints_due")

	vida, r := w.clinic("Vida"), newReceiver(t, nil)
	w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	require.Eventually(t, func() bool { return len(r.all()) == 1 }, time.Minute, time.Millisecond, "the first one of all")
}

// refusedOnce is how a batch went whose first entry was refused, and of which nothing else was tried.
func refusedOnce(b store.Batch) (outcomes []store.Outcome) {
	for _, e := range b.Entries[:min(1, len(b.Entries))] {
		outcomes = append(outcomes, store.Outcome{Entry: e, Reason: "refused"})
	}
	return outcomes
}

func TestAnEndpointWithAThousandWaitingIsHandedOutNoMore(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, func(int, *http.Request) int { return 500 })
	e, _ := w.add(vida, r.URL)
	_, err := w.owner.Exec(
		t.Context(),
		`INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
		SELECT $1, n, 'payment', $2, 'pay_1', n, $3, '{}' FROM generate_series(1, 1500) n`,
		vida,
		object(vida, 1),
		w.clock(),
	)
	require.NoError(t, err)
	_, err = w.owner.Exec(t.Context(), `UPDATE clinic_heads SET feed_seq = 1500 WHERE clinic_id = $1`, vida)
	require.NoError(t, err)
	for range 12 {
		w.in(vida, func(tx *tenants.Tx) error {
			h, err := store.Take(tx, w.vault, e.ID, "x", w.clock(), w.clock().Add(time.Hour))
			if h == nil || err != nil {
				return err
			}
			for range 3 { // as if little waited, it is asked for more
				b, err := h.Next(tx, w.clock(), w.clock().Add(time.Hour), 100)
				if err != nil {
					return err
				}
				if err := h.Settle(tx, b, refusedOnce(b), w.clock(), rand.Float64); err != nil {
					return err
				}
				w.later(time.Hour)
			}
			return h.Give(tx, w.clock())
		})
	}
	got := w.find(vida, e.ID)
	require.LessOrEqual(t, got.Waiting, endpoint.MostWaiting)
	require.Greater(t, got.Waiting, 300, "more than one batch")
	require.EqualValues(t, got.Waiting, got.Place.Seq, "what is not handed out stays in the feed")
}

func TestTypesThatAreNotWantedAreLeftOutAndDoNotHoldUpTheCursor(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL, "checkout.updated")
	for range 3 {
		w.write(vida, domain.KindPayment, 1)
		w.write(vida, domain.KindCheckout, 2)
	}
	w.round()
	require.Equal(t, []int64{2, 4, 6}, r.seqs())
	require.EqualValues(t, 6, w.find(vida, e.ID).Place.Seq)
}

func TestAReplaySendsEverythingBehindItsPlaceWithoutAGap(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL)
	for n := range 5 {
		w.write(vida, domain.KindPayment, n)
		w.later(time.Hour)
	}
	w.round()
	r.got = nil
	w.in(vida, func(tx *tenants.Tx) error {
		place, err := store.PlaceSince(tx, w.clock().Add(-3*time.Hour))
		require.EqualValues(t, 2, place.Seq)
		require.NoError(t, err)
		return store.Replay(tx, e, place, w.clock())
	})
	w.round()
	require.ElementsMatch(t, []int64{3, 4, 5}, r.seqs())
	err := w.sender().in(t.Context(), vida, func(tx *tenants.Tx) error {
		e.Place.Seq = 99
		return store.Replay(tx, e, e.Place, w.clock())
	})
	require.ErrorIs(t, err, tenants.ErrCursor)
}

func TestAnEndpointWhoseNextEntryWasDroppedIsPausedAndSaysSo(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	w.write(vida, domain.KindPayment, 2)
	_, err := w.owner.Exec(t.Context(), `DELETE FROM changes WHERE seq = 1`)
	require.NoError(t, err)
	w.round()
	require.Equal(t, endpoint.CursorExpired, w.find(vida, e.ID).Reason)
	require.Empty(t, r.seqs())
}

func TestInANewEpochAnEndpointIsPausedAndResumedItMissesNothing(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	own, all := newReceiver(t, nil), newReceiver(t, nil)
	e, _ := w.add(vida, own.URL)
	p, _ := w.add(0, all.URL)
	rounds := func(what string, ok func() bool) { // other databases' transactions hold the platform's feed back
		tenantstest.Eventually(t, time.Minute, what, func() bool { w.round(); return ok() })
	}
	w.write(vida, domain.KindPayment, 1)
	rounds("both have it", func() bool { return len(own.seqs()) == 1 && len(all.seqs()) == 1 })
	no, err := query.AdoptEpoch(w.api, t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, 2, no)
	w.write(vida, domain.KindPayment, 2)
	// their receivers may have read what is gone
	for clinic, id := range map[domain.ClinicID]domain.UUID{vida: e.ID, 0: p.ID} {
		rounds("paused", func() bool { return w.find(clinic, id).Reason == endpoint.NewEpoch })
		w.in(clinic, func(tx *tenants.Tx) error { return store.Resume(tx, id, w.clock()) })
	}
	rounds("it goes on behind what it was sent", func() bool { return len(own.seqs()) == 2 })
	rounds(
		"a place of another history is none: everything that is kept comes again",
		func() bool { return len(all.seqs()) == 3 },
	)
	bodies := all.raw
	last := rowBody{}
	require.NoError(t, json.Unmarshal(bodies[len(bodies)-1], &last))
	_, _, err = query.PlatformFeed(w.api, t.Context(), last.Cursor, 10)
	require.NoError(t, err, "the cursor of a delivery is one of the feed")
}

func TestOfAnotherAddressNothingIsKnown(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL)
	w.write(vida, domain.KindPayment, 1)
	w.round()
	took := w.find(vida, e.ID)
	require.False(t, took.SucceededAt.IsZero())
	save := func(change func(*store.Endpoint)) store.Endpoint {
		w.in(vida, func(tx *tenants.Tx) error { change(&took); return store.Save(tx, took) })
		return w.find(vida, e.ID)
	}
	require.False(t, save(func(e *store.Endpoint) { e.Description = "the same address" }).SucceededAt.IsZero())
	require.True(t, save(func(e *store.Endpoint) { e.URL += "/elsewhere" }).SucceededAt.IsZero(), "nobody has tried it")
}

func TestATestIsSentWhateverTheStateIsAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	vida := w.clinic("Vida")
	r := newReceiver(t, nil)
	e, _ := w.add(vida, r.URL)
	w.in(vida, func(tx *tenants.Tx) error {
		require.NoError(t, store.Pause(tx, e.ID, endpoint.ByRequest, w.clock()))
		return store.RequestTest(tx, e.ID, w.clock())
	})
	w.round()
	w.round()
	require.Len(t, r.raw, 1)
	require.Contains(t, string(r.raw[0]), `"type":"endpoint.test"`)
	log := w.deliveries(vida, e.ID)
	require.Len(t, log, 1)
	require.Equal(t, endpoint.TestType, log[0].Type)
	require.Equal(t, endpoint.Paused, w.find(vida, e.ID).State)
}
