package tenants

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// ExplainInvoices returns Postgres's plan of one page of invoices, as the list asks for it.
func (tx *Tx) ExplainInvoices(f InvoiceFilter, p Page) ([]string, error) {
	return explain(tx, invoiceList, f.where(tx), f, p)
}

// ExplainCheckouts is ExplainInvoices for checkouts.
func (tx *Tx) ExplainCheckouts(f CheckoutFilter, p Page) ([]string, error) {
	return explain(tx, checkoutList, f.where(tx), f, p)
}

// ExplainAnticipations is ExplainInvoices for anticipations.
func (tx *Tx) ExplainAnticipations(f AnticipationFilter, p Page) ([]string, error) {
	return explain(tx, anticipationList, f.where(tx), f, p)
}

func explain[T any](tx *Tx, l *listing[T], w *where, filter any, p Page) (plan []string, err error) {
	v, err := l.view(tx.clinic, filter, p)
	if err != nil {
		return nil, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		if err := l.weigh(tx, c, w, v); err != nil {
			return err
		}
		sql, args := l.query(w, v)
		rows, err := c.Query(tx.ctx, "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}

// ExplainEvents returns Postgres's plan of one page of events, as the list asks for it.
func (tx *Tx) ExplainEvents(f EventFilter, p Page) ([]string, error) {
	return explain(tx, &eventList, f.where(tx.clinic), f, p)
}

// ExplainInvoiceSums returns Postgres's plan of the sums.
func (tx *Tx) ExplainInvoiceSums(f InvoiceFilter, by string, today domain.Day) (plan []string, err error) {
	sql, args, err := invoiceSumsQuery(f.where(tx).whole(), by, today)
	if err != nil {
		return nil, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}

// MonthsOf is what a range of dates is read by.
var MonthsOf = monthsOf
