package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

const (
	// SessionIdle is how long a session lasts without a refresh.
	SessionIdle = 30 * time.Minute
	// SessionLife is how long it lasts at most.
	SessionLife = 12 * time.Hour

	// rotationRace is how long the refresh token before the present one is of a browser that did not get the answer,
	// or of a second tab, and not a thief's.
	rotationRace = 10 * time.Second
)

// sessionRow is one login of a browser. Its refresh token, used once, buys the next one.
type sessionRow struct {
	ClinicID       domain.ClinicID `gorm:"primaryKey;autoIncrement:false"`
	SessionID      tenants.DBUUID  `gorm:"primaryKey;type:uuid"`
	UserID         tenants.DBUUID  `gorm:"type:uuid"`
	Digest         []byte
	PreviousDigest []byte
	CreatedAt      time.Time
	UsedAt         time.Time
	EndsAt         time.Time
	EndedAt        *time.Time
	Source         string
	Agent          string
	FactorAt       *time.Time
	FactorPending  bool
}

// TableName tells gorm the table.
func (sessionRow) TableName() string { return "sessions" }

// OpenSession stores a login of u under the digest of its first refresh token, and forgets
// the user's sessions that ended a day ago.
func OpenSession(
	db *tenants.DB, ctx context.Context, u User, id domain.UUID, digest [32]byte, from Browser, factor SessionFactor,
	now time.Time,
) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		err := tx.Gorm().Exec(
			`DELETE FROM sessions WHERE clinic_id = $1 AND user_id = $2 AND ends_at < $3`, u.Clinic,
			tenants.DBUUID(u.ID), now.Add(-24*time.Hour),
		).Error
		if err != nil {
			return tenants.Translate(err, "sessions")
		}
		if err := tx.Gorm().Exec(
			`UPDATE users SET last_login_at = $1 WHERE clinic_id = $2 AND user_id = $3`, now, u.Clinic,
			tenants.DBUUID(u.ID),
		).Error; err != nil {
			return tenants.Translate(err, "user")
		}
		row := sessionRow{
			ClinicID:  u.Clinic,
			SessionID: tenants.DBUUID(id),
			UserID:    tenants.DBUUID(u.ID),
			Digest:    digest[:],
			CreatedAt: now,
			UsedAt:    now,
			EndsAt:    now.Add(SessionLife),
			Source:    from.Source,
			Agent:     from.Agent,

			FactorAt:      tenants.OrNull(factor.At),
			FactorPending: factor.Pending,
		}
		return tenants.Translate(tx.Gorm().Create(&row).Error, "session")
	})
}

// RotateSession exchanges a refresh token for the next one, by their digests. It fails with Unauthenticated for a token
// that is unknown or of a session that ended or was idle. The token before the present one may be exchanged for the
// present one again, within ten seconds: the page was left or the line broke before the browser had it, or two tabs
// asked at once. It fails with Conflict when next is another one. Later that token is stolen goods, used by its owner
// or by the thief, and every session of the user ends.
func RotateSession(db *tenants.DB, ctx context.Context, digest, next [32]byte, from Browser, now time.Time) error {
	var refused error // the transaction commits all the same
	err := db.Platform(ctx, func(tx *tenants.Tx) error {
		row, err := session(tx, digest)
		switch {
		case domain.CodeOf(err) == domain.NotFound:
			refused = domain.Errorf(domain.Unauthenticated, "")
			return nil
		case err != nil:
			return err
		case [32]byte(row.Digest) != digest:
			refused, err = reused(tx, row, next, now)
			return err
		case row.EndedAt != nil || !now.Before(row.EndsAt) || now.Sub(row.UsedAt) >= SessionIdle:
			refused = domain.Errorf(domain.Unauthenticated, "")
			return nil
		}
		return tenants.Translate(
			tx.Gorm().Exec(
				`UPDATE sessions SET previous_digest = digest, digest = $1, used_at = $2, source = $3, agent = $4
				WHERE clinic_id = $5 AND session_id = $6`,
				next[:], now, from.Source, from.Agent, row.ClinicID, row.SessionID,
			).Error,
			"session",
		)
	})
	if err == nil {
		err = refused
	}
	return err
}

// session locks and returns the session that knows a digest, as its present one or as the
// one before.
func session(tx *tenants.Tx, digest [32]byte) (row sessionRow, err error) {
	err = tx.Gorm().Raw(
		`SELECT clinic_id, session_id, user_id, digest, previous_digest, created_at, used_at, ends_at, ended_at FROM sessions
		WHERE digest = $1 OR previous_digest = $2 FOR UPDATE`, digest[:], digest[:],
	).Take(&row).Error
	return row, tenants.Translate(err, "session")
}

// reused answers the use of a refresh token that was exchanged before.
func reused(tx *tenants.Tx, row sessionRow, next [32]byte, now time.Time) (refused, err error) {
	switch {
	case row.EndedAt != nil || now.Sub(row.UsedAt) >= rotationRace:
		return domain.Errorf(domain.Unauthenticated, ""), EndUserSessions(tx, domain.UUID(row.UserID), now)
	case !now.Before(row.EndsAt):
		return domain.Errorf(domain.Unauthenticated, ""), nil
	case [32]byte(row.Digest) != next:
		return domain.Errorf(domain.Conflict, ""), nil
	}
	return nil, nil
}

// EndSession ends the session that a refresh token's digest belongs to; none is no failure.
func EndSession(db *tenants.DB, ctx context.Context, digest [32]byte, now time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(
			tx.Gorm().Exec(
				`UPDATE sessions SET ended_at = $1 WHERE (digest = $2 OR previous_digest = $3) AND ended_at IS NULL`,
				now, digest[:], digest[:],
			).Error,
			"session",
		)
	})
}
