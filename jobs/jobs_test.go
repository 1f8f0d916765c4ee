package jobs

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// crew is workers that only take nudges; what each was woken for is counted.
type crew struct {
	mu    sync.Mutex
	woken map[domain.ClinicID]int
}

// hire starts a worker of the crew; before, if not nil, is called in each wake.
func (c *crew) hire(t *testing.T, r *redis.Client, before func()) {
	t.Helper()
	w := &Worker{Redis: r, Log: slog.New(slog.DiscardHandler), Concurrency: 2}
	w.wakes = newDispatcher(func(_ context.Context, clinic domain.ClinicID) (bool, error) {
		c.mu.Lock()
		c.woken[clinic]++
		c.mu.Unlock()
		if before != nil {
			before()
		}
		return false, nil
	})
	for range w.Concurrency {
		go w.wakes.run(t.Context())
	}
	t.Cleanup(w.wakes.close)
	go w.listen(t.Context())
}

// count returns how many clinics were woken, and how many wakes that took.
func (c *crew) count() (clinics, wakes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.woken {
		clinics, wakes = clinics+1, wakes+n
	}
	return clinics, wakes
}

// Each worker heard each nudge once: eight processes opened eight transactions for one event.
func TestANudgeStartsOneWorkerOfMany(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	c := &crew{woken: map[domain.ClinicID]int{}}
	for range 4 {
		c.hire(t, r, nil)
	}
	for clinic := domain.ClinicID(1001); clinic <= 1200; clinic++ {
		b.Ring(clinic)
	}
	tenantstest.Eventually(t, 10*time.Second, "all are woken", func() bool { clinics, _ := c.count(); return clinics == 200 })
	if _, wakes := c.count(); wakes != 200 {
		t.Errorf("%d wakes for 200 clinics", wakes)
	}
}

func TestABusyWorkerLeavesNudgesToAFreeOne(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	stuck, begun := make(chan struct{}), make(chan struct{}, 10)
	t.Cleanup(func() { close(stuck) })
	busy, free := &crew{woken: map[domain.ClinicID]int{}}, &crew{woken: map[domain.ClinicID]int{}}
	busy.hire(t, r, func() { begun <- struct{}{}; <-stuck })
	for clinic := domain.ClinicID(2001); clinic <= 2002; clinic++ { // both its hands are full
		b.Ring(clinic)
		<-begun
	}
	for clinic := domain.ClinicID(2003); clinic <= 2020; clinic++ {
		b.Ring(clinic)
	}
	free.hire(t, r, nil)
	const inItsPocket = 2 // at most as many as it has hands
	tenantstest.Eventually(t, 10*time.Second, "the free one has the rest", func() bool { clinics, _ := free.count(); return clinics >= 18-inItsPocket })
}

func TestAWorkerThatEndsGivesBackWhatItTook(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	ctx, end := context.WithCancel(t.Context())
	w := &Worker{Redis: r, Log: slog.New(slog.DiscardHandler), Concurrency: 1}
	w.wakes = newDispatcher(nil)
	done := make(chan struct{})
	go func() { w.listen(ctx); close(done) }()
	tenantstest.Eventually(t, 20*time.Second, "it waits for a nudge", func() bool {
		clients, err := r.ClientList(context.Background()).Result()
		return err == nil && strings.Contains(clients, "cmd=bzmpop")
	})
	end()
	b.Ring(3001)
	<-done
	tenantstest.Eventually(t, 20*time.Second, "the nudge lies there", func() bool { return r.ZScore(context.Background(), rings, "3001").Err() == nil })
}
