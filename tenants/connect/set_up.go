package connect

import (
	"context"

	"patapay/tenants"
	"patapay/tenants/connection"
)

// setUp is a connection's first minute: the webhook, the round trip, and the connection monitor's
// first health check, which imports what was there before.
func (o *operating) setUp(ctx context.Context) error {
	if !o.done.Ensured {
		if err := o.ensureStep(ctx); err != nil {
			return err
		}
	}
	o.leave(1)
	if err := o.roundTrip(ctx); err != nil {
		return err
	}
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return connection.ScheduleNow(tx, o.Now().UTC()) })
}

// ensureStep is the step that sets our webhook up; done twice it changes nothing more.
func (o *operating) ensureStep(ctx context.Context) error {
	o.leave(0)
	if err := o.step(ctx, "ensure_webhook"); err != nil {
		return err
	}
	report, err := o.EnsureWebhook(ctx, o.clinic, Ensure{Prove: true, Precondition: Unconditional})
	if err != nil {
		return err
	}
	if !report.OK() {
		o.tell("O webhook foi configurado, mas nem tudo ficou como pedido. Veja a saúde da conexão.")
	}
	o.endStep("done", "")
	o.done.Ensured = true
	return o.remember(ctx, true)
}

// Unguarded lets any version through and writes nothing down: for changes that the program
// makes by itself, and that no person asked for.
var Unconditional = Precondition{
	Match: anyVersion,
	Audit: func(*tenants.Tx, connection.Connection) error { return nil },
}
