//go:build faults

package main

// How big the fleet is behind the tag faults, and for how many days it is tested.
const (
	fleetClinics = 100
	fleetDays    = 14
)
