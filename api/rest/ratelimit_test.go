package rest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A thousand refused requests of one token were all told "one second", and came back together to be refused again.
func TestRefusedRequestsAreToldToComeBackOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimit(10, 100*time.Millisecond)
		for range 10 {
			_, wait := l.count("greedy")
			require.Zero(t, wait)
		}
		for i := range 300 {
			_, wait := l.count("greedy")
			require.Equal(t, time.Duration(i+1)*100*time.Millisecond, wait)
		}
		_, wait := l.count("another")
		require.Zero(t, wait)
		time.Sleep(30 * time.Second) // all that were told have their turn
		_, wait = l.count("greedy")
		require.Zero(t, wait)
		for range 2000 {
			_, wait = l.count("greedy")
		}
		require.Equal(t, longestWait, wait)
	})
}
