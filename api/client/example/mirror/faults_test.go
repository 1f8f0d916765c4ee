//go:build faults

package main

import "testing"

func TestFaultAMirrorKilledAHundredTimesEqualsAFullRead(t *testing.T) { mirrorKilled(t, 100) }
