package query

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ExplainInvoices returns Postgres's plan of one page of invoices, as the list asks for it.
func ExplainInvoices(tx *tenants.Tx, f InvoiceFilter, p tenants.Page) ([]string, error) {
	return invoiceList.Explain(tx, f.where(tx), f, p)
}

// ExplainCheckouts is ExplainInvoices for checkouts.
func ExplainCheckouts(tx *tenants.Tx, f CheckoutFilter, p tenants.Page) ([]string, error) {
	return checkoutList.Explain(tx, f.where(tx), f, p)
}

// ExplainAnticipations is ExplainInvoices for anticipations.
func ExplainAnticipations(tx *tenants.Tx, f AnticipationFilter, p tenants.Page) ([]string, error) {
	return anticipationList.Explain(tx, f.where(tx), f, p)
}

// ExplainEvents returns Postgres's plan of one page of events, as the list asks for it.
func ExplainEvents(tx *tenants.Tx, f EventFilter, p tenants.Page) ([]string, error) {
	return eventList.Explain(tx, f.where(tx.Clinic()), f, p)
}

// ExplainInvoiceSums returns Postgres's plan of the sums.
func ExplainInvoiceSums(tx *tenants.Tx, f InvoiceFilter, by string, today domain.Day) (plan []string, err error) {
	sql, args, err := invoiceSumsQuery(f.where(tx).Whole(), by, today)
	if err != nil {
		return nil, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}

// ExplainGlance returns Postgres's plans of what a glance reads of the clinic's objects.
func ExplainGlance(tx *tenants.Tx, since domain.Day) (plan []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{doubts, doubtsArgs(tx)},
			{glanceMoney, []any{tx.Clinic(), string(since)}},
			{receiptsQuery, []any{tx.Clinic(), 5}},
		} {
			rows, err := c.Query(tx.Context(), "EXPLAIN (COSTS OFF) "+q.sql, q.args...)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			plan = append(plan, lines...)
		}
		return nil
	})
	return plan, err
}
