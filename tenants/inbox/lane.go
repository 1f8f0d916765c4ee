package inbox

import (
	"sync"
	"time"

	"patapay/domain"
)

const (
	batchRows  = 128     // rows of one commit at most, copies among them
	batchBytes = 1 << 20 // sealed bytes of one commit, but for a single longer row
	waiting    = 4096    // deliveries that may wait for a commit; beyond, Unavailable at once
	ofClinic   = 1024    // of them, those of one clinic
)

// lane is deliveries that wait for a commit, in a line for each clinic. Batches are filled from
// the lines in turn, so that what one clinic sends holds up another's delivery by a row, however
// much of it waits.
type lane struct {
	single bool // a batch is of one clinic, of which no other batch is under way
	limit  int  // events a second of a clinic whose deliveries are paced; a single lane's

	mu     sync.Mutex
	some   sync.Cond
	lines  map[domain.ClinicID]*line
	turns  []*line // with somebody waiting, the next one first
	n      int     // deliveries in all lines
	closed bool
}

// line is one clinic's deliveries, the first first.
type line struct {
	clinic  domain.ClinicID
	waiting []*waiter
	busy    int // of a single lane, what its next batch waits for: the one under way, and its pace
	share   int // rows that each batch of it has while it is paced
}

// batch is what one statement stores, each key once.
type batch struct {
	rows []*waiter
	of   *line // of a single lane
}

func newLane(single bool) *lane {
	l := &lane{single: single, lines: map[domain.ClinicID]*line{}}
	l.some.L = &l.mu
	return l
}

// add puts a delivery into its clinic's line; false when too many wait.
func (l *lane) add(w *waiter) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.lines[w.a.Clinic]; l.n >= waiting || one != nil && len(one.waiting) >= ofClinic {
		return false
	}
	l.put(w)
	return true
}

// move takes over deliveries that another lane had admitted.
func (l *lane) move(rows []*waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range rows {
		l.put(w)
	}
}

func (l *lane) put(w *waiter) {
	one := l.lines[w.a.Clinic]
	if one == nil {
		one = &line{clinic: w.a.Clinic}
		l.lines[w.a.Clinic] = one
	}
	one.waiting = append(one.waiting, w)
	l.n++
	if len(one.waiting) == 1 && one.busy == 0 {
		l.turns = append(l.turns, one)
		l.some.Signal()
	}
}

// next waits for deliveries and returns the next batch; false once the lane is closed and empty.
func (l *lane) next() (b batch, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.turns) == 0 {
		if l.closed && l.n == 0 {
			return b, false
		}
		l.some.Wait()
	}
	first := l.turns[0]
	paced := first.waiting[0].paced && !l.closed
	l.fill(&b, l.mostOf(first))
	if paced {
		l.pace(first, b)
	}
	return b, true
}

// fill takes rows from the lines in turn, at most so many, up to the bounds of a batch.
func (l *lane) fill(b *batch, most int) {
	var seen map[batchKey]*waiter
	for rows, bytes := 0, 0; len(l.turns) > 0 && rows < most; rows++ {
		one := l.turns[0]
		w := one.waiting[0]
		if rows > 0 && bytes+len(w.a.Sealed) > batchBytes || l.single && rows > 0 && one != b.of {
			break
		}
		l.pop(one)
		if l.single {
			b.of = one
		}
		if rows == 0 && len(l.turns) == 0 {
			b.rows = append(b.rows, w) // alone: there is no twin to be looked for
			break
		}
		if seen == nil {
			seen = map[batchKey]*waiter{}
		}
		if twin := seen[keyOf(w.a)]; twin != nil {
			twin.copies = append(twin.copies, w)
			continue
		}
		seen[keyOf(w.a)] = w
		b.rows, bytes = append(b.rows, w), bytes+len(w.a.Sealed)
	}
	if b.of != nil {
		b.of.busy++
		l.turns = without(l.turns, b.of)
	}
}

// mostOf returns how many rows the next batch may have, whose first is one's. Of a paced line they are a tenth of a
// second's, or a fifth of the most that waited in it, so that nobody waits for much more than half a second.
func (l *lane) mostOf(one *line) (rows int) {
	if !one.waiting[0].paced {
		return batchRows
	}
	one.share = max(one.share, l.limit/10, len(one.waiting)/5, 1)
	if rows = min(one.share, batchRows); rows >= len(one.waiting) {
		one.share = 0
	}
	return rows
}

// pace has a line wait, from the beginning of its batch on, for as long as the batch lasts at the limit: a tenth of a
// second for rows, however many they are, and up to a second more for how long they are.
func (l *lane) pace(one *line, b batch) {
	one.busy++
	rows, events := 0, 0
	for _, w := range b.rows {
		rows, events = rows+1+len(w.copies), events+w.events
		for _, copied := range w.copies {
			events += copied.events
		}
	}
	pause := min(l.lasts(rows), time.Second/10) + min(l.lasts(events-rows), time.Second)
	time.AfterFunc(pause, func() { l.free(one) })
}

// lasts returns how long so many events last at the limit.
func (l *lane) lasts(events int) time.Duration {
	return time.Duration(events) * time.Second / time.Duration(l.limit)
}

// pop takes the first delivery of the first line. Of a single lane the line stays in front, else
// the next one's turn is next.
func (l *lane) pop(one *line) {
	one.waiting[0] = nil
	one.waiting = one.waiting[1:]
	l.n--
	switch {
	case len(one.waiting) == 0:
		l.turns = l.turns[1:]
		if !l.single {
			delete(l.lines, one.clinic)
		}
	case !l.single:
		l.turns = append(l.turns[1:], one)
	}
}

// done tells that a batch is stored, or failed: its clinic may have its next one.
func (l *lane) done(b batch) {
	if b.of != nil {
		l.free(b.of)
	}
}

// free takes away one of what a line waits for.
func (l *lane) free(one *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one.busy--
	switch {
	case one.busy > 0:
		return
	case len(one.waiting) > 0:
		l.turns = append(l.turns, one)
		l.some.Signal()
		return
	}
	delete(l.lines, one.clinic)
	if l.closed {
		l.some.Broadcast()
	}
}

// close lets next end once nothing waits.
func (l *lane) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.some.Broadcast()
}

func without(turns []*line, one *line) []*line {
	if len(turns) > 0 && turns[0] == one {
		return turns[1:]
	}
	return turns
}

type batchKey struct {
	clinic domain.ClinicID
	key    domain.EventKey
}

func keyOf(a *InboundEvent) batchKey { return batchKey{a.Clinic, a.Key} }
