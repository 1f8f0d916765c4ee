package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// trace is a wake that notes whom it woke, in order.
type trace struct {
	mu    sync.Mutex
	woken []domain.ClinicID
	more  map[domain.ClinicID]int // how many more times a clinic has work
	hold  chan struct{}           // if not nil, a wake waits for one token
	fail  error
}

func (r *trace) wake(_ context.Context, c domain.ClinicID) (bool, error) {
	r.mu.Lock()
	r.woken = append(r.woken, c)
	r.more[c]--
	more := r.more[c] > 0
	r.mu.Unlock()
	if r.hold != nil {
		<-r.hold
	}
	return more, r.fail
}

func (r *trace) list() []domain.ClinicID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.woken)
}

func dispatch(t *testing.T, r *trace) *dispatcher {
	t.Helper()
	if r.more == nil {
		r.more = map[domain.ClinicID]int{}
	}
	d := newDispatcher(r.wake)
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	t.Cleanup(func() { d.close(); <-ended })
	return d
}

func TestAClinicWithMoreWorkGoesToTheTail(t *testing.T) {
	r := &trace{more: map[domain.ClinicID]int{1: 3, 2: 1, 3: 2}}
	d := newDispatcher(r.wake)
	for _, c := range []domain.ClinicID{1, 2, 3} {
		d.add(c, nil)
	}
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	tenantstest.Eventually(t, 5*time.Second, "six wakes", func() bool { return len(r.list()) == 6 })
	d.close()
	<-ended
	if got, want := r.list(), []domain.ClinicID{1, 2, 3, 1, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("woken %v, want %v: a big clinic starves nobody", got, want)
	}
}

func TestARingDuringAWakeLeadsToOneMore(t *testing.T) {
	r := &trace{hold: make(chan struct{})}
	d := dispatch(t, r)
	d.add(7, nil)
	tenantstest.Eventually(t, 5*time.Second, "the wake begins", func() bool { return len(r.list()) == 1 })
	for range 100 {
		d.add(7, nil)
	}
	close(r.hold)
	done := make(chan error, 1)
	d.add(8, done)
	<-done
	if got := len(r.list()); got != 3 {
		t.Errorf("%d wakes, want 3: the first, one for all rings during it, and the other clinic's", got)
	}
}

func TestWhoWaitsIsToldOfAWakeThatBeganAfterTheyAsked(t *testing.T) {
	r := &trace{hold: make(chan struct{}, 1), fail: errors.New("away")}
	d := dispatch(t, r)
	d.add(7, nil)
	tenantstest.Eventually(t, 5*time.Second, "the wake begins", func() bool { return len(r.list()) == 1 })
	done := make(chan error, 1)
	d.add(7, done)
	r.hold <- struct{}{} // the first wake ends
	tenantstest.Eventually(t, 5*time.Second, "the second wake begins", func() bool { return len(r.list()) == 2 })
	select {
	case <-done:
		t.Fatal("told by the wake that was under way: it may not have seen what was rung for")
	default:
	}
	r.hold <- struct{}{}
	if err := <-done; !errors.Is(err, r.fail) {
		t.Errorf("told %v, want the wake's error", err)
	}
}

func TestATaskWhoseNudgeWasAnsweredCostsNoWake(t *testing.T) {
	r := &trace{}
	d := dispatch(t, r)
	rung := time.Now()
	first := make(chan error, 1)
	d.addSince(7, rung, first) // the nudge
	<-first
	tenantstest.Eventually(t, 5*time.Second, "the clinic is at rest", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.states[7] == nil
	})
	second := make(chan error, 1)
	d.addSince(7, rung, second) // the task of the same ring
	<-second
	later := make(chan error, 1)
	d.addSince(7, time.Now(), later) // another ring
	<-later
	if got := len(r.list()); got != 2 {
		t.Errorf("%d wakes, want 2", got)
	}
}
