package tenants_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
	"patapay/tenants/agenda"
	"patapay/tenants/tenantstest"
)

// The numbers of an invoice were noted by a trigger, which read the whole state of each row again.
func TestWhoeverWritesAnInvoiceNotesItsNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clinic := w.clinic(t, "Vida", "acc-1")
	const first, second = "payment_received_pix.real", "payment_anticipated_boleto.made"
	of := func() (numbers []string) {
		rows, err := w.all.Query(t.Context(), `SELECT number FROM invoice_numbers ORDER BY number`)
		require.NoError(t, err)
		for rows.Next() {
			var number string
			require.NoError(t, rows.Scan(&number))
			numbers = append(numbers, number)
		}
		require.NoError(t, rows.Err())
		return numbers
	}

	owner := w.connect(t, tenantstest.Owner)
	_, err := owner.Exec(
		t.Context(),
		`ALTER TABLE invoices DISABLE TRIGGER numbers_of_new, DISABLE TRIGGER numbers_of_changed`,
	)
	require.NoError(t, err)
	w.deliver(t, clinic, edited(t, first, `"invoiceNumber": "16479671"`, `"invoiceNumber": "N-1"`))
	w.apply(t, clinic)
	require.Equal(t, []string{"N-1"}, of(), "without the triggers, too")
	w.now = w.now.Add(time.Minute)
	w.deliver(t, clinic, edited(t, first, `"invoiceNumber": "16479671"`, `"invoiceNumber": "N-2"`, `"evt_`, `"evt_2`,
		`08-08 20:54:57`, `08-08 20:55:57`))
	w.apply(t, clinic)
	require.Equal(t, []string{"N-1", "N-2"}, of(), "by a number that it had once it is still found")

	_, err = owner.Exec(
		t.Context(),
		`ALTER TABLE invoices ENABLE TRIGGER numbers_of_new, ENABLE TRIGGER numbers_of_changed`,
	)
	require.NoError(t, err)
	_, err = w.all.Exec(t.Context(), `DELETE FROM invoice_numbers`)
	require.NoError(t, err)
	_, err = w.all.Exec(
		t.Context(),
		`UPDATE invoices SET state = jsonb_set(state::jsonb, '{InvoiceNumber}', '"N-3"')::json`,
	)
	require.NoError(t, err)
	require.Contains(t, of(), "N-3", "a program of before says nothing: the triggers note it")
	_, err = w.all.Exec(
		t.Context(),
		`CREATE OR REPLACE FUNCTION note_numbers_of_invoice() RETURNS trigger
		LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''noted twice''; END'`,
	)
	require.NoError(t, err)
	w.deliver(t, clinic, samples.Event(second))
	require.Equal(t, 1, w.apply(t, clinic).Rows)
	require.Contains(t, of(), "15924715", "what apply notes runs no trigger")
}

// An agenda that is derived while the clinic's events are being applied is derived again soon, and held up the run.
func TestAnAgendaWaitsForTheClinicsEventsButNotForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	busy, calm := w.clinic(t, "Vida", "acc-1"), w.clinic(t, "Sorriso", "acc-2")
	w.received(t, busy, "pay_1", "10")
	due := func() (names []string) {
		clinics, err := agenda.Clinics(w.worker, t.Context(), w.now, 10)
		require.NoError(t, err)
		for _, c := range clinics {
			names = append(names, map[bool]string{true: "busy", false: "calm"}[c == busy])
		}
		return names
	}
	require.Equal(t, []string{"calm"}, due())
	w.derive(t, calm)
	w.now = w.now.Add(5 * time.Minute)
	require.Equal(t, []string{"busy"}, due(), "five minutes are the most")
	w.derive(t, busy)
	w.now = w.now.Add(time.Hour)
	w.apply(t, busy)
	require.Contains(t, due(), "busy")
}
