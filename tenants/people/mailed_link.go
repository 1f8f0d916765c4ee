package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// LinkLife is how long a mailed link holds that somebody asked for, InvitationLife one that an administrator had sent.
const (
	LinkLife       = 30 * time.Minute
	InvitationLife = 7 * 24 * time.Hour
)

// Purpose is what a mailed link is for.
type Purpose string

// The purposes of mailed links.
const (
	ForPassword   Purpose = "password"   // to choose a password
	ForLogin      Purpose = "login"      // to log in with a browser that nobody knows, besides the password
	ForInvitation Purpose = "invitation" // to choose one's first password, and with it to hold the address
)

// life is how long a link of the purpose holds.
func (p Purpose) life() time.Duration {
	if p == ForInvitation {
		return InvitationLife
	}
	return LinkLife
}

// AddLink stores a link for u, by the digest of its secret, for as long as its purpose
// asks; one of the same purpose ends.
func AddLink(db *tenants.DB, ctx context.Context, u User, purpose Purpose, digest [32]byte, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		err := tx.Gorm().Exec(
			`DELETE FROM mailed_links WHERE clinic_id = $1 AND user_id = $2 AND (purpose = $3 OR ends_at <= $4)`,
			u.Clinic, tenants.DBUUID(u.ID), purpose, now,
		).Error
		if err != nil {
			return tenants.Translate(err, "link")
		}
		return tenants.Translate(tx.Gorm().Exec(
			`INSERT INTO mailed_links (clinic_id, digest, user_id, purpose, created_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			u.Clinic, digest[:], tenants.DBUUID(u.ID), purpose, now, now.Add(purpose.life()),
		).Error, "link")
	})
}

// linked finds the user of a link that holds, one of the purposes that follow.
const linked = `EXISTS (SELECT FROM mailed_links l WHERE l.clinic_id = u.clinic_id AND l.user_id = u.user_id
	AND l.digest = ? AND l.used_at IS NULL AND l.ends_at > ? AND l.purpose IN `

// StandsLink tells whether a link for logging in holds for the enabled user with a lower-case e-mail.
func StandsLink(db *tenants.DB, ctx context.Context, email string, digest [32]byte, now time.Time) (bool, error) {
	return found(db, ctx, `u.email = ? AND `+linked+`('login'))`, email, digest[:], now)
}

// UserOfLink returns the enabled user of a link to choose a password with, which holds; NotFound when there is none.
func UserOfLink(db *tenants.DB, ctx context.Context, digest [32]byte, now time.Time) (u User, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		u, err = user(tx, linked+`('password', 'invitation'))`, digest[:], now)
		return err
	})
	return u, err
}

// UseLink ends a link of the transaction's clinic; NotFound when it does not hold any more: of two uses at once
// one succeeds.
func UseLink(tx *tenants.Tx, digest [32]byte, now time.Time) error {
	done := tx.Gorm().Exec(
		`UPDATE mailed_links SET used_at = $1 WHERE clinic_id = $2 AND digest = $3 AND used_at IS NULL AND ends_at > $4`,
		now, tx.Clinic(), digest[:], now,
	)
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.NotFound, "link")
	}
	return tenants.Translate(done.Error, "link")
}
