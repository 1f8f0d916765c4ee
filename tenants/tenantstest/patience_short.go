//go:build !faults

package tenantstest

import "time"

// leastPatience is how long Eventually waits at least: what a test waits for is a condition,
// and beside other work it takes longer. How soon something must happen is judged behind
// the build tag faults alone.
const leastPatience = time.Minute

// TimesCount tells whether a test may judge how long something took: only on a machine that
// does nothing else, behind the build tag faults.
const TimesCount = false
