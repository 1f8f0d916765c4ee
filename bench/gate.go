package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
)

// gate compares the projections with what the generator says they must be, and what each
// entity changed of asaas_available with its ledger_cents. A run with a difference has no
// figures.
func (b *bench) gate(r *receiver, expected string) error {
	got, err := b.statuses(r)
	if err != nil {
		return err
	}
	booked, err := b.booked(r)
	if err != nil {
		return err
	}
	file, err := os.Open(expected)
	if err != nil {
		return err
	}
	defer file.Close()
	wrong, seen := 0, 0
	scan := bufio.NewScanner(file)
	for scan.Scan() {
		var e struct {
			Kind, ID, Status string
			Cents            int64 `json:"ledger_cents"`
		}
		if err := json.Unmarshal(scan.Bytes(), &e); err != nil {
			return err
		}
		if e.ID == "" {
			continue
		}
		seen++
		if name := e.Kind + e.ID; got[name] != e.Status || booked[name] != e.Cents {
			if wrong++; wrong <= 5 {
				fmt.Fprintf(
					os.Stderr, "%s %s is %q with %d centavos, want %q with %d\n", e.Kind, e.ID, got[name],
					booked[name], e.Status, e.Cents,
				)
			}
		}
	}
	if wrong > 0 || seen == 0 || seen != len(got) {
		return fmt.Errorf("gate: %d of %d entities are wrong, %d are stored", wrong, seen, len(got))
	}
	return scan.Err()
}

// booked returns what each entity changed of asaas_available, in centavos.
func (b *bench) booked(r *receiver) (map[string]int64, error) {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(b.ctx)
	rows, err := conn.Query(
		b.ctx,
		`SELECT t.kind || t.subject, sum(e.amount)::bigint FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
		WHERE e.account = 'asaas_available' GROUP BY 1`,
	)
	if err != nil {
		return nil, err
	}
	got := map[string]int64{}
	var key string
	var cents int64
	_, err = pgx.ForEachRow(rows, []any{&key, &cents}, func() error {
		got[key] = cents
		return nil
	})
	return got, err
}

// statuses returns the raw status of every projection; DELETED stands for a deleted payment.
func (b *bench) statuses(r *receiver) (map[string]string, error) {
	conn, err := pgx.Connect(b.ctx, r.url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(b.ctx)
	rows, err := conn.Query(
		b.ctx,
		`SELECT 'payment' || asaas_id, CASE WHEN deleted THEN 'DELETED' ELSE asaas_status END FROM invoices
		UNION ALL SELECT 'checkout' || asaas_id, asaas_status FROM checkouts UNION ALL SELECT 'anticipation' || asaas_id, asaas_status FROM anticipations`,
	)
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	var key, status string
	_, err = pgx.ForEachRow(rows, []any{&key, &status}, func() error {
		got[key] = status
		return nil
	})
	return got, err
}
