package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

const (
	// OperationLease is how long an operation belongs to who took it or saved it last. A
	// process that dies holds its work up for that long.
	OperationLease = 20 * time.Second
	// operationRenewal is how often the lease is prolonged while nothing is saved.
	operationRenewal = OperationLease / 4
	// operationLimit is how long an operation that was begun by a version without leases may
	// be silent before its process counts as dead.
	operationLimit = 5 * time.Minute
	// operationAttempts is how often an operation is taken without getting on before it fails.
	operationAttempts = 5
)

// ErrLeaseLost says that an operation is another process's by now, or has ended: whoever
// meets it stops, and nothing of what it was about to store is kept.
var ErrLeaseLost = errors.New("the lease of the operation is lost")

// HeldOperation is an operation that this process works on.
type HeldOperation struct {
	Operation
	ClinicID domain.ClinicID // 0: the platform's own
	Progress json.RawMessage // where the work goes on, as its kind keeps it; nil: at its beginning
	Attempts int             // times it was taken since it last got on, this one included

	holder string
}

// WaitingOperation names an operation that nobody works on.
type WaitingOperation struct {
	Clinic domain.ClinicID
	ID     domain.UUID
}

// OperationsDue returns the operations of all clinics that wait or whose lease has ended,
// at most limit, those that were asked for first before the others.
func (db *DB) OperationsDue(ctx context.Context, now time.Time, limit int) (list []WaitingOperation, err error) {
	err = db.Platform(ctx, func(tx *Tx) error {
		var rows []struct {
			ClinicID domain.ClinicID
			ID       DBUUID
		}
		err := tx.gorm.Raw(
			`SELECT clinic_id, id FROM operations
			WHERE state = 'running' AND (lease_until <= $1 OR lease_until IS NULL AND updated_at <= $2)
			ORDER BY created_at, id LIMIT $3`, now, now.Add(-operationLimit), limit,
		).Scan(&rows).Error
		for _, r := range rows {
			list = append(list, WaitingOperation{r.ClinicID, domain.UUID(r.ID)})
		}
		return Translate(err, "operations")
	})
	return list, err
}

// TakeOperation takes an operation of the clinic that waits or whose lease has ended. Of
// several takers one gets it; the others get nil. An operation that was taken too often
// without getting on fails instead, with code interrupted.
func (tx *Tx) TakeOperation(id domain.UUID, now time.Time) (*HeldOperation, error) {
	h := &HeldOperation{ClinicID: tx.clinic, holder: NewID(now).Public("hld")}
	var row operationRow
	done := tx.gorm.Raw(`UPDATE operations o SET holder = $1, lease_until = $2, attempts = attempts + 1
		WHERE o.clinic_id = $3 AND o.id = $4 AND o.state = 'running'
		  AND (o.lease_until <= $5 OR o.lease_until IS NULL AND o.updated_at <= $6)
		RETURNING coalesce((SELECT c.public_id FROM clinics c WHERE c.clinic_id = o.clinic_id),
		  '00000000-0000-0000-0000-000000000000') AS public_id, o.id, o.kind, o.state, o.code, o.total, o.steps, o.result,
		  o.created_at, o.updated_at, o.input, o.progress, o.attempts`,
		h.holder, now.Add(OperationLease), tx.clinic, DBUUID(id), now, now.Add(-operationLimit)).Scan(&row)
	if done.Error != nil || done.RowsAffected == 0 {
		return nil, Translate(done.Error, "operation")
	}
	var err error
	if h.Operation, err = row.operation(); err != nil {
		return nil, err
	}
	h.Input, h.Progress, h.Attempts = row.Input, row.Progress, row.Attempts
	if h.Attempts > operationAttempts {
		h.Fail("interrupted", "O serviço parou no meio desta tarefa, e ela não avançou em cinco tentativas. Comece de novo.")
		return nil, tx.SaveHeld(h, now)
	}
	return h, nil
}

// StartHeld is StartOperation for work that this process does at once: nobody else may
// take it meanwhile.
func (tx *Tx) StartHeld(o Operation) (*HeldOperation, error) {
	if err := tx.StartOperation(o); err != nil {
		return nil, err
	}
	return tx.TakeOperation(o.ID, o.CreatedAt)
}

// TakeOperationOf is TakeOperation for the clinic's operation of a kind; nil: there is none
// to be taken.
func (tx *Tx) TakeOperationOf(kind domain.OperationKind, now time.Time) (*HeldOperation, error) {
	var row operationRow
	found := tx.gorm.Raw(
		`SELECT id FROM operations WHERE clinic_id = $1 AND kind = $2 AND state = 'running' ORDER BY id LIMIT 1`,
		tx.clinic, kind,
	).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return nil, Translate(found.Error, "operation")
	}
	return tx.TakeOperation(domain.UUID(row.ID), now)
}

// SaveHeld stores how far the operation is and prolongs its lease, in this transaction: what
// it did and that it did it are kept together or not at all. It fails with ErrLeaseLost.
func (tx *Tx) SaveHeld(h *HeldOperation, now time.Time) error { return tx.saveHeld(h, now, false) }

// SaveStep is SaveHeld after a piece of work that is never done again: the operation got on,
// and its attempts are counted anew.
func (tx *Tx) SaveStep(h *HeldOperation, now time.Time) error {
	err := tx.saveHeld(h, now, true)
	if err == nil {
		h.Attempts = 0
	}
	return err
}

func (tx *Tx) saveHeld(h *HeldOperation, now time.Time, gotOn bool) error {
	return tx.Conn(func(c *pgx.Conn) error { return h.SaveWith(tx.ctx, c, now, gotOn) })
}

// SaveWith is saveHeld on the connection of a transaction in the operation's clinic.
func (h *HeldOperation) SaveWith(ctx context.Context, c *pgx.Conn, now time.Time, gotOn bool) error {
	steps := h.Steps
	if steps == nil {
		steps = []Step{}
	}
	told, err := json.Marshal(steps)
	if err != nil {
		return err
	}
	done, err := c.Exec(
		ctx,
		`UPDATE operations SET state = $4, steps = $5::text::jsonb, code = $6, result = $7::text::jsonb,
		progress = $8::text::jsonb, total = $9, updated_at = $10, lease_until = $11,
		attempts = CASE WHEN $12 THEN 0 ELSE attempts END
		WHERE clinic_id = $1 AND id = $2 AND holder = $3 AND state = 'running'`,
		h.ClinicID, [16]byte(h.ID), h.holder, h.State, string(told), h.Code, orNothing(h.Result),
		orNothing(h.Progress), h.Total, now, now.Add(OperationLease), gotOn,
	)
	if err == nil && done.RowsAffected() == 0 {
		return ErrLeaseLost
	}
	h.UpdatedAt = now
	return Translate(err, "operation")
}

// GiveOperation gives the lease back, to be taken again from an instant on. The try counts
// only when it counted against the operation: a process that is told to end is no failure.
func (tx *Tx) GiveOperation(h *HeldOperation, from time.Time, counts bool) error {
	return Translate(
		tx.gorm.Exec(
			`UPDATE operations SET holder = NULL, lease_until = $1,
		  attempts = greatest(attempts - CASE WHEN $2 THEN 0 ELSE 1 END, 0)
		WHERE clinic_id = $3 AND id = $4 AND holder = $5 AND state = 'running'`,
			from, counts, tx.clinic, DBUUID(h.ID), h.holder,
		).Error,
		"operation",
	)
}

// Held runs work while it prolongs the operation's lease, and returns what work returns. The
// context of work ends with ctx, and when the lease is lost: then Held returns ErrLeaseLost.
func (db *DB) Held(
	ctx context.Context, h *HeldOperation, now func() time.Time, work func(context.Context) error,
) error {
	working, lose := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	mine := HeldOperation{
		Operation: Operation{ID: h.ID},
		ClinicID:  h.ClinicID,
		holder:    h.holder,
	} // work changes h meanwhile
	go func() {
		defer close(ended)
		for tick := time.NewTicker(operationRenewal); ; {
			select {
			case <-working.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			if held, err := db.renew(working, &mine, now().UTC()); err == nil && !held {
				lose(ErrLeaseLost)
			}
		}
	}()
	err := work(working)
	lost := errors.Is(context.Cause(working), ErrLeaseLost)
	lose(context.Canceled)
	<-ended
	if lost {
		return ErrLeaseLost
	}
	return err
}

// renew prolongs the lease and tells whether it is still held.
func (db *DB) renew(ctx context.Context, h *HeldOperation, now time.Time) (held bool, err error) {
	err = db.InOrPlatform(ctx, h.ClinicID, func(tx *Tx) error {
		done := tx.gorm.Exec(
			`UPDATE operations SET lease_until = $1 WHERE clinic_id = $2 AND id = $3 AND holder = $4`,
			now.Add(OperationLease), tx.clinic, DBUUID(h.ID), h.holder,
		)
		held = done.RowsAffected > 0
		return Translate(done.Error, "operation")
	})
	return held, err
}

// Step notes a step that was done or failed, behind those that were done before.
func (h *HeldOperation) Step(s Step) { h.Steps = append(h.Steps, s) }

// Done ends the operation well; SaveHeld stores it.
func (h *HeldOperation) Done() { h.State = "done" }

// Fail ends the operation badly: code is why, detail tells people, pt-BR. A step that was
// under way has failed; without one, the failure is a step of its own. SaveHeld stores it.
func (h *HeldOperation) Fail(code, detail string) {
	h.State, h.Code = "failed", code
	if last := len(h.Steps) - 1; last >= 0 && h.Steps[last].State == "running" {
		h.Steps[last].State, h.Steps[last].Detail = "failed", detail
		return
	}
	h.Step(Step{Name: "start", State: "failed", Detail: detail})
}
