package shares

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// pacedAt returns a pace whose clock the test moves, and what it waited for.
func pacedAt() (p *Pace, later func(time.Duration), waited *time.Duration) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	waited = new(time.Duration)
	p = NewPace(500*time.Millisecond, 0.5, time.Second)
	p.now = func() time.Time { return now }
	later = func(d time.Duration) { now = now.Add(d) }
	p.after = func(d time.Duration) <-chan time.Time {
		*waited = d
		over := make(chan time.Time, 1)
		over <- now
		return over
	}
	return p, later, waited
}

func TestWhoUsesMuchWaitsBeforeTheNextUseAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	p, later, waited := pacedAt()
	use := func(key int64, lasts time.Duration) time.Duration {
		*waited = 0
		require.NoError(t, p.Wait(t.Context(), key))
		end := p.Begin(key)
		later(lasts)
		end()
		return *waited
	}
	require.Zero(t, use(1, 400*time.Millisecond))
	require.Zero(t, use(1, 400*time.Millisecond), "what came before counted half: it owes 200 ms")
	require.Equal(
		t, 200*time.Millisecond, use(1, 400*time.Millisecond), "it owed 600, 500 are free, half of each second is its",
	)
	require.Zero(t, use(2, time.Second), "another one's use is its own")
	later(time.Minute)
	require.Zero(t, use(1, 10*time.Second), "a minute makes up for all")
	require.Equal(t, time.Second, use(1, 0), "no use waits longer")
}

func TestManyShortUsesCountAsOneLongOne(t *testing.T) {
	t.Parallel()
	p, later, waited := pacedAt()
	for range 600 {
		end := p.Begin(1)
		later(5 * time.Millisecond)
		end()
	}
	require.NoError(t, p.Wait(t.Context(), 1))
	require.Equal(t, time.Second, *waited)
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	p, later, _ := pacedAt()
	end := p.Begin(1)
	later(time.Hour)
	end()
	p.after = func(time.Duration) <-chan time.Time { return nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, domain.Unavailable, domain.CodeOf(p.Wait(ctx, 1)))
}

func TestWhoOwesNothingIsForgotten(t *testing.T) {
	t.Parallel()
	p, later, _ := pacedAt()
	for key := range int64(3 * mostDebts) {
		end := p.Begin(key)
		later(time.Millisecond)
		end()
	}
	require.Less(t, len(p.debts), mostDebts+1)
}
