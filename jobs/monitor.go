package jobs

import (
	"context"
	"log/slog"
	"time"

	"patapay/tenants/connect"
)

// monitorPause is how often a worker asks whose connection is looked after next. Turns are
// rows, half an hour apart; asking is one cheap query.
const monitorPause = 5 * time.Second

// Monitor looks after the clinics' connections. Every worker does: leases in Postgres let
// one at a time through to a clinic.
type Monitor struct {
	Connector *connect.Connector
	Log       *slog.Logger
	Pause     time.Duration // between two reads of what is due, the polling interval; 0: five seconds
}

// Run begins the turns that have come, again and again, until ctx ends, and returns when the
// last one has given its clinic back. It never waits for a turn under way: an import of
// minutes holds up nobody else's first health check.
func (m *Monitor) Run(ctx context.Context) {
	turns := m.Connector.Turns(func(err error) {
		if ctx.Err() == nil {
			m.Log.WarnContext(ctx, "connection monitor failed", "err", err)
		}
	})
	defer turns.Wait()
	pause := m.Pause
	if pause == 0 {
		pause = monitorPause
	}
	Periodic{Name: "connection monitor", Every: pause, Log: m.Log}.Run(ctx, turns.Begin)
}
