package jobs

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/tenantstest"
)

// sweeping is a worker that notes whom its sweep asks a run for, and the clinics that have pending events: 1 to 4,
// received at its now, less half a second, a second, two seconds and a minute.
type sweeping struct {
	*Worker
	redis *redis.Client
}

func newSweeping(t *testing.T) *sweeping {
	t.Helper()
	db := tenantstest.New(t)
	opt, err := redis.ParseURL(db.RedisURL())
	require.NoError(t, err)
	r := redis.NewClient(opt)
	t.Cleanup(func() { r.Close() })
	sweeper, err := tenants.Open(db.URL(tenantstest.Sweeper), tenants.Options{Name: "sweeper", Pooler: db.Pooled()})
	require.NoError(t, err)
	t.Cleanup(sweeper.Close)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	owner, err := pgx.Connect(t.Context(), db.URL(tenantstest.Owner))
	require.NoError(t, err)
	defer owner.Close(t.Context())
	for i, age := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, time.Minute} {
		_, err = owner.Exec(
			t.Context(),
			`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) VALUES ($1, 2, 1, gen_random_uuid(), $2)`,
			i+1,
			now.Add(-age),
		)
		require.NoError(t, err)
	}
	w := &Worker{Sweeper: sweeper, Redis: r, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }}
	w.Start()
	return &sweeping{w, r}
}

// asked returns whom one sweep asks a run for.
func (s *sweeping) asked(t *testing.T) []domain.ClinicID {
	t.Helper()
	require.NoError(t, s.sweep(t.Context()))
	asked := slices.Sorted(slices.Values(s.clinics.queue))
	s.clinics.queue, s.clinics.states = nil, map[domain.ClinicID]*clinicState{}
	return asked
}

// A quarter of all runs found nothing: the sweep asked each second for what a notification had just told of, or would.
func TestTheSweepLeavesToNotificationsWhatTheyHaveHadNoTimeFor(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	require.Equal(t, []domain.ClinicID{1, 2, 3, 4}, s.asked(t), "Redis has not answered yet")
	s.heard.Store(time.Now().UnixNano())
	require.Equal(t, []domain.ClinicID{2, 3, 4}, s.asked(t), "half a second is left to the notification")
	s.heard.Store(time.Now().Add(-time.Minute).UnixNano())
	require.Equal(t, []domain.ClinicID{1, 2, 3, 4}, s.asked(t), "away, or this worker is too busy to ask")
	s.heard.Store(time.Now().UnixNano())
	s.Redis = nil
	require.Equal(t, []domain.ClinicID{1, 2, 3, 4}, s.asked(t), "without notifications it is all there is")
}

func TestTheSweepLeavesAReadyClinicToTheNextFreeWorker(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	s.heard.Store(time.Now().UnixNano())
	require.NoError(
		t,
		readySet{s.redis}.add(t.Context(), []notice{{3, time.Now()}, {4, time.Now().Add(-time.Minute)}, {9, time.Now()}}),
	)
	require.Equal(t, []domain.ClinicID{2, 4}, s.asked(t), "3 waits its turn; 4 waits for so long that nobody takes it")
	require.NoError(t, s.redis.Close())
	require.Equal(t, []domain.ClinicID{2, 3, 4}, s.asked(t), "a Redis that does not say who is ready")
}

// A worker that began beside a backlog swept every clinic that the ready set named again afterwards: a quarter of the
// turns of a drain found nothing.
func TestAWorkersFirstSweepLeavesItWhatWasReadyBeforeItBegan(t *testing.T) {
	t.Parallel()
	s := newSweeping(t)
	s.beginListening()
	old := time.Now().Add(-time.Hour)
	require.NoError(t, readySet{s.redis}.add(t.Context(), []notice{{3, old}, {4, old}}))
	require.Equal(t, []domain.ClinicID{2}, s.asked(t), "3 and 4 are ready; 1 is left to its notification")
	s.begunAt = s.begunAt.Add(-forgotten)
	require.Equal(t, []domain.ClinicID{2, 3, 4}, s.asked(t), "it had the time to take them")
}

func TestARunsClinicsAreToldApartByWhetherTheyHadEvents(t *testing.T) {
	t.Parallel()
	w := newReadsWorld(t)
	var found, nothing int
	worker := &Worker{
		Apply: w.applier, Log: slog.New(slog.DiscardHandler),
		Counted: func(f, n int) { found, nothing = found+f, nothing+n },
	}
	w.deliver(samples.Event("payment_received_pix.real"))
	worker.applyClinics(t.Context(), []domain.ClinicID{w.clinic, w.clinic + 1})
	require.Equal(t, []int{1, 1}, []int{found, nothing})
	worker.applyClinics(t.Context(), []domain.ClinicID{w.clinic})
	require.Equal(t, []int{1, 2}, []int{found, nothing}, "its event was applied before")
}
