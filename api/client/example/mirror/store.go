package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"patapay/api/client"
)

// store is the copy: a table of invoices and the place in the feed that it stands at.
type store struct{ conn *pgx.Conn }

const schema = `
CREATE TABLE IF NOT EXISTS mirror_invoices (
	tenant       text   NOT NULL,
	id           text   NOT NULL,
	version      bigint NOT NULL, -- the greatest wins
	status       text   NOT NULL,
	amount_cents bigint,          -- centavos; null while no event told
	due_date     date,
	PRIMARY KEY (tenant, id));
CREATE TABLE IF NOT EXISTS mirror_places (
	tenant text PRIMARY KEY,
	seq    bigint NOT NULL)`

// open connects and makes the tables that are missing, one start at a time.
func open(ctx context.Context, url string) (*store, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(
		ctx, `SELECT pg_advisory_lock(20261122);`+schema+`; SELECT pg_advisory_unlock(20261122)`,
		pgx.QueryExecModeSimpleProtocol,
	)
	return &store{conn}, err
}

func (s *store) close() { _ = s.conn.Close(context.Background()) }

// place returns where the copy of a clinic stands; begun is false while it is not whole.
func (s *store) place(ctx context.Context, tenant string) (seq int64, begun bool, err error) {
	err = s.conn.QueryRow(ctx, `SELECT seq FROM mirror_places WHERE tenant = $1`, tenant).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return seq, err == nil, err
}

// begin notes the first place of a copy that is whole.
func (s *store) begin(ctx context.Context, tenant string, seq int64) error {
	_, err := s.conn.Exec(ctx, `INSERT INTO mirror_places VALUES ($1, $2)`, tenant, seq)
	return err
}

// forget makes the next start copy everything.
func (s *store) forget(ctx context.Context, tenant string) error {
	_, err := s.conn.Exec(ctx, `DELETE FROM mirror_places WHERE tenant = $1`, tenant)
	return err
}

// keep writes changes and the place behind them in one transaction.
func (s *store) keep(ctx context.Context, tenant string, c client.Changes) error {
	var list []client.InvoiceView
	for _, e := range c.Entries {
		if e.Type != client.EntryViewTypeInvoiceUpdated {
			continue // checkouts, anticipations, and what is yet to come
		}
		invoice, err := e.Object.AsInvoiceView()
		if err != nil {
			return err
		}
		list = append(list, invoice)
	}
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := upsert(ctx, tx, tenant, list); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mirror_places SET seq = $2 WHERE tenant = $1`, tenant, c.Seq)
		return err
	})
}

// add writes invoices.
func (s *store) add(ctx context.Context, tenant string, list []client.InvoiceView) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return upsert(ctx, tx, tenant, list) })
}

func upsert(ctx context.Context, tx pgx.Tx, tenant string, list []client.InvoiceView) error {
	batch := &pgx.Batch{}
	for _, v := range list {
		var cents, due any
		if v.Value != nil {
			cents = v.Value.AmountCents
		}
		if v.DueDate != nil {
			due = v.DueDate.Time
		}
		batch.Queue(`INSERT INTO mirror_invoices AS m VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tenant, id) DO UPDATE SET version = excluded.version, status = excluded.status,
			  amount_cents = excluded.amount_cents, due_date = excluded.due_date
			WHERE m.version < excluded.version`, tenant, v.ID, v.Version, string(v.Status), cents, due)
	}
	return tx.SendBatch(ctx, batch).Close()
}
