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
	drained  = 5 * time.Minute // reliability.md, G4
)

// How the feed is followed behind the tag faults. Eight processes on a machine of two cores
// take turns rather than work, so sixteen workers prove the order, and the limit of two
// seconds stands for as many as the cores can carry.
const (
	feedClinics = 200
	feedRate    = 300
	feedLasts   = 30 * time.Second
)

var feedRuns = []feedRun{{workers: 8, visible: time.Minute}, {workers: 2, visible: 2 * time.Second}}
