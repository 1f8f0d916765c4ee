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

// How long the feed is followed in every run of the tests: beside other packages' tests, so
// its limit is no measure of the program.
const (
	feedClinics = 40
	feedWorkers = 2 // processes of two jobs each
	feedRate    = 150
	feedLasts   = 4 * time.Second
	feedVisible = 10 * time.Second // p99
)
