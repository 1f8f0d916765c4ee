package jobs

import (
	"context"
	"slices"
	"sync"

	"patapay/domain"
	"patapay/tenants/apply"
)

// dispatcher applies the events of many clinics on a few goroutines, in the order they were told of. One clinic is at
// one goroutine at a time, and a notice that comes while it runs makes it run once more, so that what was committed
// behind its last check is not left lying. Clinics that wait together run together: a transaction is what a lone event
// costs most of.
type dispatcher struct {
	apply func(context.Context, []domain.ClinicID) []apply.Ran

	mu     sync.Mutex
	some   *sync.Cond // the queue has something
	idle   *sync.Cond // it has nothing, and a goroutine is free
	queue  []domain.ClinicID
	states map[domain.ClinicID]*clinicState
	free   int // goroutines that wait
	most   int // clinics that a run takes as things are
	closed bool
}

type clinicState struct{ queued, running, again bool }

// A run is of at most so many clinics: many while they bring little, few from the first run on that had many rows, for
// each waits until the run of all has ended.
const (
	fewClinics  = 8
	manyClinics = 32
	manyRows    = 400
)

func newDispatcher(apply func(context.Context, []domain.ClinicID) []apply.Ran) *dispatcher {
	d := &dispatcher{apply: apply, states: map[domain.ClinicID]*clinicState{}, most: fewClinics}
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
		clinics := d.next()
		if len(clinics) == 0 {
			return
		}
		d.finish(d.apply(ctx, clinics))
	}
}

// next waits for clinics and takes those that wait longest: a share of them, when other goroutines are free. None: the
// end.
func (d *dispatcher) next() (clinics []domain.ClinicID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free++
	for len(d.queue) == 0 && !d.closed {
		d.idle.Broadcast()
		d.some.Wait()
	}
	share := (len(d.queue) + d.free - 1) / d.free
	d.free--
	if d.closed {
		return nil
	}
	clinics = slices.Clone(d.queue[:min(share, d.most)])
	d.queue = d.queue[len(clinics):]
	for _, c := range clinics {
		s := d.states[c]
		s.queued, s.running, s.again = false, true, false
	}
	if len(d.queue) == 0 && d.free > 0 {
		d.idle.Broadcast()
	}
	return clinics
}

// waitFree returns when no clinic waits and a goroutine does, or at the end.
func (d *dispatcher) waitFree() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for (len(d.queue) > 0 || d.free == 0) && !d.closed {
		d.idle.Wait()
	}
}

// finish puts clinics at the tail that have more, or were told of meanwhile: round-robin between clinics by
// construction.
func (d *dispatcher) finish(done []apply.Ran) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows := 0
	for _, r := range done {
		rows += r.Report.Rows
	}
	switch {
	case rows > manyRows:
		d.most = fewClinics
	case rows*manyClinics <= manyRows*len(done):
		d.most = min(2*d.most, manyClinics)
	}
	for _, r := range done {
		s := d.states[r.Clinic]
		s.running = false
		if s.again || r.Err == nil && r.Report.More {
			s.queued = true
			d.queue = append(d.queue, r.Clinic)
			d.some.Signal()
			continue
		}
		delete(d.states, r.Clinic)
	}
}

// close ends run once what is under way is done.
func (d *dispatcher) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	d.some.Broadcast()
	d.idle.Broadcast()
}
