package connect

import (
	"context"
	"errors"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

// The kinds of long work.
const (
	TestConnection       = "connection.test"
	ReactivateConnection = "connection.reactivate"
	SetUpConnection      = "connection.setup"    // webhook, then round trip
	BackfillConnection   = "connection.backfill" // the last 90 days
)

// StepsOf returns how many steps an operation of a kind has when all goes well.
func StepsOf(kind string) int {
	return map[string]int{TestConnection: 4, ReactivateConnection: 5, ReconcileConnection: 3, SetUpConnection: 5, BackfillConnection: backfillWindows}[kind]
}

const (
	operateTime  = 4*time.Minute + 30*time.Second // bounds one operation
	backfillTime = 40 * time.Minute               // bounds a backfill
)

// operating is one operation under way.
type operating struct {
	*Connector
	clinic tenants.Clinic
	conn   connection.Connection
	cred   asaasapi.Credential
	op     tenants.Operation
	begun  time.Time                  // of the step under way
	days   int                        // reconcile: how far back
	seen   map[tenants.EntityRef]bool // compared already in this run: a charge may be in the windows of its making and its credit
	part   bool                       // what runs now is one step of something greater, and has none of its own
}

// Operate begins long work of a kind and returns it at once; the work goes on without the
// caller, and is to be looked at under its id. It fails with Conflict while one of its
// kind runs for the clinic, NotFound when it is not connected.
func (c *Connector) Operate(ctx context.Context, clinic tenants.Clinic, kind string, g Guard) (tenants.Operation, error) {
	return c.operate(ctx, clinic, kind, 0, g)
}

// SetUpAndTest is Operate for a first connection: it sets our webhook up, tells the
// gateway's account of our door, makes the round trip, and brings the guardian's first
// look forward.
func (c *Connector) SetUpAndTest(ctx context.Context, clinic tenants.Clinic, g Guard) (tenants.Operation, error) {
	return c.operate(ctx, clinic, SetUpConnection, 0, g)
}

// Reconcile is Operate for a comparison with the gateway over the last days, 1 to 90.
func (c *Connector) Reconcile(ctx context.Context, clinic tenants.Clinic, days int, g Guard) (tenants.Operation, error) {
	return c.operate(ctx, clinic, ReconcileConnection, days, g)
}

func (c *Connector) operate(ctx context.Context, clinic tenants.Clinic, kind string, days int, g Guard) (tenants.Operation, error) {
	o, err := c.begin(ctx, clinic, kind, days, g)
	if err != nil {
		return tenants.Operation{}, err
	}
	started := o.op
	go o.run(context.WithoutCancel(ctx))
	return started, nil
}

// begin stores the operation and reads what the gateway is asked with.
func (c *Connector) begin(ctx context.Context, clinic tenants.Clinic, kind string, days int, g Guard) (*operating, error) {
	now := c.Now().UTC()
	o := &operating{Connector: c, clinic: clinic, days: days, seen: map[tenants.EntityRef]bool{}, op: tenants.Operation{ID: tenants.NewID(now), Clinic: clinic.PublicID, Kind: kind, State: "running", CreatedAt: now, UpdatedAt: now}}
	return o, c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) (err error) {
		if o.conn, err = c.connectedNow(tx, g); err != nil {
			return err
		}
		key, err := connection.APIKey(tx, c.Vault)
		if err != nil {
			return err
		}
		o.cred = asaasapi.Credential{Environment: o.conn.Environment, Key: key}
		if err := tx.StartOperation(o.op); err != nil {
			return err
		}
		return g.Audit(tx, o.conn)
	})
}

// run does the work and stores how it ended.
func (o *operating) run(ctx context.Context) {
	limit := operateTime
	if o.op.Kind == BackfillConnection {
		limit = backfillTime
	}
	work, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	do := map[string]func(context.Context) error{TestConnection: o.roundTrip, ReactivateConnection: o.reactivate, ReconcileConnection: o.reconcile,
		SetUpConnection: o.setUp, BackfillConnection: o.backfill}
	o.finish(ctx, do[o.op.Kind](work))
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

// tell notes what the step under way has to say.
func (o *operating) tell(detail string) { o.op.Steps[len(o.op.Steps)-1].Detail = detail }

func (o *operating) endStep(state, detail string) {
	if len(o.op.Steps) == 0 {
		return
	}
	last := &o.op.Steps[len(o.op.Steps)-1]
	last.State, last.Millis = state, o.Now().UTC().Sub(o.begun).Milliseconds()
	if detail != "" {
		last.Detail = detail
	}
}

func (o *operating) save(ctx context.Context) error {
	return o.DB.In(ctx, o.clinic.ID, func(tx *tenants.Tx) error { return tx.SaveOperation(o.op, o.Now().UTC()) })
}

// stopped is why an operation ended early, with the words for people.
type stopped struct{ code, detail string }

// Error returns the code.
func (s *stopped) Error() string { return s.code }

// finish stores the end, also when the process is about to end. Of an error that nobody
// explains only internal is told.
func (o *operating) finish(ctx context.Context, err error) {
	o.op.State = "done"
	var known *stopped
	var failed *asaasapi.Error
	switch {
	case err == nil:
		o.endStep("done", "")
	case errors.Is(ctx.Err(), context.Canceled):
		o.op.State, o.op.Code = "failed", "interrupted"
		o.endStep("failed", "O serviço foi reiniciado no meio desta tarefa. Ela recomeça sozinha.")
	case errors.As(err, &known):
		o.op.State, o.op.Code = "failed", known.code
		o.endStep("failed", known.detail)
	case errors.As(err, &failed) && failed.Code == asaasapi.TimedOut:
		o.op.State, o.op.Code = "failed", string(asaasapi.TimedOut)
		o.endStep("failed", "Não conseguimos falar com o Asaas. Tente de novo em alguns minutos.")
	case errors.As(err, &failed):
		o.op.State, o.op.Code = "failed", string(failed.Code)
		o.endStep("failed", failed.Detail())
	default:
		o.op.State, o.op.Code = "failed", string(domain.Internal)
		o.endStep("failed", "O problema é do nosso lado; já avisamos a equipe.")
	}
	_ = o.save(context.WithoutCancel(ctx)) // a row that stays running counts as interrupted after five minutes
}
