package tenants_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/ledger"
)

// pix is a received Pix of R$ 10,00 under a reference of billing's, paid on a day of August.
func pix(t testing.TB, id, reference string, day int) []byte {
	t.Helper()
	edit := samples.Edit{
		Fresh:   true,
		Counter: int64(18_000_000 + day*1000 + len(id)),
		Account: "acc-1",
		Entity:  map[string]string{"payment": id},
		Set: []string{
			fmt.Sprintf("payment.clientPaymentDate=2026-08-%02d", day),
			"payment.externalReference=" + reference,
			fmt.Sprintf("dateCreated=2026-08-%02d 10:00:00", day),
		},
	}
	body, err := edit.Apply(samples.Event("payment_received_pix.real"))
	require.NoError(t, err)
	return body
}

func (w *world) expect(t testing.TB, clinic domain.ClinicID, x ledger.ExpectedPayment) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		_, err := apply.Expect(tx, chain, x, w.now)
		return err
	}))
}

// items returns the clinic's work items as "kind subject outcome", oldest first.
func (w *world) items(t testing.TB, clinic domain.ClinicID) (lines []string) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{}, 100)
		for _, i := range slices.Backward(list) {
			lines = append(lines, i.Kind+" "+i.Subject+" "+i.Outcome)
		}
		return err
	}))
	return lines
}

func TestTheSecondPaymentOfAReferenceIsInSuspenseWhicheverCameFirst(t *testing.T) {
	for _, first := range []string{"in order", "the later one first", "together"} {
		t.Run(first, func(t *testing.T) {
			w, clinic := newLedgerWorld(t)
			w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-1"})
			early, late := pix(t, "pay_early", "orc-1", 8), pix(t, "pay_late", "orc-1", 9)
			bodies := [][]byte{early, late}
			if first == "the later one first" {
				slices.Reverse(bodies)
			}
			for _, b := range bodies {
				w.deliver(t, clinic, b)
				if first != "together" {
					w.apply(t, clinic)
				}
			}
			w.apply(t, clinic)
			got := w.balances(t, clinic)
			require.Equal(t, []domain.Money{-1000, -1000}, []domain.Money{got[domain.AccountSales], got[domain.AccountSuspense]})
			require.Equal(t, []string{"second_payment pay_late "}, w.items(t, clinic))
			require.Zero(t, w.proof(t, clinic).Broken)
		})
	}
}

func TestWhatBillingSaysMovesMoneyOutOfSuspenseAndTheItemIsGone(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	w.deliver(t, clinic, pix(t, "pay_1", "null", 8))
	w.apply(t, clinic)
	body, err := samples.Edit{
		Fresh:   true,
		Counter: 18_700_001,
		Set:     []string{"payment.externalReference=null", "payment.id=pay_2"},
	}.Apply(samples.Event("payment_received_pix_unsolicited.made"))
	require.NoError(t, err)
	w.deliver(t, clinic, body)
	w.apply(t, clinic)
	require.Contains(t, w.items(t, clinic), "unexpected_money pay_2 ")
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-9", Payment: "pay_2"})
	require.Equal(t, 1, w.number(t, `SELECT count(*) FROM truth_wants WHERE entity_id = 'pay_2' AND reason = 'expected'`))
	again, err := samples.Edit{
		Fresh:   true,
		Counter: 18_700_002,
		Set:     []string{"payment.externalReference=null", "payment.id=pay_2", "dateCreated=2027-01-01 10:00:00"},
	}.Apply(samples.Event("payment_received_pix_unsolicited.made"))
	require.NoError(t, err)
	w.deliver(t, clinic, again)
	w.apply(t, clinic)
	require.Contains(t, w.items(t, clinic), "unexpected_money pay_2 gone")
	require.Equal(
		t,
		domain.Money(0),
		domain.Balances(facts(w.bookings(t, clinic, ledger.BookingFilter{Subject: "pay_2"})))[domain.AccountSuspense],
	)
}

func facts(list []ledger.Booking) (all []domain.Fact) {
	for _, b := range list {
		all = append(all, b.Fact)
	}
	return all
}

// Billing's word after a person's decision must not take the money out of suspense twice.
func TestWhatAPersonDecidedStaysDecided(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	w.deliver(t, clinic, samples.Event("payment_received_pix_unsolicited.made"))
	w.apply(t, clinic)
	var item ledger.WorkItem
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{Open: true}, 1)
		require.NoError(t, err)
		item, err = ledger.ResolveWorkItem(tx, chain, list[0], "returned", "devolvido pelo banco", "Ana", w.now)
		return err
	}))
	want := w.balances(t, clinic)
	require.Equal(t, domain.Money(0), want[domain.AccountSuspense])
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-1", Payment: item.Subject})
	again, err := samples.Edit{
		Fresh:   true,
		Counter: 18_800_000,
		Set:     []string{"dateCreated=2027-01-01 10:00:00"},
	}.Apply(samples.Event("payment_received_pix_unsolicited.made"))
	require.NoError(t, err)
	w.deliver(t, clinic, again)
	w.apply(t, clinic)
	require.Equal(t, want, w.balances(t, clinic))
	require.Equal(t, []string{"unexpected_money " + item.Subject + " returned"}, w.items(t, clinic))
}

// What a person had decided of a payment was counted twice in a run that also looked at another payment of its
// reference: twice the money went back into suspense.
func TestADecisionIsCountedOnceBesideAnotherPaymentOfTheReference(t *testing.T) {
	t.Parallel()
	w, clinic := newLedgerWorld(t)
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-1", Amount: domain.Some[domain.Money](700)})
	first := pix(t, "pay_first", "orc-1", 8)
	w.deliver(t, clinic, first)
	w.apply(t, clinic)
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		list, err := ledger.WorkItems(tx, ledger.WorkItemFilter{}, 10)
		require.NoError(t, err)
		_, err = ledger.ResolveWorkItem(tx, chain, list[0], "income", "gorjeta", "Ana", w.now)
		return err
	}))
	w.deliver(t, clinic, pix(t, "pay_second", "orc-1", 9))
	w.apply(t, clinic)
	want := w.balances(t, clinic)
	require.Equal(t, domain.Money(-1000), want[domain.AccountSuspense], "the second payment's")
	w.deliver(t, clinic, []byte(strings.Replace(string(first), "&18", "&19", 1)))
	w.apply(t, clinic)
	require.Equal(t, want, w.balances(t, clinic))
}

func TestOtherAmountsAndCalledOffChargesAreItems(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-more", Amount: domain.Some(domain.Money(900))})
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-same", Amount: domain.Some(domain.Money(1000))})
	w.expect(t, clinic, ledger.ExpectedPayment{Reference: "orc-off", Cancelled: true})
	for i, reference := range []string{"orc-more", "orc-same", "orc-off", "orc-other"} {
		w.deliver(t, clinic, pix(t, "pay_"+reference, reference, 8+i))
	}
	w.apply(t, clinic)
	require.ElementsMatch(t, []string{"amount_differs pay_orc-more ", "cancelled_charge pay_orc-off "}, w.items(t, clinic))
	got := w.balances(t, clinic)
	require.Equal(t, []domain.Money{-2900, -1100}, []domain.Money{got[domain.AccountSales], got[domain.AccountSuspense]})
}
