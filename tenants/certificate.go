package tenants

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// Certificate is what one comparison of a clinic with the gateway found.
type Certificate struct {
	ID          domain.UUID // of the operation; `opr_…` outside
	From, To    domain.Day  // the window that was listed
	Read        int         // entities compared: equal, repaired and unexplained together
	Equal       int
	Repaired    int // differed, and agree since the gateway's answer was folded
	Unexplained int // still differ, or could not be read in time
	EndedAt     time.Time
	Objects     []Finding // what was repaired or stays unexplained, the first thousand
}

// Finding is one object of a certificate.
type Finding struct {
	Kind  domain.Kind `json:"kind"`
	ID    string      `json:"id"`    // the gateway's
	Found string      `json:"found"` // repaired, unexplained
}

const maxFindings = 1000

// AddCertificate stores a certificate.
func (tx *Tx) AddCertificate(c Certificate) error {
	if c.Objects == nil {
		c.Objects = []Finding{}
	}
	objects, err := json.Marshal(c.Objects[:min(len(c.Objects), maxFindings)])
	if err != nil {
		return err
	}
	return translate(tx.gorm.Exec(`INSERT INTO certificates (clinic_id, id, from_day, to_day, read, equal, repaired, unexplained, ended_at, objects) VALUES (?, ?, ?::date, ?::date, ?, ?, ?, ?, ?, ?::jsonb)`,
		tx.clinic, dbUUID(c.ID), string(c.From), string(c.To), c.Read, c.Equal, c.Repaired, c.Unexplained, c.EndedAt, string(objects)).Error, "certificate")
}

// Certificates returns the clinic's newest certificates, at most limit.
func (tx *Tx) Certificates(limit int) (list []Certificate, err error) {
	err = tx.raw(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, `SELECT id, from_day::text, to_day::text, read, equal, repaired, unexplained, ended_at, objects FROM certificates WHERE clinic_id = $1 ORDER BY id DESC LIMIT $2`, tx.clinic, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Certificate, err error) {
			var from, to string
			err = row.Scan(&c.ID, &from, &to, &c.Read, &c.Equal, &c.Repaired, &c.Unexplained, &c.EndedAt, &c.Objects)
			c.From, c.To, c.EndedAt = domain.Day(from), domain.Day(to), c.EndedAt.UTC()
			return c, err
		})
		return err
	})
	return list, translate(err, "certificates")
}

// Entity names an object of the gateway.
type Entity struct {
	Kind domain.Kind
	ID   string
}

// Open returns the clinic's invoices, anticipations and checkouts whose state may still
// change at the gateway, at most limit, those longest unchanged first.
func (tx *Tx) Open(limit int) (list []Entity, err error) {
	err = tx.raw(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, `SELECT kind, id FROM (
			SELECT 'payment' AS kind, asaas_id AS id, updated_at FROM invoices WHERE clinic_id = $1 AND NOT deleted AND status NOT IN ('received', 'received_in_cash', 'refunded', 'collected')
			UNION ALL SELECT 'anticipation', asaas_id, updated_at FROM anticipations WHERE clinic_id = $1 AND status NOT IN ('debited', 'denied', 'cancelled')
			UNION ALL SELECT 'checkout', asaas_id, updated_at FROM checkouts WHERE clinic_id = $1 AND status = 'active') o ORDER BY updated_at LIMIT $2`, tx.clinic, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Entity])
		return err
	})
	return list, translate(err, "open entities")
}

// Pending reports how many of the entities wait for a read, or have an answer that is not
// folded yet.
func (tx *Tx) Pending(list []Entity) (n int, err error) {
	kinds, ids := make([]string, len(list)), make([]string, len(list))
	for i, e := range list {
		kinds[i], ids[i] = string(e.Kind), e.ID
	}
	err = tx.raw(func(c *pgx.Conn) error {
		return c.QueryRow(tx.ctx, `SELECT count(*) FROM unnest($2::text[], $3::text[]) u(kind, id) WHERE
			EXISTS (SELECT FROM truth_wants w WHERE w.clinic_id = $1 AND w.kind = u.kind AND w.entity_id = u.id AND w.due_at < 'infinity')
			OR EXISTS (SELECT FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash) WHERE d.clinic_id = $1 AND d.next_at < 'infinity' AND e.kind = u.kind AND e.entity_id = u.id)`,
			tx.clinic, kinds, ids).Scan(&n)
	})
	return n, translate(err, "pending reads")
}
