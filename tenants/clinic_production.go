package tenants

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants/vault"
)

// Production is a clinic's move from a sandbox tenant to a production one, inside one transaction of the platform.
type Production struct {
	tx       *Tx
	From, To Clinic
}

// InSandbox runs fn inside the sandbox tenant.
func (p Production) InSandbox(fn func(*Tx) error) error { return p.in(p.From, fn) }

// InProduction runs fn inside the production tenant.
func (p Production) InProduction(fn func(*Tx) error) error { return p.in(p.To, fn) }

func (p Production) in(c Clinic, fn func(*Tx) error) error {
	if err := p.tx.enter(c.ID); err != nil {
		return err
	}
	return fn(p.tx)
}

// OpenProduction makes the production tenant that takes the place of a sandbox one, with its name, CNPJ and rules and
// with the platform's id, which names the new one from now on; fn carries over the rest, in the same transaction. Of
// the sandbox tenant's money nothing comes along: it stays where it is. It fails with Conflict for a tenant that is of
// production already, has moved before, or is not active.
func (db *DB) OpenProduction(
	ctx context.Context, from domain.ClinicID, v *vault.Vault, now time.Time, fn func(Production) error,
) (made Clinic, err error) {
	err = db.Platform(ctx, func(tx *Tx) error {
		old, err := leaveSandbox(tx, from)
		if err != nil {
			return err
		}
		next := old
		next.Sandbox = false
		if made, _, err = tx.insertClinic(next, now); err != nil {
			return err
		}
		if err = noteMove(tx, old, made, now); err != nil {
			return err
		}
		move := Production{tx, old, made}
		if err = move.InProduction(func(tx *Tx) error { return tx.prepare(v, now) }); err != nil {
			return err
		}
		return fn(move)
	})
	return made, err
}

// leaveSandbox locks a sandbox tenant that may move, and takes the platform's id from it.
func leaveSandbox(tx *Tx, from domain.ClinicID) (old Clinic, err error) {
	if err = tx.enter(from); err != nil {
		return old, err
	}
	if err = tx.Lock(); err != nil {
		return old, err
	}
	if old, err = tx.Self(); err != nil {
		return old, err
	}
	if !old.Sandbox || old.State != "active" || old.Production != (domain.UUID{}) {
		return old, domain.Errorf(domain.Conflict, "no sandbox tenant that may move")
	}
	return old, tx.ReleaseExternalID()
}

// noteMove notes where a tenant's people went, and carries the clinic's own rule about second factors over.
func noteMove(tx *Tx, old, made Clinic, now time.Time) error {
	err := tx.gorm.Exec(
		`UPDATE clinics SET production_id = $1, version = version + 1, updated_at = $2 WHERE clinic_id = $3`,
		DBUUID(made.PublicID), now, old.ID,
	).Error
	if err == nil {
		err = tx.gorm.Exec(`UPDATE clinics n SET factor_required = o.factor_required FROM clinics o
			WHERE n.clinic_id = $1 AND o.clinic_id = $2`, made.ID, old.ID).Error
	}
	return Translate(err, "clinic")
}
