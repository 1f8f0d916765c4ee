//go:build faults

package tenantstest

// leastPatience is none: behind the build tag faults each wait is as long as it says.
const leastPatience = 0

// TimesCount tells whether a test may judge how long something took: only on a machine that
// does nothing else, behind the build tag faults.
const TimesCount = true
