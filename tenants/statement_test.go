package tenants_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
)

// read hands lines of the statement over and returns how many were new.
func (w *world) read(t testing.TB, clinic domain.ClinicID, lines ...domain.Line) (fresh int) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		fresh, err = ledger.AddLines(tx, chain, lines, w.now)
		return err
	}))
	return fresh
}

func TestALineIsBookedOnceHoweverOftenItIsRead(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	lines := []domain.Line{
		{ID: "ftn_1", Day: "2026-08-08", Type: "TRANSFER", Value: -50_000},
		{ID: "ftn_2", Day: "2026-08-08", Type: "TRANSFER_FEE", Value: -500},
		{ID: "ftn_3", Day: "2026-08-09", Type: "BACEN_JUDICIAL_LOCK", Value: -10_000},
		{ID: "ftn_4", Day: "2026-08-09", Type: "INTERNAL_TRANSFER_CREDIT", Value: 2_000},
		{ID: "ftn_5", Day: "2026-08-09", Type: "BLESSING", Value: 700},
		{ID: "ftn_6", Day: "2026-08-09", Type: "PAYMENT_RECEIVED", Payment: "pay_1", Value: 900},
	}
	require.Equal(t, 6, w.read(t, clinic, lines...))
	require.Zero(t, w.read(t, clinic, lines...))
	require.Equal(
		t,
		1,
		w.read(t, clinic, domain.Line{ID: "ftn_7", Day: "2026-08-10", Type: "TRANSFER_REVERSAL", Value: 50_000}),
	)
	require.Equal(t, map[domain.Account]domain.Money{
		domain.AccountAvailable: -7_800, domain.AccountTransferFee: 500, domain.AccountBlocked: 10_000,
		domain.AccountInternal: -2_000, domain.AccountSuspense: -700,
	}, w.balances(t, clinic))
	require.Equal(t, []string{"statement_line ftn_5 "}, w.items(t, clinic))
	require.Equal(t, ledger.Proof{Bookings: 6}, w.proof(t, clinic))
}

func TestADisputeAfterCreditIsClearedByTheStatement(t *testing.T) {
	w, clinic := newLedgerWorld(t, "payment_received_credit_card.made", "payment_chargeback_requested.made")
	before := w.balances(t, clinic)
	require.Equal(
		t,
		domain.Money(-10_000),
		before[domain.AccountDispute],
		"the clearing account shows what the statement has not told",
	)
	payment := w.bookings(t, clinic, ledger.BookingFilter{Account: domain.AccountDispute})[0].Key.Subject
	w.read(t, clinic, domain.Line{ID: "ftn_1", Day: "2026-09-09", Type: "CHARGEBACK", Payment: payment, Value: -10_000})
	after := w.balances(t, clinic)
	require.Zero(t, after[domain.AccountDispute])
	require.Equal(t, before[domain.AccountAvailable]-10_000, after[domain.AccountAvailable])
}

func TestWhatTheStatementMovedOtherwiseIsShownByEntityAndByDay(t *testing.T) {
	w, clinic := newLedgerWorld(t, "payment_received_pix.real")
	const id = "pay_3h08j28ezvwv7s4h"
	w.read(
		t,
		clinic,
		domain.Line{ID: "ftn_1", Day: "2026-08-08", Type: "PAYMENT_RECEIVED", Payment: id, Value: 1000},
		domain.Line{ID: "ftn_2", Day: "2026-08-08", Type: "PAYMENT_FEE", Payment: id, Value: -99},
		domain.Line{ID: "ftn_3", Day: "2026-08-09", Type: "PAYMENT_RECEIVED", Payment: "pay_unknown", Value: 500},
	)
	read := func() (list []ledger.Unmatched, days []ledger.StatementDay) {
		require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
			if list, err = ledger.UnmatchedLines(tx, "2026-01-01"); err == nil {
				days, err = ledger.StatementDays(tx, "2026-08-01", "2026-08-31")
			}
			require.NoError(t, ledger.KeepUnmatched(tx, list, w.now))
			return err
		}))
		return list, days
	}
	list, days := read()
	require.Len(t, list, 2)
	require.Equal(t, []domain.Money{100, 500}, []domain.Money{list[0].Difference(), list[1].Difference()})
	require.Equal(
		t,
		[]ledger.StatementDay{{Day: "2026-08-08", Statement: 901, Ledger: 801}, {Day: "2026-08-09", Statement: 500}},
		days,
	)
	require.ElementsMatch(t, []string{"statement_line " + id + " ", "statement_line pay_unknown "}, w.items(t, clinic))

	w.read(t, clinic, domain.Line{ID: "ftn_4", Day: "2026-08-10", Type: "PAYMENT_FEE", Payment: id, Value: -100})
	list, _ = read()
	require.Len(t, list, 1)
	require.ElementsMatch(t, []string{"statement_line " + id + " gone", "statement_line pay_unknown "}, w.items(t, clinic))
}

func TestTheCutOffMayComeAfterTheFirstBookings(t *testing.T) {
	w, clinic := newLedgerWorld(
		t,
		"payment_received_pix.real",
		"payment_confirmed_credit_card.made",
		"receivable_anticipation_credited.doc",
	)
	before := w.balances(t, clinic)
	require.NotZero(t, before[domain.AccountSales])
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		require.NoError(t, ledger.Begin(tx, "2027-01-01"))
		require.NoError(t, ledger.Begin(tx, "2020-01-01"), "a ledger that has begun keeps its day")
		return ledger.OpenBalance(tx, chain, "2027-01-01", 12_345, w.now)
	}))
	added, err := apply.Rebook(w.api, t.Context(), clinic, chain, w.now)
	require.NoError(t, err)
	require.Positive(t, added)
	got := w.balances(t, clinic)
	require.Equal(t, map[domain.Account]domain.Money{
		domain.AccountAvailable:  12_345,
		domain.AccountReceivable: before[domain.AccountReceivable],
		domain.AccountAdvance:    before[domain.AccountAdvance],
		domain.AccountOpening:    -12_345 - before[domain.AccountReceivable] - before[domain.AccountAdvance],
	}, got)
	added, err = apply.Rebook(w.api, t.Context(), clinic, chain, w.now)
	require.NoError(t, err)
	require.Zero(t, added, "once more books nothing")
	require.NoError(
		t,
		w.api.In(
			t.Context(),
			clinic,
			func(tx *tenants.Tx) error { return ledger.OpenBalance(tx, chain, "2027-01-01", 12_000, w.now) },
		),
	)
	require.Equal(
		t,
		domain.Money(12_000),
		w.balances(t, clinic)[domain.AccountAvailable],
		"the gateway tells it otherwise: a correction",
	)
	require.Zero(t, w.proof(t, clinic).Broken)
	r, err := apply.Shadow(w.api, t.Context(), clinic)
	require.NoError(t, err)
	require.Empty(t, r.Differences)
	w.deliver(t, clinic, samples.Event("payment_created_pix.real")) // of before, and late
	w.apply(t, clinic)
	require.Zero(t, w.balances(t, clinic)[domain.AccountSales])
}
