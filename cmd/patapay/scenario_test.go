package main

import (
	"bytes"
	"net/http"
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
	s := newStage(t, func(s *dev.Stage) { s.Within = 3 * time.Minute })
	seedIsCompared(t, s, 15)
	for _, name := range []string{"boleto-late", "anticipation-boleto"} {
		lines, err := s.Play(t.Context(), name)
		require.NoError(t, err)
		require.Empty(t, lines)
	}
	p := &dev.Part{Stage: s}
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

// seedIsCompared lets the seed's days pass. A newcomer's first look met a balance that did not agree, for the last
// comparison was of three weeks before: a seed ends with one, as of its last day.
func seedIsCompared(t *testing.T, s *dev.Stage, days int) {
	t.Helper()
	p := &dev.Part{Stage: s}
	var begun admin.ClockState
	require.NoError(t, p.Admin(t.Context(), "clock", nil, &begun))
	var out bytes.Buffer
	require.NoError(t, dev.DemoSeedCmd{Sim: s.Sim, Days: days, Seed: 1, Wait: s.Within, Out: &out}.Run(t.Context()))
	var tenants struct{ Data []struct{ ID string } }
	require.NoError(t, p.Call(t.Context(), http.MethodGet, "/v1/tenants", nil, &tenants))
	require.Len(t, tenants.Data, 3)
	for _, tenant := range tenants.Data {
		p.Tenant = tenant.ID
		var found struct{ CheckedAt time.Time }
		require.NoError(t, p.Call(t.Context(), http.MethodGet, p.Path("ledger/differences"), nil, &found))
		require.False(t, found.CheckedAt.Before(begun.Now.AddDate(0, 0, days)), "compared at %s", found.CheckedAt)
		var first struct {
			Conditions []struct{ Kind, Subject string }
		}
		require.NoError(t, p.Call(t.Context(), http.MethodGet, p.Path("glance"), nil, &first))
		for _, c := range first.Conditions {
			told := c.Kind + ":" + c.Subject
			require.NotContains(t, []string{"ledger_unopened:", "balance_difference:", "unchecked:stale"}, told)
		}
	}
	require.Equal(t, 3, strings.Count(out.String(), ": R$\u00a00,00 de diferença com o Asaas."), out.String())
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
