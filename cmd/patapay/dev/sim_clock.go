package dev

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"patapay/domain/asaas/simulator/admin"
)

// SimClockCmd shows and steers the clock of a running simulator.
type SimClockCmd struct {
	Sim     string        `default:"http://127.0.0.1:8090" help:"The simulator's URL."`
	Advance time.Duration `help:"Move the clock on, 36h for instance: what is due on the way happens, dated at its own time."`
	To      time.Time     `help:"Move the clock on to an instant, 2026-12-24T12:00:00Z for instance."`
	Pace    *float64      `help:"Seconds that pass in one: 0 freezes, 1 is real time, 600 makes 10 minutes of a second."`
	Out     io.Writer     `kong:"-"`
}

// Run prints what the clock shows then, in UTC, and its pace. It fails when the simulator
// refuses: its clock never goes back.
func (c *SimClockCmd) Run(ctx context.Context) error {
	change := admin.ClockChange{Pace: c.Pace, To: c.To}
	if c.Advance != 0 {
		change.Advance = c.Advance.String()
	}
	var state admin.ClockState
	if err := ask(ctx, http.MethodPost, c.Sim+"/admin/clock", change, &state); err != nil {
		return err
	}
	_, err := fmt.Fprintf(orStdout(c.Out), "%s ×%g\n", state.Now.Format(time.RFC3339), state.Pace)
	return err
}
