package endpoint

import "time"

// GiveUpAfter is how long an entry is tried from its first failure on; then its endpoint is paused.
const GiveUpAfter = 3 * 24 * time.Hour

// RotationLife is how long a secret still signs beside the one that took its place.
const RotationLife = 24 * time.Hour

// BreakAfter is how many deliveries fail in a row until an endpoint is left alone for a while.
const BreakAfter = 5

var pauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
	4 * time.Hour,
}

// Pause returns how long an entry waits after it failed for the nth time, n from 1. chance, in [0, 1),
// spreads the tries by a fifth to both sides, so that what failed together does not come back together.
func Pause(n int, chance float64) time.Duration {
	return spread(pauses[min(max(n, 1), len(pauses))-1], chance)
}

// Rest returns how long an endpoint is left alone after so many deliveries failed in a row: nothing until
// BreakAfter, then 10 s, doubled with each further one up to 15 min.
func Rest(failures int, chance float64) time.Duration {
	if failures < BreakAfter {
		return 0
	}
	return spread(min(10*time.Second<<min(failures-BreakAfter, 10), 15*time.Minute), chance)
}

func spread(d time.Duration, chance float64) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*chance))
}
