package agenda

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

// Kept is how long a closed entry is kept, with who was told of it; an e-mail is kept as long.
const Kept = 400 * 24 * time.Hour

// backOffMost bounds how long a clinic whose agenda cannot be derived waits for another try.
const backOffMost = time.Hour

// BackOff notes that the clinic's agenda could not be derived, and lets it wait: half a minute, then twice as long
// each time, up to an hour. It returns how often in a row that was.
func BackOff(tx *tenants.Tx, cause error, now time.Time) (failures int, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `INSERT INTO agenda_failures AS f (clinic_id, failures, last_error, retry_at)
			VALUES ($1, 1, left($2, 300), $3::timestamptz + interval '30 seconds')
			ON CONFLICT (clinic_id) DO UPDATE SET failures = f.failures + 1, last_error = excluded.last_error,
			  retry_at = $3::timestamptz + least($4, interval '30 seconds' * 2 ^ least(f.failures, 12))
			RETURNING f.failures`,
			tx.Clinic(), cause.Error(), now, backOffMost).Scan(&failures)
	})
	return failures, tenants.Translate(err, "agenda")
}

// Trim drops closed entries and e-mails of before an instant, of every clinic, some thousands a
// call; it returns how many rows went.
func Trim(db *tenants.DB, ctx context.Context, before time.Time) (n int64, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT trim_agenda($1, 5000)`, before).Scan(&n)
	return n, tenants.Translate(err, "agenda")
}
