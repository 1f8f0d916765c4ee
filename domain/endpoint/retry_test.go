package endpoint

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTriesReachOverThreeDaysAndTheirNumberIsBounded(t *testing.T) {
	t.Parallel()
	for _, chance := range []float64{0, 0.5, 0.999} {
		tries, at := 1, time.Duration(0)
		for ; at < GiveUpAfter; tries++ {
			at += Pause(tries, chance)
		}
		require.Less(t, tries, 40)
		require.Less(t, at, GiveUpAfter+5*time.Hour)
	}
	require.NotEqual(t, Pause(3, 0.1), Pause(3, 0.9), "what failed together parts")
}

func TestAnEndpointIsLeftAloneOnlyAfterSomeFailuresInARow(t *testing.T) {
	t.Parallel()
	require.Zero(t, Rest(BreakAfter-1, 0.5))
	require.Equal(t, 10*time.Second, Rest(BreakAfter, 0.5))
	require.Equal(t, 15*time.Minute, Rest(1000, 0.5))
}
