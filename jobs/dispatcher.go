package jobs

import (
	"context"
	"sync"

	"patapay/domain"
)

// dispatcher applies the events of many clinics on a few goroutines, in the order they were
// told of. One clinic is at one goroutine at a time, and a notice that comes while it runs
// makes it run once more, so that what was committed behind its last check is not left lying.
type dispatcher struct {
	apply func(context.Context, domain.ClinicID) (more bool, err error)

	mu     sync.Mutex
	some   *sync.Cond // the queue has something
	idle   *sync.Cond // it has nothing
	queue  []domain.ClinicID
	states map[domain.ClinicID]*clinicState
	closed bool
}

type clinicState struct{ queued, running, again bool }

func newDispatcher(apply func(context.Context, domain.ClinicID) (bool, error)) *dispatcher {
	d := &dispatcher{apply: apply, states: map[domain.ClinicID]*clinicState{}}
	d.some, d.idle = sync.NewCond(&d.mu), sync.NewCond(&d.mu)
	return d
}

// add asks for a run of clinic that begins after this call.
func (d *dispatcher) add(clinic domain.ClinicID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.states[clinic]
	if s == nil {
		s = &clinicState{}
		d.states[clinic] = s
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

// run works until close; call it on as many goroutines as may work at once.
func (d *dispatcher) run(ctx context.Context) {
	for {
		clinic, s, ok := d.next()
		if !ok {
			return
		}
		more, err := d.apply(ctx, clinic)
		d.finish(clinic, s, more && err == nil)
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

// finish puts the clinic at the tail when it has more, or was told of meanwhile: round-robin
// between clinics by construction.
func (d *dispatcher) finish(clinic domain.ClinicID, s *clinicState, more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.running = false
	if more || s.again {
		s.queued = true
		d.queue = append(d.queue, clinic)
		d.some.Signal()
		return
	}
	delete(d.states, clinic)
}

// close ends run once what is under way is done.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.some.Broadcast()
	d.idle.Broadcast()
}
