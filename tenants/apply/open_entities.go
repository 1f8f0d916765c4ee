package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

// Open returns the clinic's invoices, anticipations and checkouts whose state may still
// change at the gateway, at most limit, those longest unchanged first.
func Open(tx *tenants.Tx, limit int) (list []tenants.EntityRef, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT kind, id FROM (
			SELECT 'payment' AS kind, asaas_id AS id, updated_at FROM invoices
			WHERE clinic_id = $1 AND NOT deleted
			  AND status NOT IN ('received', 'received_in_cash', 'refunded', 'collected', 'not_at_asaas')
			UNION ALL SELECT 'anticipation', asaas_id, updated_at FROM anticipations
			WHERE clinic_id = $1 AND status NOT IN ('debited', 'denied', 'cancelled', 'not_at_asaas')
			UNION ALL SELECT 'checkout', asaas_id, updated_at FROM checkouts WHERE clinic_id = $1 AND status = 'active') o
			ORDER BY updated_at LIMIT $2`, tx.Clinic(), limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[tenants.EntityRef])
		return err
	})
	return list, tenants.Translate(err, "open entities")
}

// Pending reports how many of the entities wait for a read, or have an answer that is not
// folded yet.
func Pending(tx *tenants.Tx, list []tenants.EntityRef) (n int, err error) {
	kinds, ids := make([]string, len(list)), make([]string, len(list))
	for i, e := range list {
		kinds[i], ids[i] = string(e.Kind), e.ID
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT count(*) FROM unnest($2::text[], $3::text[]) u(kind, id) WHERE
			EXISTS (SELECT FROM truth_wants w
			  WHERE w.clinic_id = $1 AND w.kind = u.kind AND w.entity_id = u.id AND w.due_at < 'infinity')
			OR EXISTS (SELECT FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
			  WHERE d.clinic_id = $1 AND d.next_at < 'infinity' AND e.kind = u.kind AND e.entity_id = u.id)`,
			tx.Clinic(), kinds, ids).Scan(&n)
	})
	return n, tenants.Translate(err, "pending reads")
}
