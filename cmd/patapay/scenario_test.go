package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"patapay/domain/asaas/scenarios"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/flows"

	"github.com/stretchr/testify/require"

	"patapay/cmd/patapay/dev"
)

// newStage starts the real program as a throw-away PataPay for all scenarios of a test.
func newStage(t *testing.T, changes ...func(*dev.Stage)) *dev.Stage {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	s := &dev.Stage{Within: time.Minute}
	for _, change := range changes {
		change(s)
	}
	end, err := s.StartDev(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(end)
	return s
}

// playAll plays every scenario on one program, side by side.
func playAll(t *testing.T, s *dev.Stage) {
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := s.Play(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				t.Error(line)
			}
		})
	}
}

func TestEveryScenarioEndsAsExpectedOnTheRealBinary(t *testing.T) {
	playAll(t, newStage(t))
}

// Days pass at the simulator, and so for the program: nothing is misdated, and the token
// that was made at the start is still good.
func TestOneClockMovesTheSimulatorAndTheProgram(t *testing.T) {
	s := newStage(t)
	p := &dev.Part{Stage: s}
	var clock admin.ClockState
	before := time.Now()
	require.NoError(t, p.Admin(t.Context(), "clock", admin.ClockChange{Advance: "360h"}, &clock))
	require.WithinDuration(t, before.Add(360*time.Hour), clock.Now, time.Minute)
	for _, name := range []string{"boleto-late", "anticipation-boleto"} {
		lines, err := s.Play(t.Context(), name)
		require.NoError(t, err)
		require.Empty(t, lines)
	}
	require.NoError(t, p.Open(t.Context(), "nothing"))
	require.NoError(t, p.Step(t.Context(), scenarios.Step{Play: flows.FlowPix}))
	lines, err := p.Compare(
		t.Context(),
		scenarios.Expected{
			Invoices: []map[string]any{{"status": "received", "flags": []any{}}},
			Events:   map[string]int{"applied": 2},
		},
	)
	require.NoError(t, err)
	require.Empty(t, lines)
}

func TestAScenarioThatDoesNotExistIsRefusedBeforeAnythingStarts(t *testing.T) {
	for _, names := range [][]string{nil, {"nonsense"}, {"pix", "../pix"}} {
		err := (&dev.SimScenarioCmd{Names: names}).Run(t.Context())
		require.ErrorContains(t, err, "--list", "%v", names)
	}
}

func TestTheListNamesEveryScenarioAndWhatItIs(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, (&dev.SimScenarioCmd{List: true, Out: &out}).Run(t.Context()))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, len(scenarios.Names()))
	for _, line := range lines {
		require.Greater(t, len(strings.Fields(line)), 2, line)
	}
}
