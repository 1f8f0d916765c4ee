package ledger

import (
	"time"

	"patapay/tenants"

	"github.com/jackc/pgx/v5"
)

// invariants are what must hold of a clinic's rows at any time, by their number in the
// list of docs/reliability.md, invariants. Each query names what breaks it; parameters are the clinic
// and the instant.
var invariants = []struct{ name, query string }{
	{"I3", `SELECT 'an event has the outcome ' || outcome FROM events WHERE clinic_id = $1 AND $2::timestamptz IS NOT NULL
		AND outcome NOT IN ('received', 'applied', 'no_effect', 'held', 'quarantined', 'dead') LIMIT 5`},
	{
		"I3",
		`SELECT 'an event is received for more than a minute and waits for nothing' FROM events e
		WHERE e.clinic_id = $1 AND e.outcome = 'received' AND e.received_at < $2::timestamptz - interval '60 seconds'
		AND NOT EXISTS (SELECT FROM due d
		  WHERE d.clinic_id = e.clinic_id AND d.environment = e.environment AND d.seq = e.seq AND d.id_hash = e.id_hash)
		    LIMIT 5`,
	},
	{
		"I5",
		`SELECT t.kind || ' ' || t.subject || ' is booked and no event tells of it' FROM ledger_transactions t
		WHERE t.clinic_id = $1 AND $2::timestamptz IS NOT NULL AND t.kind IN ('payment', 'anticipation')
		AND NOT EXISTS (SELECT FROM records r WHERE r.clinic_id = $1 AND r.kind = t.kind AND r.entity_id = t.subject)
		LIMIT 5`,
	},
	{
		"I8",
		`SELECT 'line ' || l.id || ' is kept and not booked' FROM statement_lines l
		WHERE l.clinic_id = $1 AND $2::timestamptz IS NOT NULL AND l.subject = '' AND l.value <> 0
		AND NOT EXISTS (SELECT FROM ledger_transactions t WHERE t.clinic_id = $1 AND t.subject = l.id) LIMIT 5`,
	},
	{
		"I12",
		`SELECT 'an event is due for more than five minutes' FROM due
		WHERE clinic_id = $1 AND next_at < $2::timestamptz - interval '5 minutes' LIMIT 5`,
	},
}

// Invariants returns what is wrong with the clinic's rows as SQL sees it, one line each
// with the number of the invariant; nothing when all is well. I2 is the primary key of
// events, I9 row security; I7 is LedgerFaults.
func Invariants(tx *tenants.Tx, now time.Time) (broken []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		for _, i := range invariants {
			rows, err := c.Query(tx.Context(), i.query, tx.Clinic(), now.UTC())
			if err != nil {
				return err
			}
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			for _, f := range found {
				broken = append(broken, i.name+": "+f)
			}
		}
		return nil
	})
	return broken, tenants.Translate(err, "invariants")
}
