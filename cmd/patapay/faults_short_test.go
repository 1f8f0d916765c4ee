//go:build !faults

package main

import "time"

// How long the faults last in every run of the tests.
const (
	kills    = 1    // at each point
	pending  = 2001 // events when Redis is flushed
	outage   = 10 * time.Second
	restarts = 2
	deploys  = 1
	drained  = 30 * time.Second
)
