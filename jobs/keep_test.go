package jobs_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/tenantstest"
)

// Four months of a clock that a seed moves on, three days at a time, are more than the room
// there was when the worker began.
func TestRoomForBodiesFollowsTheWorkersOwnClock(t *testing.T) {
	t.Parallel()
	base := tenantstest.New(t)
	worker, err := tenants.Open(base.URL(tenantstest.Worker), tenants.Options{Name: "worker", Pooler: base.Pooled()})
	require.NoError(t, err)
	t.Cleanup(worker.Close)
	sweeper, err := tenants.Open(base.URL(tenantstest.Sweeper), tenants.Options{Name: "sweeper", Pooler: base.Pooled()})
	require.NoError(t, err)
	t.Cleanup(sweeper.Close)
	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	w := &jobs.Worker{
		DB:          worker,
		Sweeper:     sweeper,
		Log:         slog.New(slog.DiscardHandler),
		Now:         clock,
		Concurrency: 1,
		KeepDays:    90,
	}
	ctx, end := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { defer close(over); _ = w.Run(ctx) }()
	t.Cleanup(func() { end(); <-over })
	ready := func(at time.Time) bool {
		is, err := inbox.BodiesReady(worker, t.Context(), at)
		require.NoError(t, err)
		return is
	}
	far := time.Now().AddDate(0, 5, 0)
	require.False(t, ready(far))
	ahead.Store(int64(120 * 24 * time.Hour))
	tenantstest.Eventually(t, 30*time.Second, "room five months ahead", func() bool { return ready(far) })
}
