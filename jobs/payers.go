package jobs

import (
	"context"
	"log/slog"
	"time"

	"patapay/tenants/connect"
)

// payerPause is how often a worker looks for names that are asked for.
const payerPause = 2 * time.Second

// Payers reads the names of payers that are asked for.
type Payers struct {
	Connector *connect.Connector
	Log       *slog.Logger
}

// Run reads names until ctx ends.
func (p *Payers) Run(ctx context.Context) {
	Periodic{Name: "reading the names of payers", Every: payerPause, Log: p.Log}.Run(ctx, p.Connector.NamePayers)
}
