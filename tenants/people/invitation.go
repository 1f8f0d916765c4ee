package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// addressLife is how long an address stays with somebody who was disabled, or who never came with the start password
// that they were given.
const addressLife = 30 * 24 * time.Hour

// FreeAddress takes a lower-case e-mail from a person who was disabled 30 days ago, or who has not come in the 30
// days since their start password ended; their row stays, and shows it.
func FreeAddress(db *tenants.DB, ctx context.Context, email string, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(tx.Gorm().Exec(
			`UPDATE users SET shown_email = email, email = '~' || user_id WHERE email = $1
				AND (disabled_at <= $2 OR start_until <= $2 AND last_login_at IS NULL)`,
			email, now.Add(-addressLife)).Error, "user")
	})
}

// IsHeld tells whether a lower-case e-mail is somebody's, of any clinic, disabled or not.
func IsHeld(db *tenants.DB, ctx context.Context, email string) (bool, error) {
	var row struct{ N int }
	err := db.Platform(ctx, func(tx *tenants.Tx) error {
		return tx.Gorm().Raw(`SELECT count(*) AS n FROM users WHERE email = $1`, email).Take(&row).Error
	})
	return row.N > 0, tenants.Translate(err, "user")
}

// Claim gives a person of the transaction's clinic the address that they were invited with; one who holds it already
// keeps it. It fails with Conflict when it is somebody else's, and the transaction with it.
func Claim(tx *tenants.Tx, user domain.UUID) error {
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE users SET email = shown_email, shown_email = NULL
		WHERE clinic_id = $1 AND user_id = $2 AND shown_email IS NOT NULL`,
		tx.Clinic(), tenants.DBUUID(user)).Error, "user")
}
