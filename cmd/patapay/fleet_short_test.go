//go:build !faults

package main

// How big the fleet is in every run of the tests, and for how many days it is tested.
const (
	fleetClinics = 5
	fleetDays    = 2
)
