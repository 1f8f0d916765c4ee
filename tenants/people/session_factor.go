package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// SessionFactor is what a session says of its person's second factor.
type SessionFactor struct {
	At      time.Time // when one was last shown in it; zero: never
	Pending bool      // it was opened for setting one up, and is good for nothing else until then
}

// FactorOfSession returns what an open session says of the second factor, and whether its person has one; NotFound for
// one that ended.
func FactorOfSession(
	db *tenants.DB, ctx context.Context, user, session domain.UUID,
) (f SessionFactor, has bool, err error) {
	var row struct {
		FactorAt      *time.Time
		FactorPending bool
		Has           bool
	}
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(tx.Gorm().Raw(`SELECT u.factor_at, u.factor_pending, `+hasFactor+` AS has FROM sessions u
			WHERE u.user_id = $1 AND u.session_id = $2 AND u.ended_at IS NULL`,
			tenants.DBUUID(user), tenants.DBUUID(session)).Take(&row).Error, "session")
	})
	f.At, f.Pending = tenants.OrZero(row.FactorAt), row.FactorPending
	return f, row.Has, err
}

// ShowFactor notes that the second factor was shown in a session of a person of the transaction's clinic.
func ShowFactor(tx *tenants.Tx, user, session domain.UUID, now time.Time) error {
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE sessions SET factor_at = $1, factor_pending = false
		WHERE clinic_id = $2 AND user_id = $3 AND session_id = $4`,
		now, tx.Clinic(), tenants.DBUUID(user), tenants.DBUUID(session)).Error, "session")
}

// FactorRule tells whether a clinic's people must have a second factor, and how many of those who may log in have none.
type FactorRule struct {
	Required bool
	People   int // who may log in
	Without  int // of them, who have none
}

// ClinicFactorRule returns the rule of the transaction's clinic.
func ClinicFactorRule(tx *tenants.Tx) (r FactorRule, err error) {
	err = tx.Gorm().Raw(`SELECT c.factor_required AS required,
			(SELECT count(*) FROM users u WHERE u.clinic_id = c.clinic_id AND u.disabled_at IS NULL) AS people,
			(SELECT count(*) FROM users u
			  WHERE u.clinic_id = c.clinic_id AND u.disabled_at IS NULL AND NOT `+hasFactor+`) AS without
		FROM clinics c WHERE c.clinic_id = $1`, tx.Clinic()).Take(&r).Error
	return r, tenants.Translate(err, "clinic")
}

// RequireFactor makes the people of the transaction's clinic have a second factor from their next login on, or not.
func RequireFactor(tx *tenants.Tx, required bool) error {
	return tenants.Translate(tx.Gorm().Exec(`UPDATE clinics SET factor_required = $1 WHERE clinic_id = $2`,
		required, tx.Clinic()).Error, "clinic")
}
