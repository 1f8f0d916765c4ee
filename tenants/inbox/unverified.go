package inbox

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

// Hint is an unproved delivery from a trusted sender. Nothing of it is ever applied.
type Hint struct {
	Clinic   domain.ClinicID // 0: the account is bound to nobody
	Account  string
	BodyHash [32]byte
	At       time.Time // received, UTC
	Type     string
	Kind     domain.Kind
	Entity   string
	SourceIP string
	Sealed   []byte
}

// Hint stores h within its quota and, when it names an entity of a clinic, asks for a read
// of it. It returns true when the hint is safe (or known), false when the quota is full.
func (in *Inbox) Hint(ctx context.Context, h *Hint) (bool, error) {
	var answer string
	var err error
	if h.Clinic > 0 {
		err = in.db.Pool().QueryRow(ctx, `SELECT accept_hint($1, $2, $3, $4, $5, $6, $7, $8)`,
			h.Clinic, h.BodyHash[:], h.At, h.Type, string(h.Kind), h.Entity, h.SourceIP, h.Sealed).Scan(&answer)
	} else {
		err = in.db.Pool().QueryRow(ctx, `SELECT accept_stray($1, $2, $3, $4, $5, $6, $7, $8)`,
			h.Account, h.BodyHash[:], h.At, h.Type, string(h.Kind), h.Entity, h.SourceIP, h.Sealed).Scan(&answer)
	}
	return answer != "full" && err == nil, tenants.Translate(err, "hint")
}

// Variant keeps a body that came under the id of another one; true when it was not kept
// before. With truth it also asks for a read of the entity.
func (in *Inbox) Variant(ctx context.Context, a *Arrival) (bool, error) {
	var fresh bool
	err := in.db.Pool().QueryRow(ctx, `SELECT accept_variant($1, $2, $3, $4, $5, $6, $7)`,
		a.Clinic, a.Key.Environment, a.Key.Seq, a.Key.Hash, a.BodyHash[:], a.ReceivedAt, a.Sealed).Scan(&fresh)
	return fresh, tenants.Translate(err, "variant")
}

// WantTruth asks for a read of an entity at instant at, or earlier if one is already wanted.
func (in *Inbox) WantTruth(ctx context.Context, clinic domain.ClinicID, kind domain.Kind, entity string, why domain.ReadReason, at time.Time) error {
	_, err := in.db.Pool().Exec(ctx, `SELECT want_truth($1, $2, $3, $4, $5)`, clinic, string(kind), entity, why, at)
	return tenants.Translate(err, "want truth")
}

// Alarm is DB.Alarm by the ingest role.
func (in *Inbox) Alarm(ctx context.Context, clinic domain.ClinicID, kind domain.AlarmKind, at time.Time) error {
	return alarm.Raise(in.db, ctx, clinic, kind, at)
}
