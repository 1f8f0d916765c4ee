package tenants

import (
	"context"
	"encoding/json"
	"time"

	"patapay/domain"
)

// Operation is long work of one clinic: it is answered 202, and then looked at.
type Operation struct {
	ID        domain.UUID // `opr_…` outside
	Clinic    domain.UUID // public id
	Kind      domain.OperationKind
	State     string // running, done, failed
	Steps     []Step
	Code      string          // failed: why
	Total     int             // steps there will be; 0: as many as its kind has
	Result    json.RawMessage // what came of it; nil: nothing to tell
	Input     json.RawMessage // what was asked for; nil: nothing but the kind. It is never shown
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Step is one thing that an operation does.
type Step struct {
	Name   string `json:"name"`
	State  string `json:"state"`            // running, done, failed
	Detail string `json:"detail,omitempty"` // for people, pt-BR
	Millis int64  `json:"millis,omitempty"` // from the step's begin to its end
}

// StartOperation stores an operation that waits for a worker, unless one of its kind waits or
// runs already: Conflict.
func (tx *Tx) StartOperation(o Operation) error {
	if err := tx.Lock(); err != nil {
		return err
	}
	var running bool
	err := tx.gorm.Raw(
		`SELECT EXISTS (SELECT FROM operations WHERE clinic_id = $1 AND kind = $2 AND state = 'running')`, tx.clinic,
		o.Kind,
	).Scan(&running).Error
	if err == nil && running {
		return domain.Errorf(domain.Conflict, "operation")
	}
	if err == nil {
		err = tx.gorm.Exec(
			`INSERT INTO operations (clinic_id, id, kind, state, steps, total, input, lease_until, created_at, updated_at)
			VALUES ($1, $2, $3, 'running', '[]', $4, $5::jsonb, $6, $7, $8)`,
			tx.clinic, DBUUID(o.ID), o.Kind, o.Total, orNothing(o.Input), o.CreatedAt, o.CreatedAt, o.CreatedAt,
		).Error
	}
	return Translate(err, "operation")
}

// orNothing returns JSON as SQL takes it, null for none.
func orNothing(text json.RawMessage) *string {
	if text == nil {
		return nil
	}
	s := string(text)
	return &s
}

type operationRow struct {
	PublicID             DBUUID // of the clinic
	ID                   DBUUID
	Kind                 domain.OperationKind
	State, Code          string
	Total, Attempts      int
	Steps, Result        []byte
	Input, Progress      []byte // read by who works on it
	CreatedAt, UpdatedAt time.Time
}

// operation returns the row's operation.
func (r operationRow) operation() (Operation, error) {
	o := Operation{
		ID:        domain.UUID(r.ID),
		Clinic:    domain.UUID(r.PublicID),
		Kind:      r.Kind,
		State:     r.State,
		Code:      r.Code,
		Total:     r.Total,
		Result:    r.Result,
		CreatedAt: r.CreatedAt.UTC(),
		UpdatedAt: r.UpdatedAt.UTC(),
	}
	return o, json.Unmarshal(r.Steps, &o.Steps)
}

// Operation returns an operation by its id alone, with its clinic, so that the caller can
// ask whether it may be seen.
func (db *DB) Operation(ctx context.Context, id domain.UUID) (Operation, error) {
	var row operationRow
	err := db.Platform(ctx, func(tx *Tx) error {
		return Translate(
			tx.gorm.Raw(
				`SELECT c.public_id, o.id, o.kind, o.state, o.code, o.steps, o.total, o.result, o.created_at, o.updated_at
				FROM operations o JOIN clinics c USING (clinic_id) WHERE o.id = $1`,
				DBUUID(id),
			).Take(&row).Error,
			"operation",
		)
	})
	if err != nil {
		return Operation{}, err
	}
	return row.operation()
}

// Operations returns the clinic's newest operations, at most limit.
func (tx *Tx) Operations(limit int) (list []Operation, err error) {
	var rows []operationRow
	if err := tx.gorm.Raw(
		`SELECT id, kind, state, code, steps, total, result, created_at, updated_at FROM operations WHERE clinic_id = $1
		ORDER BY id DESC LIMIT $2`,
		tx.clinic, limit,
	).Scan(
		&rows,
	).Error; err != nil {
		return nil, Translate(err, "operations")
	}
	for _, r := range rows {
		o, err := r.operation()
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}
