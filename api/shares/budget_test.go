package shares

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

func TestOneKeyNeverHoldsMoreThanItsShareAndAnotherTakesAtOnce(t *testing.T) {
	t.Parallel()
	b := NewBudget(10, 4, 8)
	require.NoError(t, b.Take(t.Context(), 1, 4))
	require.False(t, b.TryTake(1, 1), "its share is spent")
	require.True(t, b.TryTake(2, 4), "another's is not")
	require.Equal(t, int64(8), b.Used())
	require.Equal(t, domain.Unavailable, domain.CodeOf(b.Take(t.Context(), 3, 5)), "more than a share is never granted")
	b.Give(1, 4)
	b.Give(2, 4)
	require.Zero(t, b.Used())
	require.Empty(t, b.lines, "nothing is remembered of who holds nothing")
}

func TestAThousandRequestsOfOneKeyHoldUpAnothersByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(2, 2, 1000)
		require.NoError(t, b.Take(t.Context(), 1, 2))
		var mu sync.Mutex
		var served []int64
		ask := func(key int64) {
			go func() {
				require.NoError(t, b.Take(t.Context(), key, 2))
				mu.Lock()
				served = append(served, key)
				mu.Unlock()
				b.Give(key, 2)
			}()
			synctest.Wait()
		}
		for range 1000 {
			ask(1)
		}
		ask(2)
		ask(3)
		require.Equal(t, 1002, b.Waiting())
		b.Give(1, 2)
		synctest.Wait()
		require.Len(t, served, 1002)
		require.Less(t, slices.Index(served, 2), 2, "key 2 came after a thousand requests of key 1: it waits for one")
		require.Less(t, slices.Index(served, 3), 3)
	})
}

func TestALargeRequestIsNotKeptWaitingForEverBySmallOnes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(4, 4, 8)
		require.True(t, b.TryTake(1, 1))
		granted := false
		go func() { granted = b.Take(t.Context(), 2, 4) == nil }()
		synctest.Wait()
		require.False(t, b.TryTake(3, 1), "it would pass somebody who waits for the total")
		b.Give(1, 1)
		synctest.Wait()
		require.True(t, granted)
	})
}

func TestWhoWaitsForTheirOwnShareIsPassed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(4, 2, 8)
		require.True(t, b.TryTake(1, 2))
		ctx, leave := context.WithTimeout(t.Context(), 3*time.Second)
		defer leave()
		var err error
		go func() { err = b.Take(ctx, 1, 2) }()
		synctest.Wait()
		require.True(t, b.TryTake(2, 2), "somebody waits, but not for this")
		synctest.Wait()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, domain.Unavailable, domain.CodeOf(err))
		require.Zero(t, b.Waiting())
	})
}

func TestTooManyWaitingOfOneKeyAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(1, 1, 1)
		require.True(t, b.TryTake(1, 1))
		go func() { _ = b.Take(t.Context(), 1, 1); b.Give(1, 1) }()
		synctest.Wait()
		require.Equal(t, domain.Unavailable, domain.CodeOf(b.Take(t.Context(), 1, 1)))
		b.Give(1, 1)
		synctest.Wait()
		require.Zero(t, b.Used())
	})
}

// Whatever many do at once, nothing is lost and no bound is passed.
func TestABudgetNeverLosesNorExceeds(t *testing.T) {
	t.Parallel()
	const total, each = 64, 20
	b := NewBudget(total, each, 100)
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			for range 300 {
				key, n := int64(rnd.IntN(5)), int64(1+rnd.IntN(each))
				ctx, cancel := context.WithCancel(t.Context())
				if rnd.IntN(4) == 0 {
					cancel()
				}
				if b.Take(ctx, key, n) == nil {
					b.mu.Lock()
					if b.used > total || b.lines[key].used > each {
						t.Errorf("%d of %d, %d of %d", b.used, total, b.lines[key].used, each)
					}
					b.mu.Unlock()
					b.Give(key, n)
				}
				cancel()
			}
		})
	}
	all.Wait()
	require.Zero(t, b.Used())
	require.Empty(t, b.lines)
	require.Empty(t, b.turns)
}
