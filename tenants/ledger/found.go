package ledger

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Found is one thing for which Asaas's statement moved other money on a day than the ledger.
type Found struct {
	Kind      domain.Kind  // payment, anticipation, statement, work_item or opening
	Subject   string       // Asaas's id of it, or of the line
	Type      string       // Asaas's word for its line; "" when the statement has none
	Statement domain.Money // what Asaas's lines moved
	Ledger    domain.Money // what the ledger moved on asaas_available
}

// mostFound bounds what is told of a difference: who reads more than so many reads Asaas's own statement.
const mostFound = 200

// FoundOn returns what makes the difference of each of these days, the greatest difference first.
func FoundOn(tx *tenants.Tx, days []domain.Day) (map[domain.Day][]Found, error) {
	found := map[domain.Day][]Found{}
	if len(days) == 0 {
		return found, nil
	}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT day, max(kind), subject, coalesce(max(type), ''), sum(theirs)::bigint, sum(ours)::bigint FROM (
			  SELECT day::text AS day, CASE WHEN subject = '' THEN 'statement' ELSE subject_kind END AS kind,
			    CASE WHEN subject = '' THEN id ELSE subject END AS subject, type, value AS theirs, 0 AS ours
			    FROM statement_lines WHERE clinic_id = $1 AND day = ANY($2::text[]::date[])
			  UNION ALL SELECT t.day, t.kind, t.subject, NULL, 0, e.amount FROM ledger_transactions t
			    JOIN ledger_entries e USING (clinic_id, no)
			    WHERE t.clinic_id = $1 AND t.day = ANY($2) AND e.account = 'asaas_available' AND t.kind <> 'opening') m
			GROUP BY day, subject HAVING sum(theirs) <> sum(ours)
			ORDER BY day, abs(sum(theirs) - sum(ours)) DESC, subject LIMIT $3`,
			tx.Clinic(), days, mostFound,
		)
		if err != nil {
			return err
		}
		var day domain.Day
		var f Found
		_, err = pgx.ForEachRow(rows, []any{&day, &f.Kind, &f.Subject, &f.Type, &f.Statement, &f.Ledger}, func() error {
			found[day] = append(found[day], f)
			return nil
		})
		return err
	})
	return found, tenants.Translate(err, "statement")
}
