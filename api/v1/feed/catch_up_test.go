package feed

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
)

// Sixty streams that began with the oldest entry once read side by side without a rest, and whoever read anything else
// waited for a processor.
func TestStreamsOfOneClinicThatCatchUpReadOneAtATimeAndRestAsLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const page = 10 * time.Millisecond
		c, began := newCatchUps(), time.Now()
		var mu sync.Mutex
		reading, most, pages := map[domain.ClinicID]int{}, map[domain.ClinicID]int{}, map[domain.ClinicID]int{}
		catchUp := func(clinic domain.ClinicID, times int) {
			for range times {
				require.NoError(t, c.read(t.Context(), clinic, func() error {
					mu.Lock()
					reading[clinic]++
					most[clinic] = max(most[clinic], reading[clinic])
					pages[clinic]++
					mu.Unlock()
					time.Sleep(page)
					mu.Lock()
					reading[clinic]--
					mu.Unlock()
					return nil
				}))
			}
		}
		for range 60 {
			go catchUp(1, 5)
		}
		time.Sleep(time.Nanosecond) // they have begun
		catchUp(2, 5)
		require.Equal(t, 9*page+1, time.Since(began), "another clinic reads and rests as if it were alone")
		mu.Lock()
		require.LessOrEqual(t, pages[1], 5, "a page, and a rest as long")
		mu.Unlock()
		time.Sleep(time.Hour)
		require.Equal(t, map[domain.ClinicID]int{1: 300, 2: 5}, pages)
		require.Equal(t, map[domain.ClinicID]int{1: 1, 2: 1}, most)
		require.Zero(t, reading[1]+reading[2])
		require.Zero(t, c.clinics.Used())
	})
}

func TestThePlatformsStreamsCatchUpWithoutWaitingForAnyClinics(t *testing.T) {
	t.Parallel()
	c := newCatchUps()
	require.NoError(t, c.clinics.Take(t.Context(), 1, 1))
	require.NoError(t, c.clinics.Take(t.Context(), 2, 1))
	called := false
	require.NoError(t, c.read(t.Context(), 0, func() error { called = true; return nil }))
	require.True(t, called)
}
