package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants/apply"
)

// dispatcher applies the events of many clinics on a few goroutines, in the order they were told of. One clinic is at
// one goroutine at a time, and a notice that comes while it runs makes it run once more, so that what was committed
// behind its last check is not left lying. Clinics that wait together run together: a transaction is what a lone event
// costs most of.
//
// A clinic that brings much waits in a line of its own. While others bring little, one goroutine is theirs, so that
// nobody waits for a turn of a flood, and after each run of a few floods their line rests, so that the processors are
// not theirs either; when nobody else comes, a flood has all of both.
type dispatcher struct {
	apply func(context.Context, []domain.ClinicID) []apply.Ran
	now   func() time.Time
	after func(time.Duration, func())

	mu       sync.Mutex
	some     *sync.Cond // a line has something
	idle     *sync.Cond // what waitFree waits for may have come
	queue    []domain.ClinicID
	long     []domain.ClinicID // those that brought much of late
	states   map[domain.ClinicID]*clinicState
	brought  broughtRows
	calmAt   time.Time // when a clinic that brings little was last told of
	begunAt  time.Time // when a goroutine last took clinics
	workers  int       // goroutines
	free     int       // of them, those that wait
	longRuns int       // of them, those that run clinics of the long line
	rests    bool      // the long line does
	most     int       // clinics that a run takes as things are
	closed   bool
}

type clinicState struct{ queued, running, again bool }

// calmLasts is for how long after such a notice one goroutine is kept for clinics that bring little.
const calmLasts = 200 * time.Millisecond

// After a run the long line rests so many times as long as the run took, within bounds: what comes meanwhile shares the
// next run, which costs little more than one event's.
const (
	restTimes = 3
	restLeast = 100 * time.Millisecond
	restMost  = 250 * time.Millisecond
)

// gatherLasts is for how long after a run began the clinics gather that are told of. One after silence goes at once;
// where they come densely, a run of several costs little more than one of one.
const gatherLasts = 5 * time.Millisecond

// A run is of at most so many clinics: many while they bring little, few from the first run on that had many rows, for
// each waits until the run of all has ended.
const (
	fewTogether = 8 // are not divided among free goroutines: most of what they cost they share
	fewLong     = 4 // of those that bring much
	fewClinics  = 8
	manyClinics = 32
	manyRows    = 400
)

func newDispatcher(apply func(context.Context, []domain.ClinicID) []apply.Ran) *dispatcher {
	d := &dispatcher{apply: apply, now: time.Now, states: map[domain.ClinicID]*clinicState{}, most: fewClinics}
	d.after = func(pause time.Duration, then func()) { time.AfterFunc(pause, then) }
	d.some, d.idle = sync.NewCond(&d.mu), sync.NewCond(&d.mu)
	return d
}

// add asks for runs of clinics that begin after this call; those that are told of in one call may share one.
func (d *dispatcher) add(clinics ...domain.ClinicID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, clinic := range clinics {
		s := d.states[clinic]
		if s == nil {
			s = &clinicState{}
			d.states[clinic] = s
		}
		switch {
		case s.running:
			s.again = true
		case !s.queued:
			d.put(clinic, s)
		}
	}
}

// put puts a clinic at the tail of its line.
func (d *dispatcher) put(clinic domain.ClinicID, s *clinicState) {
	s.queued = true
	if now := d.now(); d.brought.isMuch(clinic, now) {
		d.long = append(d.long, clinic)
	} else {
		d.queue, d.calmAt = append(d.queue, clinic), now
	}
	d.some.Signal()
}

// run works until close; call it on as many goroutines as may work at once.
func (d *dispatcher) run(ctx context.Context) {
	d.mu.Lock()
	d.workers++
	d.mu.Unlock()
	wasLong := false
	for {
		clinics, isLong := d.next(wasLong)
		if len(clinics) == 0 {
			return
		}
		wasLong = isLong
		began := d.now()
		done := d.apply(ctx, clinics)
		d.finish(done, isLong)
		if isLong {
			d.rest(d.now().Sub(began))
		}
	}
}

// next waits for clinics and takes those that wait longest in one of the lines: a share of them, when other goroutines
// are free. The lines take turns; wasLong tells whose the caller's last one was. None: the end.
func (d *dispatcher) next(wasLong bool) (clinics []domain.ClinicID, isLong bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free++
	for len(d.queue) == 0 && !d.mayRunLong() && !d.closed {
		d.idle.Broadcast()
		d.some.Wait()
	}
	free := d.free
	d.free--
	if d.closed {
		return nil, false
	}
	line, few := &d.queue, fewTogether
	if isLong = d.mayRunLong() && (!wasLong || len(d.queue) == 0); isLong {
		line, few = &d.long, fewLong
		d.longRuns++
	}
	runs := min(free, (len(*line)+few-1)/few)
	clinics = d.take(line, (len(*line)+runs-1)/runs)
	d.begunAt = d.now()
	if len(d.queue) == 0 {
		d.idle.Broadcast()
	}
	if len(d.queue)+len(d.long) > 0 {
		d.some.Signal()
	}
	return clinics, isLong
}

// mayRunLong tells whether a clinic of the long line waits and a goroutine may take it.
func (d *dispatcher) mayRunLong() bool {
	most := d.workers
	if d.calmCome() {
		most = max(most-1, 1)
	}
	return len(d.long) > 0 && d.longRuns < most && !d.rests
}

// calmCome tells whether clinics that bring little are told of.
func (d *dispatcher) calmCome() bool { return d.now().Sub(d.calmAt) < calmLasts }

// rest keeps the long line waiting after a run of it that took so long, while others come. When many clinics bring
// much, as after an outage, that is no flood, and nothing rests.
func (d *dispatcher) rest(took time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rests || !d.calmCome() || len(d.long) > fewClinics {
		return
	}
	d.rests = true
	d.after(min(max(restTimes*took, restLeast), restMost), func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.rests = false
		d.some.Signal()
	})
}

// take removes the first clinics of a line, a run of them at most, and notes that they run.
func (d *dispatcher) take(line *[]domain.ClinicID, share int) []domain.ClinicID {
	clinics := slices.Clone((*line)[:min(share, d.most, len(*line))])
	*line = (*line)[len(clinics):]
	for _, c := range clinics {
		s := d.states[c]
		s.queued, s.running, s.again = false, true, false
	}
	return clinics
}

// waitFree returns when no clinic that brings little waits, and a goroutine does or all are at clinics that bring much:
// then whoever comes waits for a turn at most. Not sooner than gatherLasts after the last run began: what comes
// meanwhile shares the next one. Or at the end.
func (d *dispatcher) waitFree() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.closed {
		early := gatherLasts - d.now().Sub(d.begunAt)
		if d.isFree() && early <= 0 {
			return
		}
		if d.isFree() {
			d.after(early, d.lookAgain)
		}
		d.idle.Wait()
	}
}

func (d *dispatcher) lookAgain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle.Broadcast()
}

func (d *dispatcher) isFree() bool {
	onlyLong := d.longRuns == d.workers && len(d.long) < manyClinics
	return len(d.queue) == 0 && (d.free > 0 || d.workers > 0 && onlyLong)
}

// finish puts clinics at the tail of their line that have more, or were told of meanwhile: round-robin between clinics
// by construction.
func (d *dispatcher) finish(done []apply.Ran, wasLong bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if wasLong {
		d.longRuns--
	}
	rows := 0
	for _, r := range done {
		rows += r.Report.Rows
		d.brought.add(r.Clinic, r.Report.Rows, d.now())
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
			d.put(r.Clinic, s)
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

// broughtRows is how many rows each clinic brought in this second and in the one before.
type broughtRows struct {
	second       int64
	now, earlier map[domain.ClinicID]int
}

// muchRows is from how many rows in such a time on a clinic brings much: a full turn.
const muchRows = 50

func (b *broughtRows) add(clinic domain.ClinicID, rows int, at time.Time) {
	b.turn(at)
	b.now[clinic] += rows
}

func (b *broughtRows) isMuch(clinic domain.ClinicID, at time.Time) bool {
	b.turn(at)
	return b.now[clinic]+b.earlier[clinic] >= muchRows
}

// turn forgets what is older.
func (b *broughtRows) turn(at time.Time) {
	second := at.Unix()
	if b.now != nil && second == b.second {
		return
	}
	b.earlier = nil
	if second == b.second+1 {
		b.earlier = b.now
	}
	b.second, b.now = second, map[domain.ClinicID]int{}
}
