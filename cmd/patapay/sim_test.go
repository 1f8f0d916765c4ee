package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"patapay/cmd/patapay/dev"
)

func TestTheSimulatorServesSeededAccountsAndPlaysFlows(t *testing.T) {
	s := newSink(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error)
	go func() {
		ended <- (&dev.SimServeCmd{Addr: "127.0.0.1:0", Target: s.URL, Accounts: 2, Scale: 1, Out: in}).Run(ctx)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	var printed []string
	for lines.Scan() && strings.Count(strings.Join(printed, "\n"), "token") < 2 {
		printed = append(printed, lines.Text())
		if strings.Count(strings.Join(printed, "\n"), "token") == 2 {
			break
		}
	}
	text := strings.Join(printed, "\n")
	url := strings.Fields(text)[3]
	if !strings.Contains(text, "$aact_hmlg_") || !strings.Contains(text, "$aact_prod_") {
		t.Errorf("seeded accounts are not printed:\n%s", text)
	}
	var played bytes.Buffer
	if err := (&dev.SimPlayCmd{Flow: "pix", Sim: url, Amount: 31000, Out: &played}).Run(ctx); err != nil ||
		!strings.Contains(played.String(), `"payments":["pay_`) {
		t.Errorf("%v: %s", err, played.String())
	}
	if err := (&dev.SimPlayCmd{Flow: "nonsense", Sim: url}).Run(ctx); err == nil ||
		!strings.Contains(err.Error(), "no flow") {
		t.Errorf("unknown flow: %v", err)
	}
	steer(t, url)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
}

func TestTheSimulatorRefusesSettingsThatCannotWork(t *testing.T) {
	for _, c := range []dev.SimServeCmd{
		{Addr: "127.0.0.1:0", Target: "not a url", Scale: 1},
		{Addr: "127.0.0.1:0", Scale: 0},
		{Addr: "300.0.0.1:0", Scale: 1},
		{Addr: "127.0.0.1:0", Scale: 1, Accounts: 1, Play: []string{"nonsense"}, Out: io.Discard},
	} {
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

// steer freezes the simulator's clock and moves it, and is refused when it turns it back.
func steer(t *testing.T, url string) {
	t.Helper()
	still := 0.0
	at := func(c dev.SimClockCmd) (string, error) {
		var out bytes.Buffer
		c.Sim, c.Out = url, &out
		err := c.Run(t.Context())
		return out.String(), err
	}
	first, err := at(dev.SimClockCmd{Pace: &still})
	if err != nil || !strings.HasSuffix(first, "Z ×0\n") {
		t.Fatalf("%q %v", first, err)
	}
	if again, err := at(dev.SimClockCmd{}); err != nil || again != first {
		t.Errorf("a frozen clock showed %s, then %s (%v)", first, again, err)
	}
	later, err := at(dev.SimClockCmd{Advance: 36 * time.Hour})
	from, err1 := time.Parse(time.RFC3339, first[:20])
	to, err2 := time.Parse(time.RFC3339, later[:20])
	if err := errors.Join(err, err1, err2); err != nil || to.Sub(from) != 36*time.Hour {
		t.Errorf("from %s to %s: %v", first, later, err)
	}
	if _, err := at(dev.SimClockCmd{To: from}); err == nil || !strings.Contains(err.Error(), "not turned back") {
		t.Errorf("turned back: %v", err)
	}
}
