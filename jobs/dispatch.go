package jobs

import (
	"context"
	"sync"
	"time"

	"patapay/domain"
)

// dispatcher runs the wakes of many clinics on a few goroutines, in the order they were
// asked for. One clinic is woken by one goroutine at a time, and a wake that comes while
// it runs makes it run once more, so a ring between its last look and its end is not lost.
type dispatcher struct {
	wake func(context.Context, domain.ClinicID) (more bool, err error)

	mu     sync.Mutex
	some   *sync.Cond // the queue has something
	idle   *sync.Cond // it has nothing
	queue  []domain.ClinicID
	states map[domain.ClinicID]*clinicState
	begun  map[domain.ClinicID]time.Time // when the last wake of a clinic began; bounded by the number of clinics
	closed bool
}

type clinicState struct {
	queued, running, again bool
	waiters                []chan error // told when the wake under way, or the next, ends
}

func newDispatcher(wake func(context.Context, domain.ClinicID) (bool, error)) *dispatcher {
	d := &dispatcher{wake: wake, states: map[domain.ClinicID]*clinicState{}, begun: map[domain.ClinicID]time.Time{}}
	d.some, d.idle = sync.NewCond(&d.mu), sync.NewCond(&d.mu)
	return d
}

// add asks for a wake of clinic; done, if not nil, receives the error of the wake that
// begins after this call.
func (d *dispatcher) add(clinic domain.ClinicID, done chan error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.states[clinic]
	if s == nil {
		s = &clinicState{}
		d.states[clinic] = s
	}
	if done != nil {
		s.waiters = append(s.waiters, done)
	}
	switch {
	case s.running:
		s.again = true
	case !s.queued:
		s.queued = true
		d.queue = append(d.queue, clinic)
		d.some.Signal()
	}
}

// addSince is add for a ring of instant at: when a wake of the clinic began after it, and
// has ended, what was rung for is applied and nothing is to be done. The nudge and the
// task of one ring thus cost one wake. Clocks that differ cost at most a sweep's second.
func (d *dispatcher) addSince(clinic domain.ClinicID, at time.Time, done chan error) {
	d.mu.Lock()
	answered := d.begun[clinic].After(at) && d.states[clinic] == nil
	d.mu.Unlock()
	if answered {
		done <- nil
		return
	}
	d.add(clinic, done)
}

// run works until ctx ends; call it on as many goroutines as may work at once.
func (d *dispatcher) run(ctx context.Context) {
	for {
		clinic, s, ok := d.next()
		if !ok {
			return
		}
		more, err := d.wake(ctx, clinic)
		d.finish(clinic, s, more && err == nil, err)
	}
}

func (d *dispatcher) next() (domain.ClinicID, *clinicState, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.queue) == 0 && !d.closed {
		d.some.Wait()
	}
	if d.closed {
		return 0, nil, false
	}
	clinic := d.queue[0]
	if d.queue = d.queue[1:]; len(d.queue) == 0 {
		d.idle.Broadcast()
	}
	s := d.states[clinic]
	s.queued, s.running, s.again = false, true, false
	d.begun[clinic] = time.Now()
	return clinic, s, true
}

// waitIdle returns when no clinic waits for a goroutine, or at the end.
func (d *dispatcher) waitIdle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.queue) > 0 && !d.closed {
		d.idle.Wait()
	}
}

// finish tells who waited, and puts the clinic at the tail when it has more: round-robin
// between clinics by construction.
func (d *dispatcher) finish(clinic domain.ClinicID, s *clinicState, more bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.running = false
	if !s.again {
		for _, w := range s.waiters {
			w <- err
		}
		s.waiters = nil
	}
	if more || s.again {
		s.queued = true
		d.queue = append(d.queue, clinic)
		d.some.Signal()
		return
	}
	delete(d.states, clinic)
}

// close ends run once the wakes under way are done.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.some.Broadcast()
	d.idle.Broadcast()
}
