package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

// Unverified is a delivery without a valid token from a trusted sender. Nothing of it is ever applied.
type Unverified struct {
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

// KeepUnverified stores h within its quota and, when it names an entity of a clinic, asks for a read
// of it. It returns true when the delivery is safe (or known), false when the quota is full.
func (in *Inbox) KeepUnverified(ctx context.Context, h *Unverified) (bool, error) {
	var answer string
	err := in.durably(ctx, func(conn *pgxpool.Conn) (known bool, err error) {
		if h.Clinic > 0 {
			err = conn.QueryRow(ctx, `SELECT accept_hint($1, $2, $3, $4, $5, $6, $7, $8)`,
				h.Clinic, h.BodyHash[:], h.At, h.Type, string(h.Kind), h.Entity, h.SourceIP, h.Sealed).Scan(&answer)
		} else {
			err = conn.QueryRow(ctx, `SELECT accept_stray($1, $2, $3, $4, $5, $6, $7, $8)`,
				h.Account, h.BodyHash[:], h.At, h.Type, string(h.Kind), h.Entity, h.SourceIP, h.Sealed).Scan(&answer)
		}
		return answer == "known", err
	})
	return answer != "full" && err == nil, tenants.Translate(err, "hint")
}

// Variant keeps a body that came under the id of another one; true when it was not kept
// before. The worker asks for the read of its entity.
func (in *Inbox) Variant(ctx context.Context, a *InboundEvent) (fresh bool, err error) {
	err = in.durably(ctx, func(conn *pgxpool.Conn) (known bool, err error) {
		err = conn.QueryRow(ctx, `SELECT accept_variant($1, $2, $3, $4, $5, $6, $7)`,
			a.Clinic, a.Key.Environment, a.Key.Seq, a.Key.Hash, a.BodyHash[:], a.ReceivedAt, a.Sealed).Scan(&fresh)
		return !fresh, err
	})
	return fresh, tenants.Translate(err, "variant")
}

// RequestRead asks for a read of an entity at instant at, or earlier if one is already wanted.
func (in *Inbox) RequestRead(
	ctx context.Context, clinic domain.ClinicID, kind domain.Kind, entity string, why domain.ReadReason, at time.Time,
) error {
	_, err := in.db.Pool().Exec(ctx, `SELECT want_truth($1, $2, $3, $4, $5)`, clinic, string(kind), entity, why, at)
	return tenants.Translate(err, "want truth")
}

// Alarm is DB.Alarm by the ingest role.
func (in *Inbox) Alarm(ctx context.Context, clinic domain.ClinicID, kind domain.AlarmKind, at time.Time) error {
	return alarm.Raise(in.db, ctx, clinic, kind, at)
}
