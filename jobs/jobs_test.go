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

// crew is workers that only take ready clinics; how often each clinic was begun is counted.
type crew struct {
	mu    sync.Mutex
	begun map[domain.ClinicID]int
}

// hire starts a worker of the crew; before, if not nil, is called in each run.
func (c *crew) hire(t *testing.T, r *redis.Client, before func()) {
	t.Helper()
	w := &Worker{Redis: r, Log: slog.New(slog.DiscardHandler), Concurrency: 2}
	w.clinics = newDispatcher(oneByOne(func(clinic domain.ClinicID) (bool, error) {
		c.mu.Lock()
		c.begun[clinic]++
		c.mu.Unlock()
		if before != nil {
			before()
		}
		return false, nil
	}))
	for range w.Concurrency {
		go w.clinics.run(t.Context())
	}
	t.Cleanup(w.clinics.close)
	go w.listen(t.Context())
}

// count returns how many clinics were begun, and how many runs that took.
func (c *crew) count() (clinics, runs int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.begun {
		clinics, runs = clinics+1, runs+n
	}
	return clinics, runs
}

// Each worker was once notified of each clinic: eight processes opened eight transactions for one event.
func TestAReadyClinicStartsOneWorkerOfMany(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	c := &crew{begun: map[domain.ClinicID]int{}}
	for range 4 {
		c.hire(t, r, nil)
	}
	for clinic := domain.ClinicID(1001); clinic <= 1200; clinic++ {
		n.Notify(clinic)
	}
	tenantstest.Eventually(
		t,
		10*time.Second,
		"all are begun",
		func() bool { clinics, _ := c.count(); return clinics == 200 },
	)
	if _, runs := c.count(); runs != 200 {
		t.Errorf("%d runs for 200 clinics", runs)
	}
}

func TestABusyWorkerLeavesReadyClinicsToAFreeOne(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	stuck, begun := make(chan struct{}), make(chan struct{}, 10)
	t.Cleanup(func() { close(stuck) })
	busy, free := &crew{begun: map[domain.ClinicID]int{}}, &crew{begun: map[domain.ClinicID]int{}}
	busy.hire(t, r, func() { begun <- struct{}{}; <-stuck })
	for clinic := domain.ClinicID(2001); clinic <= 2002; clinic++ { // both its hands are full
		n.Notify(clinic)
		<-begun
	}
	for clinic := domain.ClinicID(2003); clinic <= 2020; clinic++ {
		n.Notify(clinic)
	}
	free.hire(t, r, nil)
	tenantstest.Eventually(
		t,
		10*time.Second,
		"the free one has the rest",
		func() bool { clinics, _ := free.count(); return clinics == 18 },
	)
}

func TestAWorkerThatEndsGivesBackWhatItTook(t *testing.T) {
	t.Parallel()
	n, r := notifying(t)
	ctx, end := context.WithCancel(t.Context())
	w := &Worker{Redis: r, Log: slog.New(slog.DiscardHandler), Concurrency: 1}
	w.clinics = newDispatcher(nil)
	t.Cleanup(w.clinics.close)
	go w.clinics.run(context.Background())
	done := make(chan struct{})
	go func() { w.listen(ctx); close(done) }()
	tenantstest.Eventually(t, 20*time.Second, "it waits for a ready clinic", func() bool {
		clients, err := r.ClientList(context.Background()).Result()
		return err == nil && strings.Contains(clients, "cmd=bzmpop")
	})
	end()
	n.Notify(3001)
	<-done
	tenantstest.Eventually(t, 20*time.Second, "the clinic is ready", func() bool { return isReady(r, 3001) })
}
