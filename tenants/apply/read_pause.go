package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

// UseUpRead notes an answer about the entity that told nothing of it, such as a 403: it is asked again later each time,
// and after mostReads answers not before an event or a person asks. It returns when, the zero time for never.
func UseUpRead(tx *tenants.Tx, t ReadTask, now time.Time, why string) (again time.Time, err error) {
	if n := t.Answers + 1; n < mostReads {
		again = now.Add(readSpacing[n])
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE truth_wants SET answers = answers + 1, due_at = coalesce($5::timestamptz, 'infinity'), last_error = $6
			WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND tries = $4`,
			tx.Clinic(), string(t.Kind), t.Entity, t.Tries, tenants.OrNull(again), why)
		return err
	})
	return again, tenants.Translate(err, "read requests")
}

// PauseReads keeps the clinic's reads back until an instant: its account answers none. Nothing of any entity is used up.
func PauseReads(tx *tenants.Tx, until time.Time, why string) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `INSERT INTO read_pauses AS p (clinic_id, paused_until, reason) VALUES ($1, $2, $3)
			ON CONFLICT (clinic_id) DO UPDATE SET paused_until = greatest(p.paused_until, excluded.paused_until), reason = excluded.reason`,
			tx.Clinic(), until, why)
		return err
	}), "read pause")
}

// ResumeReads ends a pause: the account answers, or a person gave it another key.
func ResumeReads(tx *tenants.Tx) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `DELETE FROM read_pauses WHERE clinic_id = $1`, tx.Clinic())
		return err
	}), "read pause")
}

// GiveBackReads makes tasks due again that were taken and not asked.
func GiveBackReads(tx *tenants.Tx, tasks []ReadTask) error {
	kinds, ids := make([]string, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		kinds[i], ids[i] = string(t.Kind), t.Entity
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE truth_wants w SET due_at = w.fetched_at FROM unnest($2::text[], $3::text[]) u(kind, id)
			WHERE w.clinic_id = $1 AND w.kind = u.kind AND w.entity_id = u.id AND w.due_at < 'infinity'`, tx.Clinic(), kinds, ids)
		return err
	}), "read requests")
}
