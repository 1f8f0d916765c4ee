package connect

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

const (
	monitorLease  = "guard"
	monitorEvery  = 30 * time.Minute // docs/architecture.md, connection
	monitorJitter = 5 * time.Minute  // so that clinics that connected together part
	monitorSoon   = 5 * time.Minute  // after a health check that could not do what was to be done
)

// monitorTime bounds one turn, which may have a first import in it.
var monitorTime = domain.OperationBackfill.Limit() + 10*time.Minute

// monitoring is one clinic's turn.
type monitoring struct {
	*Connector
	clinic tenants.Clinic
	holder string
	round  connection.Schedule
	until  time.Time     // by then the turn is over; whatever brings the next one forward shows by it
	again  time.Duration // until the next turn
}

// monitorClinic takes the clinic's turn and tells whether it had one.
func (c *Connector) monitorClinic(ctx context.Context, id domain.ClinicID) (bool, error) {
	g := &monitoring{Connector: c, holder: tenants.NewID(c.Now()).Public("hld"), again: c.interval(id)}
	due := false
	err := c.DB.In(ctx, id, func(tx *tenants.Tx) (err error) { due, err = g.take(tx); return err })
	if err != nil || !due {
		return false, err
	}
	work, cancel := context.WithTimeout(ctx, monitorTime)
	defer cancel()
	failed := g.turn(work)
	switch {
	case ctx.Err() != nil: // this process ends: the next one takes the clinic up at once
		failed, g.again = nil, 0
	case failed != nil:
		g.again = monitorSoon
	}
	return true, errors.Join(failed, c.DB.In(context.WithoutCancel(ctx), id, g.give))
}

// interval is half an hour, some minutes more or less, the same ones for a clinic always.
func (c *Connector) interval(id domain.ClinicID) time.Duration {
	h := fnv.New32a()
	fmt.Fprint(h, id)
	return monitorEvery - monitorJitter + time.Duration(h.Sum32())%(2*monitorJitter)
}

// take takes the clinic's lease, unless it is another's or the turn is over: who comes
// second finds the next turn set.
func (g *monitoring) take(tx *tenants.Tx) (due bool, err error) {
	now := g.Now().UTC().Truncate(time.Microsecond) // as exact as Postgres keeps it
	if g.clinic, err = tx.Self(); err != nil || g.clinic.State != "active" && g.clinic.State != "suspended" {
		return false, err
	}
	g.until = now.Add(monitorTime + time.Minute)
	taken, err := tx.TakeLease(monitorLease, g.holder, now, g.until)
	if err != nil || !taken {
		return false, err
	}
	if g.round, err = connection.LoadSchedule(tx); err != nil {
		return false, err
	}
	if g.round.NextAt.After(now) {
		return false, tx.DropLease(monitorLease, g.holder)
	}
	return true, connection.ScheduleNext(tx, g.until)
}

// give sets the next turn and gives the lease back, both or neither. A turn that was asked
// for meanwhile, by an event about the key or by a gap, comes at once.
func (g *monitoring) give(tx *tenants.Tx) error {
	now := g.Now().UTC()
	next := now.Add(g.again)
	if r, err := connection.LoadSchedule(tx); err != nil {
		return err
	} else if r.NextAt.Before(g.until) && g.again > monitorSoon {
		next = now
	}
	if err := connection.ScheduleNext(tx, next); err != nil {
		return err
	}
	return tx.DropLease(monitorLease, g.holder)
}

// turn is what is done for a clinic in its turn.
func (g *monitoring) turn(ctx context.Context) error {
	l, err := g.checkNow(ctx)
	if err != nil || l.refusal != nil {
		if l.unavailable() {
			g.again = monitorSoon
		}
		return err // a dead key is the clinic's to mend; without permission nothing can be repaired
	}
	if g.clinic.State == "suspended" { // it is looked at, so that people learn what is lost, and nothing is changed
		return nil
	}
	switch {
	case len(l.ours) > 0 && l.ours[0].Interrupted:
		if done, err := g.operateNow(ctx, domain.OperationReactivate, 0); err != nil || !done {
			g.again = monitorSoon
			return err
		}
	case l.status("penalties") == checkWarning:
		if err := g.unpenalize(ctx, l); err != nil {
			return err
		}
	case l.drifted():
		if err := g.mend(ctx); err != nil {
			return err
		}
	}
	return g.compareDue(ctx)
}

// unpenalize lets a queue that waits out a penalty try at once, if our door answers now: it
// would wait for up to three hours else, and twelve more failures would pause it.
func (g *monitoring) unpenalize(ctx context.Context, l *healthCheck) error {
	err := g.liftPenalty(ctx, g.clinic, l.conn, l.cred, l.ours[0].ID)
	var down *stopped
	if errors.As(err, &down) {
		g.again = monitorSoon // our door: an alarm tells of it
		return nil
	}
	return err
}

// checkNow looks at the connection within its share of the quota.
func (g *monitoring) checkNow(ctx context.Context) (*healthCheck, error) {
	return g.healthCheck(asaasapi.For(ctx, asaasapi.Upkeep), g.clinic)
}

// mend puts the configuration right. That another ensure works is no failure.
func (g *monitoring) mend(ctx context.Context) error {
	_, err := g.EnsureWebhook(ctx, g.clinic, Ensure{Precondition: Unconditional})
	var failed *asaasapi.Error
	if errors.As(err, &failed) &&
		(failed.Code == asaasapi.Busy || failed.Code == asaasapi.PermissionLacks || failed.Code == asaasapi.WebhookLimit) {
		return nil // the health check has told of it
	}
	if err == nil {
		_, err = g.checkNow(ctx)
	}
	return err
}

// drifted tells whether our configuration is to be put right: it differs in what an ensure
// mends, or it is gone though we made it, or though events came by it.
func (l *healthCheck) drifted() bool {
	if !l.seen {
		return false
	}
	if len(l.ours) == 0 {
		return l.conn.WebhookID != "" || !l.conn.FirstEventAt.IsZero()
	}
	setUp := l.SetUp(l.conn)
	setUp.Name = l.ours[0].Name // a matter of taste
	return !repaired(setUp.Lines(l.ours[0]))
}

// compareDue compares what is to be compared: a gap, else the first import, else the night.
func (g *monitoring) compareDue(ctx context.Context) error {
	var conn connection.Connection
	night := false
	err := g.DB.In(ctx, g.clinic.ID, func(tx *tenants.Tx) (err error) {
		if g.round, err = connection.LoadSchedule(tx); err != nil {
			return err
		}
		if conn, err = connectionOrZero(tx); err != nil || !conn.State.Receives() {
			return err
		}
		night, err = g.nightDue(tx)
		return err
	})
	if err != nil || !conn.State.Receives() {
		return err
	}
	switch {
	case g.round.BackfilledAt.IsZero():
		_, err = g.operateNow(ctx, domain.OperationBackfill, 0)
	case !g.round.GapSince.IsZero():
		_, err = g.operateNow(ctx, domain.OperationReconcile, gapDays(g.round.GapSince, g.Now()))
	case night:
		_, err = g.operateNow(ctx, domain.OperationReconcile, nightlyDays)
	}
	return err
}

// operateNow runs an operation to its end and tells whether it went well. One of its kind
// that waits or was left by a process that ended is done in its place; one that another
// process holds, or a disconnection meanwhile, is no failure.
func (g *monitoring) operateNow(ctx context.Context, kind domain.OperationKind, days int) (bool, error) {
	o, err := g.hold(ctx, kind, days)
	if code := domain.CodeOf(err); code == domain.NotFound {
		return false, nil
	}
	if err != nil || o == nil {
		return false, err
	}
	if err := g.DB.Held(ctx, o.op, g.Now, o.run); err != nil {
		from := g.Now().UTC()
		return false, errors.Join(err, g.DB.In(context.WithoutCancel(ctx), g.clinic.ID, func(tx *tenants.Tx) error {
			return tx.GiveOperation(o.op, from, ctx.Err() == nil)
		}))
	}
	if o.op.State == "failed" && o.op.Code == string(domain.Internal) {
		return false, fmt.Errorf("%s failed", kind)
	}
	return o.op.State == "done", nil
}

// hold stores an operation that this process does at once, under its lease, or takes the
// one of its kind that nobody holds; nil: another process is at it.
func (g *monitoring) hold(ctx context.Context, kind domain.OperationKind, days int) (*operating, error) {
	op, err := g.operation(g.clinic, kind, days)
	if err != nil {
		return nil, err
	}
	var h *tenants.HeldOperation
	err = g.DB.In(ctx, g.clinic.ID, func(tx *tenants.Tx) (err error) {
		if _, err = g.connectedNow(tx, Unconditional); err == nil {
			h, err = tx.StartHeld(op)
		}
		return err
	})
	if domain.CodeOf(err) == domain.Conflict {
		err = g.DB.In(ctx, g.clinic.ID, func(tx *tenants.Tx) (err error) {
			h, err = tx.TakeOperationOf(kind, op.CreatedAt)
			return err
		})
	}
	if err != nil || h == nil {
		return nil, err
	}
	return g.resume(ctx, h)
}
