package query

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// DayMoney is what the invoices of a day come to.
type DayMoney struct {
	Day   domain.Day // "" not known
	Count int
	Value domain.Money
	Net   domain.Money // where the gateway told it, else the value
}

// GlanceMoney is the money that is on its way, late or come.
type GlanceMoney struct {
	Release  []DayMoney // paid and not in the balance yet, by the day on which it will be
	Overdue  DayMoney   // not paid in time
	Received []DayMoney // paid since a day, by the day of payment
	Denied   DayMoney   // anticipations that were denied lately
}

// glanceMoney is the statement: each of its parts over invoices reads the index invoices_kinds_due alone.
const glanceMoney = `SELECT 'release', coalesce(available_on::text, ''), count(*), coalesce(sum(value), 0)::bigint,
	    coalesce(sum(coalesce(net_value, value)), 0)::bigint
	  FROM invoices WHERE clinic_id = $1 AND status = 'confirmed' GROUP BY available_on
	UNION ALL SELECT 'overdue', '', count(*), coalesce(sum(value), 0)::bigint, 0 FROM invoices
	WHERE clinic_id = $1 AND status = 'overdue' AND NOT deleted
	UNION ALL SELECT 'received', left(paid_at, 10), count(*), coalesce(sum(value), 0)::bigint,
	  coalesce(sum(coalesce(net_value, value)), 0)::bigint
	  FROM invoices WHERE clinic_id = $1 AND status = ANY ('{confirmed,received,received_in_cash,collected}')
	    AND paid_at >= $2 GROUP BY left(paid_at, 10)
	UNION ALL SELECT 'denied', '', count(*), coalesce(sum(value), 0)::bigint, 0 FROM anticipations
	WHERE clinic_id = $1 AND status = 'denied' AND updated_at >= $2::text::date
	ORDER BY 1, 2`

// MoneyAtAGlance returns the clinic's money that is on its way or late, and what came since a day.
// What Asaas does not know is in no sum.
func MoneyAtAGlance(tx *tenants.Tx, since domain.Day) (m GlanceMoney, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), glanceMoney, tx.Clinic(), string(since))
		if err != nil {
			return err
		}
		var sort string
		var d DayMoney
		_, err = pgx.ForEachRow(rows, []any{&sort, &d.Day, &d.Count, &d.Value, &d.Net}, func() error {
			switch sort {
			case "release":
				m.Release = append(m.Release, d)
			case "received":
				m.Received = append(m.Received, d)
			case "denied":
				m.Denied = d
			default:
				m.Overdue = d
			}
			return nil
		})
		return err
	})
	return m, tenants.Translate(err, "money")
}

// receiptsQuery finds the receipts among the latest 200 payments, whose keys come of the index of months; along that
// index among all of them only where too few of those stayed paid, as after many refunds.
const receiptsQuery = `SELECT ` + storedColumns + ` FROM invoices WHERE clinic_id = $1 AND id = ANY(ARRAY(
	  WITH latest AS MATERIALIZED (SELECT id FROM invoices WHERE clinic_id = $1 AND paid_month IS NOT NULL
	    ORDER BY paid_month DESC, paid_at DESC, id DESC LIMIT 200),
	  stayed AS MATERIALIZED (SELECT id FROM invoices WHERE clinic_id = $1 AND id = ANY(ARRAY(SELECT id FROM latest))
	    AND status = ANY ('{confirmed,received,received_in_cash,collected}'))
	  SELECT id FROM stayed
	  UNION ALL (SELECT id FROM invoices WHERE clinic_id = $1 AND paid_month IS NOT NULL
	    AND status = ANY ('{confirmed,received,received_in_cash,collected}')
	    AND (SELECT count(*) FROM latest) = 200 AND (SELECT count(*) FROM stayed) < $2
	    ORDER BY paid_month DESC, paid_at DESC, id DESC LIMIT $2)))
	ORDER BY paid_at DESC, id DESC LIMIT $2`

// LastReceipts returns the invoices that were paid last, by the time of payment, at most limit.
func LastReceipts(tx *tenants.Tx, limit int) (list []Stored[domain.Invoice], err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), receiptsQuery, tx.Clinic(), limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Stored[domain.Invoice], error) {
			return scanStored[domain.Invoice](row)
		})
		return err
	})
	return list, tenants.Translate(err, "receipts")
}
