package fleet

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Overview is what all rows of the fleet come to.
type Overview struct {
	CountedAt    time.Time        // when the counts were made, UTC; zero: not yet
	Connections  map[string]int64 // clinics that are not suspended by the state of their connection
	Suspended    int64            // clinics
	Losing       int64            // clinics whose queue stands still
	SoonestLoss  time.Time        // of them, the first, UTC; zero: none
	Waiting      int64            // clinics where an event waits
	WaitingSince time.Time        // of them, the oldest event's receipt, UTC; zero: none waits
	QuotaNear    int64            // clinics that have used four fifths of their account's quota
	Counts
	PlatformAlarms int64 // open alarms of the platform itself, no clinic's
	AuditEntries   int64 // of the platform's own audit log
}

// Read returns the overview in Platform, in two statements.
func Read(tx *tenants.Tx) (o Overview, err error) {
	o.Connections = map[string]int64{}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT f.state, f.connection, count(*), count(f.loss_at), min(f.loss_at),
			count(f.waiting_since), min(f.waiting_since), sum(f.dead)::bigint, sum(f.quarantined)::bigint,
			sum(f.alarms)::bigint, sum(f.operations)::bigint, sum(f.endpoints)::bigint, sum(f.mails)::bigint,
			count(*) FILTER (WHERE f.quota_calls >= `+quotaNear+`) FROM fleet f GROUP BY f.state, f.connection`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var state, connection string
			var clinics, losing, waiting, near int64
			var loss, since *time.Time
			var n Counts
			if err := rows.Scan(
				&state, &connection, &clinics, &losing, &loss, &waiting, &since, &n.Dead, &n.Quarantined, &n.Alarms, &n.Operations,
				&n.Endpoints, &n.Mails, &near,
			); err != nil {
				return err
			}
			if state == "suspended" {
				o.Suspended += clinics
			} else {
				o.Connections[connection] += clinics
			}
			o.Losing, o.Waiting, o.QuotaNear = o.Losing+losing, o.Waiting+waiting, o.QuotaNear+near
			o.SoonestLoss, o.WaitingSince = sooner(o.SoonestLoss, loss), sooner(o.WaitingSince, since)
			o.Counts = o.plus(n)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		var counted *time.Time
		err = c.QueryRow(
			tx.Context(), `SELECT (SELECT max(at) FROM fleet_counted),
				(SELECT count(*) FROM alarms WHERE clinic_id = 0 AND closed_at IS NULL),
				(SELECT audit_no FROM clinic_heads WHERE clinic_id = 0)`,
		).Scan(&counted, &o.PlatformAlarms, &o.AuditEntries)
		o.CountedAt = tenants.OrZero(counted)
		return err
	})
	return o, tenants.Translate(err, "fleet")
}

func (c Counts) plus(n Counts) Counts {
	return Counts{
		c.Dead + n.Dead, c.Quarantined + n.Quarantined, c.Alarms + n.Alarms, c.Operations + n.Operations,
		c.Endpoints + n.Endpoints, c.Mails + n.Mails,
	}
}

// sooner returns the earlier of two instants, of which neither need be there.
func sooner(a time.Time, b *time.Time) time.Time {
	if b == nil || !a.IsZero() && a.Before(*b) {
		return a
	}
	return b.UTC()
}

// Unclaimed is a delivery that no token proved and whose account is no clinic's. Its body is sealed and never shown.
type Unclaimed struct {
	ReceivedAt time.Time // UTC
	Type       string    // the event's name, as the sender wrote it
	SourceIP   string
}

// UnclaimedDeliveries returns the newest unclaimed deliveries, at most so many, and how many there are.
func UnclaimedDeliveries(db *tenants.DB, ctx context.Context, most int) (list []Unclaimed, total int64, err error) {
	rows, err := db.Pool().Query(ctx, `SELECT received_at, type, source_ip, total FROM unclaimed_deliveries($1)`, most)
	if err != nil {
		return nil, 0, tenants.Translate(err, "unclaimed deliveries")
	}
	list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unclaimed, err error) {
		err = row.Scan(&u.ReceivedAt, &u.Type, &u.SourceIP, &total)
		u.ReceivedAt = u.ReceivedAt.UTC()
		return u, err
	})
	return list, total, tenants.Translate(err, "unclaimed deliveries")
}

// Work is one piece of long work of a clinic: no step's text and no result, which may say more than who may see it.
type Work struct {
	ID, Clinic           domain.UUID // `opr_…` and `ten_…` outside
	ClinicName           string
	Kind                 domain.OperationKind
	State, Code          string
	Done, Total          int // steps
	CreatedAt, UpdatedAt time.Time
}

// Works returns the newest long work of all clinics in a state ("": any), at most so much, in Platform.
func Works(tx *tenants.Tx, state string, most int) (list []Work, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT o.id, f.public_id, f.name, o.kind, o.state, o.code,
			(SELECT count(*) FROM jsonb_array_elements(o.steps) s WHERE s->>'state' = 'done')::int, o.total, o.created_at,
			o.updated_at
			FROM operations o JOIN fleet f USING (clinic_id) WHERE $1 = '' OR o.state = $1 ORDER BY o.id DESC LIMIT $2`,
			state, most)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w Work, err error) {
			err = row.Scan(
				&w.ID, &w.Clinic, &w.ClinicName, &w.Kind, &w.State, &w.Code, &w.Done, &w.Total, &w.CreatedAt, &w.UpdatedAt,
			)
			w.CreatedAt, w.UpdatedAt = w.CreatedAt.UTC(), w.UpdatedAt.UTC()
			w.Total = max(w.Total, w.Kind.Steps())
			return w, err
		})
		return err
	})
	return list, tenants.Translate(err, "operations")
}
