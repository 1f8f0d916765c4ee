//go:build faults

package main

import (
	"fmt"
	"testing"
)

// Every delivery three times and in random order, five times over: the state is the same.
func TestFaultEveryScenarioEndsAsExpectedInDisorder(t *testing.T) {
	s := newStage(t)
	s.Disorder = true
	for round := range 5 {
		t.Run(fmt.Sprint(round), func(t *testing.T) { playAll(t, s) })
	}
}
