package radar

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

// Shape is something that the gateway sends and no list of ours has.
type Shape struct {
	ID       domain.UUID
	Kind     string // of asaas.Unknown; "more": what the limits left out
	Path     string
	Form     string
	Count    int64     // how often it was seen
	FirstAt  time.Time // UTC
	LastAt   time.Time // UTC
	ClosedAt time.Time // UTC; zero: nobody knows of it yet
	ClosedBy string
	Note     string
}

// listed is how many shapes a list has at most: all open ones, and as many closed ones as find room.
const listed = 500

// Shapes returns the shapes in a state, "open", "closed" or "all", the newest first and open ones before closed ones.
// The transaction is the platform's.
func Shapes(tx *tenants.Tx, state string) (shapes []Shape, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT shape_id, kind, path, form, count,
			  first_at, last_at, closed_at, closed_by, note
			FROM gateway_shapes WHERE $1 = 'all' OR (closed_at IS NULL) = ($1 = 'open')
			ORDER BY closed_at IS NOT NULL, first_at DESC, shape_id LIMIT $2`, state, listed)
		if err != nil {
			return err
		}
		shapes, err = pgx.CollectRows(rows, scanShape)
		return err
	})
	return shapes, tenants.Translate(err, "gateway shapes")
}

func scanShape(row pgx.CollectableRow) (s Shape, err error) {
	var closed *time.Time
	err = row.Scan(
		(*[16]byte)(&s.ID), &s.Kind, &s.Path, &s.Form, &s.Count, &s.FirstAt, &s.LastAt, &closed, &s.ClosedBy, &s.Note,
	)
	s.FirstAt, s.LastAt = s.FirstAt.UTC(), s.LastAt.UTC()
	if closed != nil {
		s.ClosedAt = closed.UTC()
	}
	return s, err
}

// Close notes that a person knows of the shapes and why they are right, and closes the platform's alarm with the last
// open one. It returns how many were open. The transaction is the platform's.
func Close(tx *tenants.Tx, ids []domain.UUID, by, note string, now time.Time) (closed int, err error) {
	raw := make([][16]byte, len(ids))
	for i, id := range ids {
		raw[i] = id
	}
	open := 0
	err = tx.Conn(func(c *pgx.Conn) error {
		tag, err := c.Exec(tx.Context(), `UPDATE gateway_shapes SET closed_at = $2, closed_by = $3, note = $4
			WHERE shape_id = ANY($1) AND closed_at IS NULL`, raw, now, by, note)
		closed = int(tag.RowsAffected())
		if err != nil {
			return err
		}
		return c.QueryRow(tx.Context(), `SELECT count(*) FROM gateway_shapes WHERE closed_at IS NULL`).Scan(&open)
	})
	if err != nil {
		return 0, tenants.Translate(err, "gateway shapes")
	}
	if open == 0 {
		err = alarm.CloseAlarm(tx, domain.AlarmGatewayShapes, now)
	}
	return closed, err
}
