package jobs

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// trace notes whose events were applied, in order.
type trace struct {
	mu    sync.Mutex
	begun []domain.ClinicID
	more  map[domain.ClinicID]int // how many more times a clinic has work
	hold  chan struct{}           // if not nil, a run waits for one token
	fail  error
}

func (r *trace) apply(_ context.Context, c domain.ClinicID) (bool, error) {
	r.mu.Lock()
	r.begun = append(r.begun, c)
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
	return slices.Clone(r.begun)
}

func dispatch(t *testing.T, r *trace) *dispatcher {
	t.Helper()
	if r.more == nil {
		r.more = map[domain.ClinicID]int{}
	}
	d := newDispatcher(r.apply)
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	t.Cleanup(func() { d.close(); <-ended })
	return d
}

func TestAClinicWithMoreWorkGoesToTheTail(t *testing.T) {
	r := &trace{more: map[domain.ClinicID]int{1: 3, 2: 1, 3: 2}}
	d := newDispatcher(r.apply)
	for _, c := range []domain.ClinicID{1, 2, 3} {
		d.add(c)
	}
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	tenantstest.Eventually(t, 5*time.Second, "six runs", func() bool { return len(r.list()) == 6 })
	d.close()
	<-ended
	if got, want := r.list(), []domain.ClinicID{1, 2, 3, 1, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("begun %v, want %v: a big clinic starves nobody", got, want)
	}
}

func TestANoticeDuringARunLeadsToOneMore(t *testing.T) {
	r := &trace{hold: make(chan struct{})}
	d := dispatch(t, r)
	d.add(7)
	tenantstest.Eventually(t, 5*time.Second, "the run begins", func() bool { return len(r.list()) == 1 })
	for range 100 {
		d.add(7)
	}
	close(r.hold)
	d.add(8)
	tenantstest.Eventually(t, 5*time.Second, "the other clinic's run", func() bool { return slices.Contains(r.list(), 8) })
	tenantstest.Eventually(t, 5*time.Second, "nothing is left", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.states) == 0
	})
	if got := len(r.list()); got != 3 {
		t.Errorf("%d runs, want 3: the first, one for all notices during it, and the other clinic's", got)
	}
}

// Whatever fails is found again by the sweep, and not tried at once.
func TestARunThatFailsIsNotRepeatedAtOnce(t *testing.T) {
	r := &trace{more: map[domain.ClinicID]int{7: 5}, fail: context.DeadlineExceeded}
	d := dispatch(t, r)
	d.add(7)
	d.add(8)
	tenantstest.Eventually(t, 5*time.Second, "both have run", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.states) == 0
	})
	if got, want := r.list(), []domain.ClinicID{7, 8}; !slices.Equal(got, want) {
		t.Errorf("begun %v, want %v", got, want)
	}
}
