package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// gate compares the projections with what the generator says they must be, and what each
// entity changed of asaas_available with its ledger_cents. A run with a difference has no
// figures.
func (r *receiver) gate(expected ...string) error {
	got, err := texts[string](r, statuses)
	if err != nil {
		return err
	}
	booked, err := texts[int64](r, bookedCents)
	if err != nil {
		return err
	}
	wrong, seen := 0, 0
	for _, file := range expected {
		err = eachExpected(file, func(e expectedState) {
			seen++
			if name := e.Kind + e.ID; got[name] != e.Status || booked[name] != e.Cents {
				if wrong++; wrong <= 5 {
					fmt.Fprintf(
						os.Stderr, "%s %s is %q with %d centavos, want %q with %d\n", e.Kind, e.ID, got[name],
						booked[name], e.Status, e.Cents,
					)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	if wrong > 0 || seen == 0 || seen != len(got) {
		return fmt.Errorf("gate: %d of %d entities are wrong, %d are stored", wrong, seen, len(got))
	}
	return nil
}

// expectedState is an entity's end, as the generator writes it.
type expectedState struct {
	Kind, ID, Status string
	Cents            int64 `json:"ledger_cents"`
}

func eachExpected(path string, fn func(expectedState)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	scan := bufio.NewScanner(file)
	for scan.Scan() {
		var e expectedState
		if err := json.Unmarshal(scan.Bytes(), &e); err != nil {
			return err
		}
		if e.ID != "" { // else a sum
			fn(e)
		}
	}
	return scan.Err()
}

// bookedCents has what each entity changed of asaas_available, in centavos.
const bookedCents = `SELECT t.kind || t.subject, sum(e.amount)::bigint
	FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
	WHERE e.account = 'asaas_available' GROUP BY 1`

// statuses has the raw status of every projection; DELETED stands for a deleted payment.
const statuses = `SELECT 'payment' || asaas_id, CASE WHEN deleted THEN 'DELETED' ELSE asaas_status END FROM invoices
	UNION ALL SELECT 'checkout' || asaas_id, asaas_status FROM checkouts
	UNION ALL SELECT 'anticipation' || asaas_id, asaas_status FROM anticipations`
