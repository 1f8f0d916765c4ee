package inbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// intake is an inbox whose commits take two milliseconds of a clock that only the test moves, and what came of it.
type intake struct {
	*Inbox
	ended  chan struct{}
	sealed int // bytes of each event of the flood

	mu      sync.Mutex
	stored  map[domain.ClinicID]int
	commits int           // of the flood alone
	longest time.Duration // that a sender of the flood waited
}

const flooding = domain.ClinicID(1)

func newIntake(t *testing.T, perClinic int) *intake {
	in := &intake{Inbox: newInbox(nil, perClinic), ended: make(chan struct{}), stored: map[domain.ClinicID]int{}}
	store := func(rows []*waiter) {
		time.Sleep(2 * time.Millisecond)
		in.mu.Lock()
		defer in.mu.Unlock()
		if rows[0].paced {
			in.commits++
		}
		for _, w := range rows {
			in.stored[w.a.Clinic]++
			w.result <- accepted{found: New}
		}
	}
	in.common.Go(func() { in.write(in.shared, store) })
	in.own.Go(func() { in.write(in.apart, store) })
	t.Cleanup(in.Close)
	return in
}

// deliver sends one event and waits for its answer.
func (in *intake) deliver(t *testing.T, clinic domain.ClinicID, seq int64) {
	began := time.Now()
	a := &InboundEvent{Clinic: clinic, Key: domain.EventKey{Seq: seq}}
	if clinic == flooding {
		a.Sealed = make([]byte, in.sealed)
	}
	_, err := in.Accept(context.Background(), a)
	if err != nil {
		t.Errorf("clinic %d: %v", clinic, err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if clinic == flooding {
		in.longest = max(in.longest, time.Since(began))
	}
}

// flood has so many senders of one clinic that send as fast as they are answered, until the intake ends.
func (in *intake) flood(t *testing.T, senders int) {
	for part := range senders {
		go func() {
			for seq := int64(part); ; seq += int64(senders) {
				select {
				case <-in.ended:
					return
				default:
					in.deliver(t, flooding, seq)
				}
			}
		}()
	}
}

// calm has another clinic deliver ten times a second for so many seconds.
func (in *intake) calm(t *testing.T, seconds int) {
	for seq := range int64(10 * seconds) {
		in.deliver(t, 2, seq)
		time.Sleep(100 * time.Millisecond)
	}
}

// end ends the flood and returns how much of it was stored until then; who waits is answered.
func (in *intake) end() (stored, commits int, longest time.Duration) {
	close(in.ended)
	in.mu.Lock()
	stored = in.stored[flooding]
	in.mu.Unlock()
	time.Sleep(2 * time.Second)
	in.mu.Lock()
	defer in.mu.Unlock()
	return stored, in.commits, in.longest
}

func TestAFloodIsStoredAtItsLimitWhileOthersDeliverAndEachIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newIntake(t, 50)
		in.flood(t, 16)
		in.calm(t, 10)
		stored, commits, longest := in.end()
		require.InDelta(t, 525, stored, 25, "half a second's events at once, and fifty in each of ten seconds")
		require.InDelta(t, stored/5, commits, 10, "in commits of its own")
		require.Less(t, longest, 500*time.Millisecond)
	})
}

func TestOneSenderOfAFloodHasAnAnswerFiftyTimesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newIntake(t, 50)
		in.flood(t, 1)
		in.calm(t, 10)
		stored, _, longest := in.end()
		require.InDelta(t, 525, stored, 25, "as Asaas sends a clinic's queue")
		require.Less(t, longest, 50*time.Millisecond)
	})
}

func TestAFloodWithAThousandSendersIsAnsweredInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newIntake(t, 50)
		in.flood(t, ofClinic)
		in.calm(t, 5)
		_, _, longest := in.end()
		require.Less(t, longest, 1500*time.Millisecond, "Asaas gives up after ten seconds, the receiver after three")
	})
}

// A clinic's bodies of a mebibyte took a core for as long as they came, within its limit of events.
func TestLongBodiesAreStoredAtAMebibyteASecondWhileOthersDeliver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newIntake(t, 50)
		in.sealed = 1 << 20
		in.flood(t, 2) // more have no room at once
		in.calm(t, 10)
		stored, _, longest := in.end()
		require.InDelta(t, 10, stored, 2)
		require.Less(t, longest, 2500*time.Millisecond, "the receiver gives up after three seconds")
	})
}

func TestAFloodHasNoLimitWhileNobodyElseDelivers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in := newIntake(t, 50)
		in.flood(t, 16)
		time.Sleep(2 * time.Second)
		stored, commits, _ := in.end()
		require.InDelta(t, 8000, stored, 100, "in shared commits: sixteen in two of them")
		require.Zero(t, commits)
	})
}

func TestClinicsThatAllBringMuchAreNotPaced(t *testing.T) {
	t.Parallel()
	l := newIntakeLimit(50)
	at := time.Unix(1_800_000_000, 0)
	l.now = func() time.Time { return at }
	for range 200 {
		for clinic := range domain.ClinicID(20) {
			l.exceeded(clinic+1, 1)
		}
		at = at.Add(10 * time.Millisecond) // a hundred a second each
	}
	for clinic := range domain.ClinicID(20) {
		require.False(t, l.exceeded(clinic+1, 1), "nobody is calm")
	}
	l.exceeded(21, 1)
	require.True(t, l.exceeded(1, 1))
	at = at.Add(othersLast)
	require.False(t, l.exceeded(1, 1), "the calm one is gone")
	l.exceeded(21, 1)
	at = at.Add(2 * time.Second)
	l.exceeded(21, 1)
	require.False(t, l.exceeded(1, 1), "who paused is not ahead any more")
}

// Two hundred clinics that bring nearly what each may, as chance has it, are no flood to each other: one that was a
// little ahead waited for those that were a little behind.
func TestClinicsThatAllComeNearTheirLimitDoNotPaceEachOther(t *testing.T) {
	t.Parallel()
	const clinics, each = 200, 48
	l := newIntakeLimit(50)
	at := time.Unix(1_800_000_000, 0)
	l.now = func() time.Time { return at }
	chance := rand.New(rand.NewPCG(1, 2))
	paced := 0
	for range 10 * clinics * each {
		at = at.Add(time.Duration(chance.ExpFloat64() * float64(time.Second) / (clinics * each)))
		if l.exceeded(domain.ClinicID(1+chance.IntN(clinics)), 1) {
			paced++
		}
	}
	require.Zero(t, paced)
}

func TestWithoutALimitNothingIsPaced(t *testing.T) {
	t.Parallel()
	l := newIntakeLimit(0)
	for range 1000 {
		l.exceeded(2, 1)
		require.False(t, l.exceeded(1, 1))
	}
	require.Empty(t, l.senders)
}
