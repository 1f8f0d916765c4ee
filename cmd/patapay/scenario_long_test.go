//go:build faults

package main

import (
	"fmt"
	"testing"

	"patapay/cmd/patapay/dev"
)

// Before the gateway's change and after it: every account has ids and addresses of one form.
func TestFaultEveryScenarioEndsAsExpectedWithIDsOfOneForm(t *testing.T) {
	for _, forms := range []string{"old", "new"} {
		t.Run(forms, func(t *testing.T) { playAll(t, newStage(t, func(s *dev.Stage) { s.Forms = forms })) })
	}
}

// Every delivery three times and in random order, five times over: the state is the same.
func TestFaultEveryScenarioEndsAsExpectedInDisorder(t *testing.T) {
	s := newStage(t)
	s.Disorder = true
	for round := range 5 {
		t.Run(fmt.Sprint(round), func(t *testing.T) { playAll(t, s) })
	}
}

// Without notifications the sweep carries everything, a second later.
func TestFaultEveryScenarioEndsAsExpectedWithoutNotifications(t *testing.T) {
	playAll(t, newStage(t, func(s *dev.Stage) { s.Quiet = true }))
}
