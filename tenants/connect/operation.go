package connect

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

// operating is one operation under way, whose lease this process holds.
type operating struct {
	*Connector
	clinic tenants.Clinic
	conn   connection.Connection
	cred   asaasapi.Credential
	op     *tenants.HeldOperation
	done   progress
	begun  time.Time                  // of the step under way
	days   int                        // reconcile: how far back
	seen   map[tenants.EntityRef]bool // compared in this run: a charge may be in two windows, of its making and its credit
	part   bool                       // what runs now is one step of something greater, and has none of its own
}

// asked is what an operation was asked for, beside its kind.
type asked struct {
	Days int `json:"days,omitempty"` // reconcile: how far back
}

// Operate stores long work of a kind and returns it at once; a worker does it, and it is to
// be looked at under its id. It fails with Conflict while one of its kind waits or runs for
// the clinic, NotFound when it is not connected.
func (c *Connector) Operate(
	ctx context.Context, clinic tenants.Clinic, kind domain.OperationKind, g Precondition,
) (tenants.Operation, error) {
	return c.operate(ctx, clinic, kind, 0, g)
}

// SetUpAndTest is Operate for a first connection: it sets our webhook up, tells the
// gateway's account of our door, makes the round trip, and brings the connection monitor's first
// look forward.
func (c *Connector) SetUpAndTest(
	ctx context.Context, clinic tenants.Clinic, g Precondition,
) (tenants.Operation, error) {
	return c.operate(ctx, clinic, domain.OperationSetUp, 0, g)
}

// Reconcile is Operate for a comparison with the gateway over the last days, 1 to 90.
func (c *Connector) Reconcile(
	ctx context.Context, clinic tenants.Clinic, days int, g Precondition,
) (tenants.Operation, error) {
	return c.operate(ctx, clinic, domain.OperationReconcile, days, g)
}

func (c *Connector) operate(
	ctx context.Context, clinic tenants.Clinic, kind domain.OperationKind, days int, g Precondition,
) (tenants.Operation, error) {
	op, err := c.operation(clinic, kind, days)
	if err != nil {
		return tenants.Operation{}, err
	}
	err = c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		conn, err := c.connectedNow(tx, g)
		if err != nil {
			return err
		}
		if _, err := connection.APIKey(tx, c.Vault); err != nil {
			return err
		}
		if err := tx.StartOperation(op); err != nil {
			return err
		}
		return g.Audit(tx, conn)
	})
	if err == nil && c.Notify != nil {
		c.Notify(clinic.ID, op.ID)
	}
	return op, err
}

func (c *Connector) operation(clinic tenants.Clinic, kind domain.OperationKind, days int) (tenants.Operation, error) {
	now := c.Now().UTC().Truncate(time.Microsecond) // as exact as Postgres keeps it
	input, err := json.Marshal(asked{days})
	return tenants.Operation{
		ID:        tenants.NewID(now),
		Clinic:    clinic.PublicID,
		Kind:      kind,
		State:     "running",
		Input:     input,
		CreatedAt: now,
		UpdatedAt: now,
	}, err
}

// Work does an operation that this process holds, from where it was left, and stores how it
// ended. An error means that it has not ended: the context did, the lease was lost, or our
// own database was away.
func (c *Connector) Work(ctx context.Context, h *tenants.HeldOperation) error {
	o, err := c.resume(ctx, h)
	if domain.CodeOf(err) == domain.NotFound {
		err = &stopped{string(domain.NotFound), "A clínica não está mais conectada ao Asaas."}
	}
	if err != nil {
		return o.finish(ctx, err)
	}
	return o.run(ctx)
}

// resume reads what the gateway is asked with, and how far the work is.
func (c *Connector) resume(ctx context.Context, h *tenants.HeldOperation) (*operating, error) {
	o := &operating{Connector: c, op: h, seen: map[tenants.EntityRef]bool{}}
	in := asked{Days: reconcileBack}
	if h.Input != nil {
		if err := json.Unmarshal(h.Input, &in); err != nil {
			return o, err
		}
	}
	o.days = in.Days
	if h.Progress != nil {
		if err := json.Unmarshal(h.Progress, &o.done); err != nil {
			return o, err
		}
	}
	return o, c.DB.In(ctx, h.ClinicID, func(tx *tenants.Tx) (err error) {
		if o.clinic, err = tx.Self(); err != nil {
			return err
		}
		if o.conn, err = c.connectedNow(tx, Unconditional); err != nil {
			return err
		}
		key, err := connection.APIKey(tx, c.Vault)
		o.cred = asaasapi.Credential{Environment: o.conn.Environment, Key: key}
		return err
	})
}

// run does the work and stores how it ended.
func (o *operating) run(ctx context.Context) error {
	work, cancel := context.WithTimeout(ctx, o.op.Kind.Limit())
	defer cancel()
	do := map[domain.OperationKind]func(context.Context) error{
		domain.OperationTest: o.test, domain.OperationReactivate: o.reactivate, domain.OperationReconcile: o.reconcile,
		domain.OperationSetUp: o.setUp, domain.OperationBackfill: o.backfill,
	}
	return o.finish(ctx, do[o.op.Kind](work))
}

// step ends the step under way well and begins the next one.
func (o *operating) step(ctx context.Context, name string) error {
	if o.part {
		return o.save(ctx)
	}
	now := o.Now().UTC()
	o.endStep("done", "")
	o.op.Steps, o.begun = append(o.op.Steps, tenants.Step{Name: name, State: "running"}), now
	return o.save(ctx)
}

// leave keeps the first steps and forgets what was begun behind them: the work goes on there.
func (o *operating) leave(steps int) { o.op.Steps = o.op.Steps[:min(steps, len(o.op.Steps))] }

// tell notes what the step under way has to say.
func (o *operating) tell(detail string) { o.op.Steps[len(o.op.Steps)-1].Detail = detail }

func (o *operating) endStep(state, detail string) {
	if len(o.op.Steps) == 0 {
		return
	}
	last := &o.op.Steps[len(o.op.Steps)-1]
	if last.State == "running" {
		last.Millis = o.Now().UTC().Sub(o.begun).Milliseconds()
	}
	last.State = state
	if detail != "" {
		last.Detail = detail
	}
}

func (o *operating) save(ctx context.Context) error {
	return o.DB.In(ctx, o.op.ClinicID, func(tx *tenants.Tx) error { return tx.SaveHeld(o.op, o.Now().UTC()) })
}

// stopped is why an operation ended early, with the words for people.
type stopped struct{ code, detail string }

// Error returns the code.
func (s *stopped) Error() string { return s.code }

// finish stores the end. Of an error that nobody explains only internal is told. What is no
// end is returned: whoever takes the operation next goes on.
func (o *operating) finish(ctx context.Context, err error) error {
	var known *stopped
	var failed *asaasapi.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, tenants.ErrLeaseLost), o.op.State != "running":
		return err
	case err == nil:
		o.endStep("done", "")
		o.op.Done()
	case errors.As(err, &known):
		o.fail(known.code, known.detail)
	case errors.As(err, &failed) && failed.Code == asaasapi.TimedOut:
		o.fail(string(asaasapi.TimedOut), "Não conseguimos falar com o Asaas. Tente de novo em alguns minutos.")
	case errors.As(err, &failed):
		o.fail(string(failed.Code), failed.Detail())
	case domain.CodeOf(err) == domain.Unavailable:
		return err
	default:
		o.fail(string(domain.Internal), "O problema é do nosso lado; já avisamos a equipe.")
	}
	return o.save(ctx)
}

func (o *operating) fail(code, detail string) {
	if len(o.op.Steps) > 0 {
		o.endStep("running", "")
	}
	o.op.Fail(code, detail)
}

// progress is where an operation goes on when the process that worked on it ended.
type progress struct {
	Checkout             string                           `json:"checkout,omitempty"`    // test: the throw-away checkout
	Ensured              bool                             `json:"ensured,omitempty"`     // set-up: the webhook stands
	ResumedAt            *time.Time                       `json:"resumedAt,omitempty"`   // reactivate: it runs since
	Begun                *time.Time                       `json:"begun,omitempty"`       // backfill: days count from here
	Windows              int                              `json:"windows,omitempty"`     // backfill: that are imported
	ReconciliationReport *connection.ReconciliationReport `json:"certificate,omitempty"` // backfill: of these windows
	Seen                 []tenants.EntityRef              `json:"seen,omitempty"`        // backfill: compared in them
}

// remember stores where the operation goes on from now on; gotOn says that what was done is
// never done again.
func (o *operating) remember(ctx context.Context, gotOn bool) error {
	text, err := json.Marshal(o.done)
	if err != nil {
		return err
	}
	o.op.Progress = text
	return o.DB.In(ctx, o.op.ClinicID, func(tx *tenants.Tx) error {
		if gotOn {
			return tx.SaveStep(o.op, o.Now().UTC())
		}
		return tx.SaveHeld(o.op, o.Now().UTC())
	})
}
