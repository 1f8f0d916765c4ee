package v1_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	v1 "patapay/api/v1"
	"patapay/domain"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/exports"
)

// operate is the worker process of a test: it does what s says that waits, and with sweep what
// nobody said anything of, until the test ends.
func operate(t testing.TB, s *v1.Server, db *tenants.DB, now func() time.Time, sweep bool) *jobs.Operations {
	t.Helper()
	maker := &exports.Maker{DB: db, Vault: s.Vault, Now: now}
	actions := &jobs.FleetActions{DB: db, Connector: s.Connector, Applier: s.Applier, Chain: s.Chain, Now: now}
	handlers := map[domain.OperationKind]jobs.OperationHandler{
		domain.OperationExport:      jobs.Export(maker),
		domain.OperationReplay:      jobs.Replay(s.Applier),
		domain.OperationFleetAction: actions.Work,
	}
	if s.Connector != nil {
		handlers = jobs.Handlers(s.Connector, maker, s.Applier, actions)
	}
	o := &jobs.Operations{DB: db, Handlers: handlers, Now: now, Log: slog.New(slog.DiscardHandler), AtOnce: 8}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if !sweep {
			<-ctx.Done()
		}
		o.Run(ctx)
	}()
	t.Cleanup(func() { end(); <-ended })
	s.Notify = func(clinic domain.ClinicID, id domain.UUID) { o.Begin(ctx, clinic, id) }
	if s.Connector != nil {
		s.Connector.Notify = s.Notify
	}
	return o
}
