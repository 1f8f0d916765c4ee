//go:build !faults

package main

import "time"

// How long the faults last in every run of the tests.
const (
	kills    = 1    // at each point
	pending  = 1998 // events when Redis is flushed
	outage   = 2 * time.Second
	restarts = 2
	deploys  = 1
)
