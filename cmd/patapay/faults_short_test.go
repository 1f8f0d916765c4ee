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

// Long work whose process is killed: how long the file is, and whether the dead process's
// lease is waited for or ended by hand.
const (
	exportedRows = 3_500
	waitForLease = false
	longerWork   = 0
)

var longWorkNotifications = []string{"on"}

// How the feed is followed in every run of the tests: beside other packages' tests, so the
// limit is no measure of the program.
const (
	feedClinics = 40
	feedRate    = 150
	feedLasts   = 4 * time.Second
)

var feedRuns = []feedRun{{2, 2, time.Minute}}
