package agenda

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain/glance"
	"patapay/tenants"
)

// PutOff keeps that a reminder stays away for now; the last word counts.
func PutOff(tx *tenants.Tx, kind glance.ReminderKind, off glance.PutOff) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `INSERT INTO put_off_reminders (clinic_id, kind, until, seen)
			VALUES ($1, $2, $3::text::date, $4)
			ON CONFLICT (clinic_id, kind) DO UPDATE SET until = excluded.until, seen = excluded.seen`,
			tx.Clinic(), string(kind), string(off.Until), off.Seen)
		return err
	}), "reminder")
}

// TakeUp takes back that a reminder was put off; one that was not is no error.
func TakeUp(tx *tenants.Tx, kind glance.ReminderKind) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(), `DELETE FROM put_off_reminders WHERE clinic_id = $1 AND kind = $2`, tx.Clinic(), string(kind),
		)
		return err
	}), "reminder")
}
