package tenants

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// ExplainInvoices returns Postgres's plan of one page of invoices, as the list asks for it.
func (tx *Tx) ExplainInvoices(f InvoiceFilter, p Page) (plan []string, err error) {
	v, err := invoiceList.view(tx.clinic, f, p)
	if err != nil {
		return nil, err
	}
	err = tx.raw(func(c *pgx.Conn) error {
		w := f.where(tx)
		if err := invoiceList.weigh(tx, c, w, v); err != nil {
			return err
		}
		sql, args := invoiceList.query(w, v)
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
func (tx *Tx) ExplainEvents(f EventFilter, p Page) (plan []string, err error) {
	v, err := eventList.view(tx.clinic, f, p)
	if err != nil {
		return nil, err
	}
	err = tx.raw(func(c *pgx.Conn) error {
		sql, args := eventList.query(f.where(tx.clinic), v)
		rows, err := c.Query(tx.ctx, "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}

// ExplainInvoiceSums returns Postgres's plan of the sums.
func (tx *Tx) ExplainInvoiceSums(f InvoiceFilter, by string, today domain.Day) (plan []string, err error) {
	sql, args, err := invoiceSumsQuery(f.where(tx).whole(), by, today)
	if err != nil {
		return nil, err
	}
	err = tx.raw(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, "EXPLAIN (COSTS OFF) "+sql, args...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}
