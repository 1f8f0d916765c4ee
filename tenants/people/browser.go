package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

const (
	// BrowserLife is how long a browser is known after its last login.
	BrowserLife = 180 * 24 * time.Hour

	browsersKept = 20 // of one person; the one that ends first goes
)

// KnowBrowser stores that u logged in with the browser whose secret has this digest, for 180 days from now.
func KnowBrowser(db *tenants.DB, ctx context.Context, u User, digest [32]byte, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		err := tx.Gorm().Exec(
			`INSERT INTO known_browsers (clinic_id, digest, user_id, created_at, ends_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (clinic_id, digest) DO UPDATE SET ends_at = excluded.ends_at
			WHERE known_browsers.user_id = excluded.user_id`,
			u.Clinic, digest[:], tenants.DBUUID(u.ID), now, now.Add(BrowserLife),
		).Error
		if err != nil {
			return tenants.Translate(err, "browser")
		}
		return tenants.Translate(tx.Gorm().Exec(
			`DELETE FROM known_browsers WHERE clinic_id = $1 AND user_id = $2 AND (ends_at <= $3 OR digest IN (
				SELECT digest FROM known_browsers WHERE clinic_id = $4 AND user_id = $5 ORDER BY ends_at DESC OFFSET $6))`,
			u.Clinic, tenants.DBUUID(u.ID), now, u.Clinic, tenants.DBUUID(u.ID), browsersKept,
		).Error, "browsers")
	})
}

// KnowsBrowser tells whether the enabled user with a lower-case e-mail is known with a browser at now.
func KnowsBrowser(db *tenants.DB, ctx context.Context, email string, digest [32]byte, now time.Time) (bool, error) {
	return found(db, ctx, `u.email = ? AND EXISTS (SELECT FROM known_browsers b WHERE b.clinic_id = u.clinic_id
		AND b.user_id = u.user_id AND b.digest = ? AND b.ends_at > ?)`, email, digest[:], now)
}

// found tells whether a condition finds an enabled user.
func found(db *tenants.DB, ctx context.Context, condition string, args ...any) (bool, error) {
	err := db.Platform(ctx, func(tx *tenants.Tx) error {
		_, err := user(tx, condition, args...)
		return err
	})
	if domain.CodeOf(err) == domain.NotFound {
		return false, nil
	}
	return err == nil, err
}
