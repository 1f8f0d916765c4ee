package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

const (
	// ChallengeLife is how long a login waits for its second factor.
	ChallengeLife = 5 * time.Minute
	// ChallengeTries is how many codes may be tried for it.
	ChallengeTries = 5
)

// Challenge is a login whose password was right and whose second factor is waited for.
type Challenge struct {
	User  User
	Known bool // whether the browser was known to the user
	Last  bool // no further code is tried for it
}

// AddChallenge stores a challenge for u, by the digest of its secret, for five minutes.
func AddChallenge(db *tenants.DB, ctx context.Context, u User, digest [32]byte, known bool, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		err := tx.Gorm().Exec(`DELETE FROM login_challenges WHERE clinic_id = $1 AND user_id = $2 AND ends_at <= $3`,
			u.Clinic, tenants.DBUUID(u.ID), now).Error
		if err != nil {
			return tenants.Translate(err, "challenges")
		}
		return tenants.Translate(tx.Gorm().Exec(
			`INSERT INTO login_challenges (clinic_id, digest, user_id, session_version, known, created_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			u.Clinic, digest[:], tenants.DBUUID(u.ID), u.SessionVersion, known, now, now.Add(ChallengeLife),
		).Error, "challenge")
	})
}

// TryChallenge takes one of the five tries of a challenge and returns it with its user. It fails with NotFound for one
// that is unknown, met, over or out of tries, and for one whose user may not log in any more or whose sessions were
// ended since: another password or a reset ends it.
func TryChallenge(db *tenants.DB, ctx context.Context, digest [32]byte, now time.Time) (c Challenge, err error) {
	var row struct {
		UserID         tenants.DBUUID
		SessionVersion int
		Known          bool
		Tries          int
	}
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(tx.Gorm().Raw(
			`UPDATE login_challenges SET tries = tries + 1 WHERE digest = $1 AND used_at IS NULL AND ends_at > $2 AND tries < $3
			RETURNING user_id, session_version, known, tries`, digest[:], now, ChallengeTries,
		).Take(&row).Error, "challenge")
	})
	if err != nil {
		return c, err
	}
	c.User, err = FindUser(db, ctx, domain.UUID(row.UserID))
	if err == nil && c.User.SessionVersion != row.SessionVersion {
		err = domain.Errorf(domain.NotFound, "challenge")
	}
	c.Known, c.Last = row.Known, row.Tries == ChallengeTries
	return c, err
}

// UserOfChallenge returns the user of a challenge that holds, and takes none of its
// tries; NotFound as for TryChallenge.
func UserOfChallenge(db *tenants.DB, ctx context.Context, digest [32]byte, now time.Time) (u User, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		u, err = user(tx, `EXISTS (SELECT FROM login_challenges l
			  WHERE l.clinic_id = u.clinic_id AND l.user_id = u.user_id AND l.digest = ?
			AND l.used_at IS NULL AND l.ends_at > ? AND l.tries < ? AND l.session_version = u.session_version)`,
			digest[:], now, ChallengeTries)
		return err
	})
	return u, err
}

// MeetChallenge ends a challenge of the transaction's clinic; NotFound when it was met before.
func MeetChallenge(tx *tenants.Tx, digest [32]byte, now time.Time) error {
	done := tx.Gorm().Exec(`UPDATE login_challenges SET used_at = $1
		WHERE clinic_id = $2 AND digest = $3 AND used_at IS NULL`,
		now, tx.Clinic(), digest[:])
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.NotFound, "challenge")
	}
	return tenants.Translate(done.Error, "challenge")
}
