package jobs

import (
	"context"
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/fleet"
)

// FleetActions does what operators ask for many clinics: one clinic after the other, each with an entry in its own
// audit log before anything is done. Which clinics is a matter of the rows that the preview stored.
type FleetActions struct {
	DB        *tenants.DB // of the api role
	Connector *connect.Connector
	Applier   *apply.Applier
	Chain     tenants.Chain
	Now       func() time.Time
}

// itemTime bounds what is done to one clinic: the longest operation, and what goes before it.
const itemTime = 5 * time.Minute

// Work does an action that this process holds, from where it was left: a clinic that was under way is done again.
func (f *FleetActions) Work(ctx context.Context, h *tenants.HeldOperation) error {
	var action fleet.Action
	err := f.DB.Platform(ctx, func(tx *tenants.Tx) (err error) { action, _, err = fleet.ReadAction(tx, h.ID); return err })
	for err == nil && h.State == "running" {
		err = f.step(ctx, h, action)
	}
	return err
}

// step does the action to the next clinic, or ends it.
func (f *FleetActions) step(ctx context.Context, h *tenants.HeldOperation, action fleet.Action) error {
	var next *fleet.Item
	err := f.DB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		if next, err = fleet.Next(tx, action.ID); err != nil || next != nil {
			return err
		}
		if err := fleet.End(tx, action.ID, f.Now().UTC()); err != nil {
			return err
		}
		h.Done()
		return tx.SaveHeld(h, f.Now().UTC())
	})
	if err != nil || next == nil {
		return err
	}
	clinic, mine, err := f.begin(ctx, action, next)
	if err != nil || !mine {
		return err
	}
	code, err := f.to(ctx, action, clinic, next)
	if err != nil {
		return err
	}
	return f.DB.Platform(ctx, func(tx *tenants.Tx) error {
		now := f.Now().UTC()
		if err := fleet.EndItem(tx, action.ID, next.ClinicID, code, now); err != nil {
			return err
		}
		return tx.SaveStep(h, now)
	})
}

// begin takes the clinic and writes into its audit log who does what to it and why, both or neither; not mine: the
// action was stopped meanwhile.
func (f *FleetActions) begin(
	ctx context.Context, a fleet.Action, i *fleet.Item,
) (c tenants.Clinic, mine bool, err error) {
	err = f.DB.In(ctx, i.ClinicID, func(tx *tenants.Tx) error {
		if c, err = tx.Self(); err != nil || i.State == "running" {
			mine = true
			return err
		}
		if mine, err = fleet.Take(tx, a.ID); err != nil || !mine {
			return err
		}
		return tx.Audit(f.Chain, tenants.AuditEntry{
			At: f.Now().UTC(), Actor: a.Actor, Role: a.Role, Action: "operator." + string(a.Kind), Subject: a.ID.Public("act"),
			Detail: map[string]any{"reason": a.Reason, "clinics": a.Clinics}, Source: a.Source,
		})
	})
	return c, mine, err
}

// to does the action to a clinic and returns why it failed, "" when it did not. An error is trouble of our own: the
// clinic is taken up again.
func (f *FleetActions) to(
	ctx context.Context, a fleet.Action, c tenants.Clinic, i *fleet.Item,
) (code string, err error) {
	if c.State != "active" { // since the preview
		return c.State, nil
	}
	work, cancel := context.WithTimeout(ctx, itemTime)
	defer cancel()
	switch a.Kind {
	case fleet.CheckConnection:
		_, err = f.Connector.Check(work, c)
	case fleet.RepairWebhook:
		_, err = f.Connector.EnsureWebhook(work, c, connect.Ensure{Precondition: connect.Unconditional})
	case fleet.ReactivateQueue:
		op := tenants.Operation{ID: tenants.NewID(f.Now()), Kind: domain.OperationReactivate}
		code, err = f.operate(work, op, c, f.Connector.Work)
	case fleet.ReplayDead:
		code, err = f.replay(work, c, i.Events)
	default:
		err = domain.Errorf(domain.Internal, "nobody does actions of kind %s", a.Kind)
	}
	return codeOf(ctx, code, err)
}

// codeOf tells what ended the work on one clinic from what ends this process's turn.
func codeOf(ctx context.Context, code string, err error) (string, error) {
	var refused *asaasapi.Error
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &refused):
		return string(refused.Code), nil
	case errors.Is(err, context.DeadlineExceeded):
		return string(asaasapi.TimedOut), nil
	case domain.CodeOf(err) == domain.Unavailable:
		return "", err
	case err != nil:
		return string(domain.CodeOf(err)), nil
	}
	return code, nil
}

// replay applies the events anew that the preview named.
func (f *FleetActions) replay(ctx context.Context, c tenants.Clinic, ids []string) (string, error) {
	var keys []domain.EventKey
	for _, id := range ids {
		if key, ok := domain.ParseEventKey(id); ok {
			keys = append(keys, key)
		}
	}
	op, err := apply.NewReplay(c, keys, f.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return "", err
	}
	return f.operate(ctx, op, c, f.Applier.ReplayAll)
}

// operate does long work of the clinic's at once, and returns its code, "" when it went well. One of its kind that was
// left by a process which ended is done in its place; one that another process holds is a conflict.
func (f *FleetActions) operate(
	ctx context.Context, op tenants.Operation, c tenants.Clinic, handler OperationHandler,
) (string, error) {
	now := f.Now().UTC().Truncate(time.Microsecond)
	op.Clinic, op.CreatedAt, op.UpdatedAt = c.PublicID, now, now
	var h *tenants.HeldOperation
	err := f.DB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) { h, err = tx.StartHeld(op); return err })
	if domain.CodeOf(err) == domain.Conflict {
		err = f.DB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) { h, err = tx.TakeOperationOf(op.Kind, now); return err })
	}
	if err != nil {
		return "", err
	}
	if h == nil {
		return string(domain.Conflict), nil
	}
	if err := f.DB.Held(ctx, h, f.Now, func(ctx context.Context) error { return handler(ctx, h) }); err != nil {
		from := f.Now().UTC()
		return "", errors.Join(err, f.DB.In(context.WithoutCancel(ctx), c.ID, func(tx *tenants.Tx) error {
			return tx.GiveOperation(h, from, ctx.Err() == nil)
		}))
	}
	return h.Code, nil
}
