//go:build !faults

package tenants_test

// forkInstants is at how many random instants a copy is made.
const forkInstants = 1
