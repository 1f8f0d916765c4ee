package app

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A fixed limit once left a process that held a thousand streams 3 MiB between two collections.
func TestTheMemoryLimitFollowsWhatIsHeldBetweenItsBounds(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for name, c := range map[string]struct{ live, other, limit uint64 }{
		"nothing":            {0, 0, 38 * mib},
		"a process at rest":  {8 * mib, 9 * mib, 38 * mib},
		"a thousand streams": {20 * mib, 20 * mib, 70 * mib},
		"more than it may":   {60 * mib, 20 * mib, 80 * mib},
	} {
		require.EqualValues(t, c.limit, memoryLimit(c.live, c.other), name)
	}
	runtime.GC() // what is alive is known from the first collection on
	live, other := memoryHeld()
	require.Positive(t, live)
	require.Positive(t, other)
}

// With all processors an event alone has threads look for work that find none; with one a flood would have half a
// machine.
func TestAProcessHasOneProcessorWhileItIsCalmAndAllAtOnceWhenItIsBusy(t *testing.T) {
	t.Parallel()
	var l load
	for range calmLooks - 1 {
		require.False(t, l.after(0.1))
	}
	require.False(t, l.after(0.22), "between calm and busy it begins to count anew")
	for range calmLooks - 1 {
		require.False(t, l.after(0.1))
	}
	require.True(t, l.after(0.1))
	require.True(t, l.after(0.22), "what is enough stays")
	require.False(t, l.after(0.5), "busy once")
	require.False(t, l.after(0.1))
	spent := processorTime()
	for x := 0; processorTime() == spent; x++ {
		runtime.KeepAlive(x)
	}
	require.Greater(t, processorTime(), spent)
}
