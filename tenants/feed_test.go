package tenants_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/tenantstest"
)

// The change feed (docs/architecture.md, feed).

// reader follows the platform's feed as fast as it can, a few entries at a time.
type reader struct {
	place string
	read  []query.Entry
}

func (r *reader) follow(t *testing.T, w *world) (got int) {
	t.Helper()
	entries, _, err := query.PlatformFeed(w.api, context.Background(), r.place, 7)
	require.NoError(t, err)
	for _, e := range entries {
		r.place = e.Place
		r.read = append(r.read, e)
	}
	return len(entries)
}

// untoldClinic makes a connected clinic of which the feed has told nothing.
func (w *world) untoldClinic(t testing.TB, name, account string) domain.ClinicID {
	t.Helper()
	clinic := w.clinic(t, name, account)
	for _, sql := range []string{
		`UPDATE connections SET state = 'active', first_event_at = since WHERE clinic_id = $1`,
		`DELETE FROM changes WHERE clinic_id = $1`,
		`UPDATE clinic_heads SET feed_seq = 0 WHERE clinic_id = $1`,
	} {
		_, err := w.all.Exec(t.Context(), sql, clinic)
		require.NoError(t, err)
	}
	return clinic
}

// until reads until n entries were read: transactions of other databases beside this one
// hold the feed back for a while too.
func (r *reader) until(t *testing.T, w *world, n int) {
	t.Helper()
	tenantstest.Eventually(t, 20*time.Second, "the feed comes to its end", func() bool {
		r.follow(t, w)
		return len(r.read) >= n
	})
	require.Len(t, r.read, n)
}

func TestTheFeedHasEveryVersionOnceInOrderAndALateCommitIsNeverSkipped(t *testing.T) {
	t.Parallel()
	seed := seedOf()
	t.Logf("PATAPAY_SEED=%d", seed)
	w := newWorld(t)
	all := w.tell(t, seed, 200)
	var applying atomic.Bool
	applying.Store(true)
	var reading sync.WaitGroup
	var r reader
	reading.Go(func() {
		for applying.Load() {
			r.follow(t, w)
		}
	})
	w.crowd(t, seed, all)
	w.drain(t, all)
	applying.Store(false)
	reading.Wait()
	before := len(r.read)
	var total int
	require.NoError(t, w.all.QueryRow(t.Context(), `SELECT count(*) FROM changes`).Scan(&total))
	r.until(t, w, total)
	t.Logf("%d entries, %d of them read while 16 workers wrote", len(r.read), before)
	require.Greater(t, before, len(r.read)/4, "the reader was there too late to prove anything")
	seen := map[domain.ClinicID]map[int64]query.Entry{}
	for _, e := range r.read {
		if seen[e.Clinic] == nil {
			seen[e.Clinic] = map[int64]query.Entry{}
		}
		require.NotContains(t, seen[e.Clinic], e.Seq, "told twice")
		seen[e.Clinic][e.Seq] = e
	}
	for _, h := range all {
		w.agrees(t, h, seen[h.clinic])
	}
}

// crowd delivers all histories while 16 workers apply.
func (w *world) crowd(t *testing.T, seed uint64, all []told) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for worker := range 16 {
		working.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(worker)))
			for ctx.Err() == nil {
				if _, err := w.applier.Run(t.Context(), all[rng.IntN(len(all))].clinic); err != nil {
					t.Error(err)
				}
			}
		})
	}
	share(len(all), func(i int) {
		for _, r := range all[i].Deliveries(rand.New(rand.NewPCG(seed^1, uint64(i)))) {
			w.deliver(t, all[i].clinic, all[i].Steps[all[i].Position(r)].Body(all[i].account))
		}
	})
	end()
	working.Wait()
}

// agrees compares what the platform's reader saw of a clinic with the clinic's own feed,
// and its end with the projection.
func (w *world) agrees(t *testing.T, h told, seen map[int64]query.Entry) {
	t.Helper()
	var own []query.Entry
	require.NoError(t, w.api.In(t.Context(), h.clinic, func(tx *tenants.Tx) error {
		for {
			entries, newest, err := query.Feed(tx, int64(len(own)), 3)
			if err != nil || len(entries) == 0 {
				require.EqualValues(t, len(own), newest)
				return err
			}
			own = append(own, entries...)
		}
	}))
	require.Len(t, seen, len(own), "the platform's reader missed some of clinic %d", h.clinic)
	versions := map[domain.UUID]int{}
	for i, e := range own {
		require.EqualValues(t, i+1, e.Seq)
		versions[e.ID]++
		require.Equal(t, versions[e.ID], e.Version, "one entry a version, in order")
		require.Equal(t, e.ID, seen[e.Seq].ID)
	}
	last := own[len(own)-1]
	var value any
	var err error
	switch last.Kind {
	case domain.KindPayment:
		var s query.Stored[domain.Invoice]
		s, err = query.Object[domain.Invoice](last)
		value = s.Value
	case domain.KindCheckout:
		var s query.Stored[domain.Checkout]
		s, err = query.Object[domain.Checkout](last)
		value = s.Value
	default:
		var s query.Stored[domain.Anticipation]
		s, err = query.Object[domain.Anticipation](last)
		value = s.Value
	}
	require.NoError(t, err)
	if last.AsaasID == h.Entity {
		require.JSONEq(t, w.stored(t, h), asJSON(t, value), "the last entry is what stands")
	}
}

func TestWhatATransactionThatBeganEarlierMayStillCommitHoldsThePlatformsFeedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late, quick := w.untoldClinic(t, "Vida", "acc-1"), w.untoldClinic(t, "Sorriso", "acc-2")
	slow, err := w.all.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = slow.Rollback(context.Background()) }()
	_, err = slow.Exec(
		t.Context(),
		`INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
		VALUES ($1, 1, 'payment', gen_random_uuid(), 'pay_1', 1, now(), '{}')`,
		late,
	)
	require.NoError(t, err)
	w.deliver(t, quick, samples.Event("payment_created_pix.real"))
	w.apply(t, quick)
	var r reader
	require.Zero(t, r.follow(t, w), "an entry is shown although an earlier one may still come")
	require.NoError(t, slow.Commit(t.Context()))
	r.until(t, w, 2)
	require.Equal(t, []domain.ClinicID{late, quick}, []domain.ClinicID{r.read[0].Clinic, r.read[1].Clinic})
}

func TestAFeedIsOneClinicsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vida, sorriso := w.untoldClinic(t, "Vida", "acc-1"), w.untoldClinic(t, "Sorriso", "acc-2")
	w.deliver(t, vida, samples.Event("payment_created_pix.real"))
	w.apply(t, vida)
	for clinic, want := range map[domain.ClinicID]int{vida: 1, sorriso: 0} {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			entries, _, err := query.Feed(tx, 0, 10)
			require.Len(t, entries, want)
			return err
		}))
	}
}

func TestAReaderBehindWhatWasDroppedIsToldToBeginAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.untoldClinic(t, "Vida", "acc-1")
	for _, sample := range []string{
		"payment_created_pix.real", "payment_received_pix.real", "payment_created_boleto.real",
	} {
		w.deliver(t, clinic, samples.Event(sample))
		w.apply(t, clinic)
		w.now = w.now.Add(24 * time.Hour)
	}
	var old, fresh reader
	fresh.until(t, w, 3)
	old.place = fresh.read[0].Place
	n, err := query.TrimFeed(w.worker, t.Context(), start.Add(25*time.Hour)) // the first two
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, _, err = query.PlatformFeed(w.api, t.Context(), old.place, 10)
	require.ErrorIs(t, err, query.ErrExpired)
	_, _, err = query.PlatformFeed(w.api, t.Context(), fresh.read[1].Place, 10)
	require.NoError(t, err, "what was dropped was read")
	for after, want := range map[int64]error{
		0: query.ErrExpired, 1: query.ErrExpired, 2: nil, 3: nil, 4: tenants.ErrCursor,
	} {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			_, newest, err := query.Feed(tx, after, 10)
			require.ErrorIs(t, err, want)
			require.EqualValues(t, 3, newest)
			return nil
		}))
	}
	for _, bad := range []string{"x", "ZjEuYS5iLmM", "ZjIuMS4xLjE"} {
		_, _, err := query.PlatformFeed(w.api, t.Context(), bad, 10)
		require.ErrorIs(t, err, tenants.ErrCursor)
	}
}
