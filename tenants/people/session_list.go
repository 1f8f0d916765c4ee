package people

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Browser is from where somebody logs in.
type Browser struct {
	Source string // address
	Agent  string // "Firefox, Linux"; "" not noted
}

// Session is an open login of a person.
type Session struct {
	ID        domain.UUID // `ses_…` outside
	CreatedAt time.Time   // UTC
	UsedAt    time.Time   // UTC, of the login or its last refresh
	EndsAt    time.Time   // UTC, at the latest
	Browser   Browser
}

// OpenSessions returns the logins of a person that are open at now, the last used first.
func OpenSessions(tx *tenants.Tx, user domain.UUID, now time.Time) (list []Session, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT session_id, created_at, used_at, ends_at, source, agent FROM sessions
			WHERE clinic_id = $1 AND user_id = $2 AND ended_at IS NULL AND ends_at > $3 AND used_at > $4
			ORDER BY used_at DESC, session_id`, tx.Clinic(), tenants.DBUUID(user), now, now.Add(-SessionIdle))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Session, err error) {
			var id [16]byte
			err = row.Scan(&id, &s.CreatedAt, &s.UsedAt, &s.EndsAt, &s.Browser.Source, &s.Browser.Agent)
			s.ID, s.CreatedAt, s.UsedAt, s.EndsAt = id, s.CreatedAt.UTC(), s.UsedAt.UTC(), s.EndsAt.UTC()
			return s, err
		})
		return err
	})
	return list, tenants.Translate(err, "sessions")
}

// EndSessionByID ends one login of a person; NotFound when it is not theirs or is over.
func EndSessionByID(tx *tenants.Tx, user, session domain.UUID, now time.Time) error {
	done := tx.Gorm().Exec(
		`UPDATE sessions SET ended_at = $1 WHERE clinic_id = $2 AND user_id = $3 AND session_id = $4 AND ended_at IS NULL`,
		now, tx.Clinic(), tenants.DBUUID(user), tenants.DBUUID(session),
	)
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.NotFound, "session")
	}
	return tenants.Translate(done.Error, "session")
}

// EndOtherSessions ends every login of a person but one, and returns how many.
func EndOtherSessions(tx *tenants.Tx, user, but domain.UUID, now time.Time) (int, error) {
	done := tx.Gorm().Exec(
		`UPDATE sessions SET ended_at = $1 WHERE clinic_id = $2 AND user_id = $3 AND session_id <> $4 AND ended_at IS NULL`,
		now, tx.Clinic(), tenants.DBUUID(user), tenants.DBUUID(but),
	)
	return int(done.RowsAffected), tenants.Translate(done.Error, "sessions")
}
