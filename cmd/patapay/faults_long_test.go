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

// How long the feed is followed behind the tag faults.
const (
	feedClinics = 200
	feedWorkers = 8 // processes of two jobs each
	feedRate    = 300
	feedLasts   = 60 * time.Second
	feedVisible = 2 * time.Second // p99
)
