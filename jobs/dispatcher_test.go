package jobs

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants/apply"
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

// oneByOne is what a dispatcher calls, of a function for one clinic.
func oneByOne(run func(domain.ClinicID) (more bool, err error)) func(context.Context, []domain.ClinicID) []apply.Ran {
	return func(_ context.Context, clinics []domain.ClinicID) (done []apply.Ran) {
		for _, c := range clinics {
			more, err := run(c)
			done = append(done, apply.Ran{Clinic: c, Report: apply.Report{More: more}, Err: err})
		}
		return done
	}
}

func (r *trace) run(c domain.ClinicID) (bool, error) {
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
	d := newDispatcher(oneByOne(r.run))
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	t.Cleanup(func() { d.close(); <-ended })
	return d
}

func TestAClinicWithMoreWorkGoesToTheTail(t *testing.T) {
	r := &trace{more: map[domain.ClinicID]int{1: 3, 2: 1, 3: 2}}
	d := newDispatcher(oneByOne(r.run))
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

// The transaction is what a lone event costs most of: clinics that wait together share
// one, the more the less they bring.
func TestClinicsThatWaitTogetherRunTogether(t *testing.T) {
	var sizes []int
	bring := 1
	d := newDispatcher(func(_ context.Context, clinics []domain.ClinicID) (done []apply.Ran) {
		if sizes = append(sizes, len(clinics)); len(sizes) == 4 {
			bring = 50
		}
		for _, c := range clinics {
			done = append(done, apply.Ran{Clinic: c, Report: apply.Report{Rows: bring}})
		}
		return done
	})
	for c := domain.ClinicID(1); c <= 112; c++ {
		d.add(c)
	}
	ended := make(chan struct{})
	go func() { d.run(context.Background()); close(ended) }()
	tenantstest.Eventually(t, 5*time.Second, "nothing is left", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.states) == 0
	})
	d.close()
	<-ended
	if want := []int{8, 16, 32, 32, 8, 8, 8}; !slices.Equal(sizes, want) {
		t.Errorf("runs of %v clinics, want %v: ever more of those with little, few once they have much", sizes, want)
	}
}

func TestFreeGoroutinesShareWhatWaits(t *testing.T) {
	begun, hold := make(chan int), make(chan struct{})
	d := newDispatcher(func(_ context.Context, clinics []domain.ClinicID) (done []apply.Ran) {
		begun <- len(clinics)
		<-hold
		return oneByOne(func(domain.ClinicID) (bool, error) { return false, nil })(context.Background(), clinics)
	})
	t.Cleanup(func() { close(hold); d.close() })
	for range 2 {
		go d.run(context.Background())
	}
	tenantstest.Eventually(t, 5*time.Second, "both wait", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.free == 2
	})
	d.mu.Lock()
	for c := domain.ClinicID(1); c <= 10; c++ {
		d.queue, d.states[c] = append(d.queue, c), &clinicState{queued: true}
	}
	d.some.Broadcast()
	d.mu.Unlock()
	if a, b := <-begun, <-begun; a != 5 || b != 5 {
		t.Errorf("of 10 clinics one goroutine has %d and the other %d", a, b)
	}
}

// Where clinics come densely most were taken alone, each with a transaction of its own; one after silence waits for
// nobody.
func TestClinicsGatherForAMomentAfterARunBegan(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	type look struct {
		in   time.Duration
		then func()
	}
	looks := make(chan look, 1)
	d := newDispatcher(nil)
	d.now, d.after = func() time.Time { return at }, func(in time.Duration, then func()) { looks <- look{in, then} }
	d.workers, d.free = 2, 1
	d.waitFree()
	d.add(1)
	clinics, _ := d.next(false)
	require.Len(t, clinics, 1, "after silence it goes at once")
	fetched := make(chan struct{})
	go func() { d.waitFree(); close(fetched) }()
	for _, left := range []time.Duration{gatherLasts, gatherLasts / 2} {
		l := <-looks
		require.Equal(t, left, l.in)
		d.mu.Lock()
		at = at.Add(gatherLasts / 2)
		d.mu.Unlock()
		l.then()
	}
	<-fetched
	for clinic := range domain.ClinicID(fewTogether) {
		d.add(10 + clinic)
	}
	clinics, _ = d.next(false)
	require.Len(t, clinics, fewTogether, "a few are not divided among free goroutines")
}

// A run of eight lone events costs little more than one of one; eight floods have work for both.
func TestFloodsAreDividedWhereClinicsThatBringLittleAreNot(t *testing.T) {
	d := newDispatcher(nil)
	d.workers, d.free = 2, 1
	for clinic := domain.ClinicID(1); clinic <= 8; clinic++ {
		d.long, d.states[clinic] = append(d.long, clinic), &clinicState{queued: true}
	}
	floods, isLong := d.next(false)
	require.True(t, isLong)
	require.Len(t, floods, 4, "the other half is the other goroutine's")
	for clinic := domain.ClinicID(11); clinic <= 18; clinic++ {
		d.queue, d.states[clinic] = append(d.queue, clinic), &clinicState{queued: true}
	}
	calm, isLong := d.next(true)
	require.False(t, isLong)
	require.Len(t, calm, 8)
}

// floodWorld is two goroutines that both have a turn of a flood behind them, on a clock that stands still.
func floodWorld(t *testing.T) (d *dispatcher, at *time.Time) {
	t.Helper()
	at = new(time.Unix(1_800_000_000, 0))
	d = newDispatcher(nil)
	d.now, d.workers = func() time.Time { return *at }, 2
	d.add(1)
	d.add(2)
	clinics, isLong := d.next(false)
	require.False(t, isLong, "nobody knows yet that they bring much")
	var done []apply.Ran
	for _, flood := range clinics {
		done = append(done, apply.Ran{Clinic: flood, Report: apply.Report{Rows: muchRows, More: true}})
	}
	d.finish(done, isLong)
	return d, at
}

// nextOf returns what the goroutine takes next, whose last turn was long.
func nextOf(t *testing.T, d *dispatcher) []domain.ClinicID {
	t.Helper()
	clinics, _ := d.next(true)
	return clinics
}

func TestAGoroutineIsKeptForTheCalmBesideFloods(t *testing.T) {
	d, _ := floodWorld(t)
	require.ElementsMatch(t, []domain.ClinicID{1, 2}, d.long)
	flood, isLong := d.next(false)
	require.True(t, isLong)
	require.Len(t, flood, 2, "alone in the line, both in one turn")
	d.long, d.states[3] = append(d.long, 3), &clinicState{queued: true}
	require.False(t, d.mayRunLong(), "the other goroutine takes no flood while the calm come")
	require.True(t, d.isFreeWith(1), "and asks for those that are ready")
	d.add(4)
	require.Equal(t, []domain.ClinicID{4}, nextOf(t, d), "a calm clinic waits for no turn of a flood")
}

// isFreeWith is isFree as if so many goroutines waited.
func (d *dispatcher) isFreeWith(free int) bool {
	d.free += free
	defer func() { d.free -= free }()
	return d.isFree()
}

func TestFloodsHaveAllGoroutinesOnceNobodyElseComes(t *testing.T) {
	d, at := floodWorld(t)
	d.most = 1
	first, _ := d.next(false)
	require.False(t, d.mayRunLong())
	*at = at.Add(calmLasts)
	require.True(t, d.mayRunLong())
	second, isLong := d.next(true)
	require.True(t, isLong)
	require.NotEqual(t, first, second)
	require.True(t, d.isFree(), "whoever becomes ready now is fetched, and waits for one turn at most")
	*at = at.Add(2 * time.Second)
	d.finish([]apply.Ran{{Clinic: first[0], Report: apply.Report{More: true}}}, true)
	require.Equal(t, first, d.queue, "a clinic that brought little for a while is calm again")
}

// afterRun has the world's next long run take so long, and returns for how long the long line rests then, and what
// ends that; 0: it does not rest.
func afterRun(d *dispatcher, took time.Duration) (pause time.Duration, end func()) {
	d.after = func(rest time.Duration, then func()) { pause, end = rest, then }
	d.rest(took)
	return pause, end
}

func TestTheLongLineRestsAfterEachRunWhileTheCalmCome(t *testing.T) {
	d, at := floodWorld(t)
	d.add(4)
	pause, end := afterRun(d, 50*time.Millisecond)
	require.Equal(t, 150*time.Millisecond, pause)
	require.False(t, d.mayRunLong())
	require.Equal(t, []domain.ClinicID{4}, nextOf(t, d), "the calm one does not rest")
	again, _ := afterRun(d, time.Millisecond)
	require.Zero(t, again, "one rest at a time")
	end()
	require.True(t, d.mayRunLong())
	pause, end = afterRun(d, time.Second)
	require.Equal(t, restMost, pause)
	end()
	pause, end = afterRun(d, time.Millisecond)
	require.Equal(t, restLeast, pause)
	end()
	*at = at.Add(calmLasts)
	pause, _ = afterRun(d, time.Second)
	require.Zero(t, pause, "nobody else comes")
}

// With one worker the long line would have every turn while it is not empty.
func TestWhoHadTheLongLineTakesTheCalmNext(t *testing.T) {
	d, _ := floodWorld(t)
	d.add(4)
	clinics, long := d.next(true)
	require.Equal(t, []domain.ClinicID{4}, clinics)
	require.False(t, long)
}

func TestADrainOfManyClinicsDoesNotRest(t *testing.T) {
	d, _ := floodWorld(t)
	d.add(4)
	for clinic := range domain.ClinicID(fewClinics) {
		d.long = append(d.long, 100+clinic)
	}
	pause, _ := afterRun(d, time.Second)
	require.Zero(t, pause)
}

func TestAFloodTakesATurnWhenItsRestEnds(t *testing.T) {
	d, _ := floodWorld(t)
	_, end := afterRun(d, time.Millisecond)
	taken := make(chan []domain.ClinicID)
	go func() {
		clinics, _ := d.next(false)
		taken <- clinics
	}()
	tenantstest.Eventually(t, 5*time.Second, "the goroutine waits", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.free == 1
	})
	end()
	require.ElementsMatch(t, []domain.ClinicID{1, 2}, <-taken)
}
