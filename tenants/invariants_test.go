package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/ledger"
	"patapay/tenants/tenantstest"
)

// Each break is made by a superuser who turns the triggers off.
func TestEachInvariantThatIsBrokenIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, sql string }{
		{"", `SELECT 1`},
		{"I3: an event has the outcome lost", `ALTER TABLE events DISABLE TRIGGER ALL; UPDATE events SET outcome = 'lost'`},
		{"I3: an event is received for more than a minute and waits for nothing", `UPDATE events SET outcome = 'received'`},
		{"I5: payment pay_other is booked and no event tells of it", `UPDATE ledger_transactions SET subject = 'pay_other'`},
		{"I8: line ftn_1 is kept and not booked", `INSERT INTO statement_lines
			VALUES (1, -5, '2026-08-08', now(), 'ftn_1', 'TRANSFER', '', '', '')`},
		{"I12: an event is due for more than five minutes", `INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
			SELECT clinic_id, environment, seq, id_hash, received_at FROM events`},
	} {
		w, clinic := newLedgerWorld(t, "payment_received_pix.real")
		owner := w.connect(t, tenantstest.Owner)
		_, err := owner.Exec(
			t.Context(),
			`SET session_replication_role = replica; ALTER TABLE events DROP CONSTRAINT IF EXISTS events_outcome_check`,
		)
		require.NoError(t, err)
		_, err = owner.Exec(t.Context(), c.sql)
		require.NoError(t, err, c.want)
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
			broken, err := ledger.Invariants(tx, w.now.Add(time.Hour))
			if c.want == "" {
				require.Empty(t, broken)
			} else {
				require.Contains(t, broken, c.want)
			}
			return err
		}))
	}
}

// docs/reliability.md, I1 and I2: what is answered is stored, once, the first body as it came.
func TestI1I2WhatIsAnsweredAsNewIsStoredOnceWithItsFirstBody(t *testing.T) {
	t.Parallel()
	w, clinic := newLedgerWorld(t)
	body := samples.Event("payment_received_pix.real")
	require.Equal(t, inbox.New, w.deliver(t, clinic, body))
	require.Equal(t, inbox.Same, w.deliver(t, clinic, body))
	require.Equal(t, inbox.Other, w.deliver(t, clinic, edited(t, "payment_received_pix.real", `"RECEIVED"`, `"REFUNDED"`)))
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM events`))
	w.apply(t, clinic)
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM invoices WHERE asaas_status = 'RECEIVED'`))
}

// docs/reliability.md, I6: along any deliveries the ledger only grows, and no row of it changes.
func TestI6TheLedgerOnlyGrows(t *testing.T) {
	t.Parallel()
	w, clinic := newLedgerWorld(t)
	before := []ledger.Booking{}
	for _, s := range []string{
		"payment_received_pix.real", "payment_created_pix.real", "receivable_anticipation_debited.made",
		"receivable_anticipation_credited.doc", "payment_refunded_pix.real", "payment_received_pix.real",
	} {
		w.deliver(t, clinic, samples.Event(s))
		w.apply(t, clinic)
		now := w.bookings(t, clinic, ledger.BookingFilter{})
		require.Equal(t, before, now[len(now)-len(before):], s)
		before = now
	}
	require.NotEmpty(t, before)
}
