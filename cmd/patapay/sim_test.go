package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

func TestTheSimulatorServesSeededAccountsAndPlaysFlows(t *testing.T) {
	s := newSink(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error)
	go func() {
		ended <- (&SimServeCmd{Addr: "127.0.0.1:0", Target: s.URL, Accounts: 2, Scale: 1, Out: in}).Run(ctx)
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
	if err := (&SimPlayCmd{Flow: "pix", Sim: url, Amount: 31000, Out: &played}).Run(ctx); err != nil || !strings.Contains(played.String(), `"payments":["pay_`) {
		t.Errorf("%v: %s", err, played.String())
	}
	if err := (&SimPlayCmd{Flow: "nonsense", Sim: url}).Run(ctx); err == nil || !strings.Contains(err.Error(), "no flow") {
		t.Errorf("unknown flow: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
}

func TestTheSimulatorRefusesSettingsThatCannotWork(t *testing.T) {
	for _, c := range []SimServeCmd{
		{Addr: "127.0.0.1:0", Target: "not a url", Scale: 1}, {Addr: "127.0.0.1:0", Scale: 0}, {Addr: "300.0.0.1:0", Scale: 1},
		{Addr: "127.0.0.1:0", Scale: 1, Accounts: 1, Play: []string{"nonsense"}, Out: io.Discard},
	} {
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
