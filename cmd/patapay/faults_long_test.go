//go:build faults

package main

import "time"

// How long the faults last behind the tag faults.
const (
	kills    = 20
	pending  = 99_999
	outage   = 10 * time.Second
	restarts = 10
	deploys  = 10
	drained  = 5 * time.Minute // docs/reliability.md, G4
)

// Long work whose process is killed: as long as files get, and with the whole lease.
const (
	exportedRows = 300_000
	waitForLease = true
	longerWork   = 4 * time.Minute
)

var longWorkNotifications = []string{"on", "off"}

// How the feed is followed behind the tag faults: by sixteen workers twice. Eight processes
// on two cores take turns rather than work, and prove the order; the limit of two seconds
// stands for what such a machine would run.
const (
	feedClinics = 200
	feedRate    = 300
	feedLasts   = 30 * time.Second
)

var feedRuns = []feedRun{{8, 2, time.Minute}, {2, 8, 2 * time.Second}, {2, 2, 2 * time.Second}}
