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
