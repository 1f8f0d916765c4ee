package tenants_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// advance delivers an anticipation of a charge or plan, credited and then debited on a day.
func (w *world) advance(t testing.TB, clinic domain.ClinicID, id string, day int, set ...string) {
	t.Helper()
	for n, sample := range []string{"receivable_anticipation_credited.doc", "receivable_anticipation_debited.made"} {
		w.events++
		body, err := samples.Edit{
			Fresh: true, Counter: int64(21_000_000 + w.events), Account: "acc-1", Entity: map[string]string{"anticipation": id},
			Set: append([]string{
				"anticipation.anticipationDate=2026-08-09",
				"anticipation.value=308.01",
				"anticipation.fee=5.64",
				"anticipation.netValue=302.37",
				"anticipation.totalValue=310.00",
				fmt.Sprintf("dateCreated=2026-08-%02d 10:00:00", day-1+n),
			}, set...),
		}.Apply(samples.Event(sample))
		require.NoError(t, err)
		w.deliver(t, clinic, body)
	}
	w.apply(t, clinic)
}

func (w *world) keepUnmatched(t testing.TB, clinic domain.ClinicID) (list []ledger.Unmatched) {
	t.Helper()
	require.NoError(t, w.api.In(t.Context(), clinic, func(tx *tenants.Tx) (err error) {
		if list, err = ledger.UnmatchedLines(tx, "2026-01-01"); err != nil {
			return err
		}
		return ledger.KeepUnmatched(tx, list, w.now)
	}))
	return list
}

const lineDay = domain.Day("2026-08-10")

// The debit of an advance that the statement gave no id was booked beside the event's own debit.
func TestADebitOfAnAdvanceWithoutAnIDIsNotBookedTwice(t *testing.T) {
	for _, kind := range []string{"RECEIVABLE_ANTICIPATION_DEBIT", "CONTRACTUAL_EFFECT_SETTLEMENT"} {
		for _, order := range []string{"event first", "line first"} {
			t.Run(kind+" "+order, func(t *testing.T) {
				w, clinic := newLedgerWorld(t)
				line := domain.Line{ID: "ftn_1", Day: lineDay, Type: kind, Value: -308_01}
				if order == "line first" {
					w.read(t, clinic, line)
					require.Equal(t, []string{"statement_line ftn_1 "}, w.items(t, clinic), "nobody knows of which advance")
				}
				w.advance(t, clinic, "ant_1", 10)
				w.read(t, clinic, line)
				got := w.balances(t, clinic)
				require.Equal(t, map[domain.Account]domain.Money{
					domain.AccountAvailable: -5_64, domain.AccountAdvanceFee: 5_64,
				}, got)
				require.NotContains(t, w.items(t, clinic), "statement_line ftn_1 ")
				require.Zero(t, w.proof(t, clinic).Broken)
			})
		}
	}
}

func TestADebitThatMayBeOfTwoAdvancesIsAsked(t *testing.T) {
	w, clinic := newLedgerWorld(t)
	w.advance(t, clinic, "ant_1", 10)
	line := domain.Line{ID: "ftn_1", Day: lineDay, Type: "RECEIVABLE_ANTICIPATION_DEBIT", Value: -308_01}
	w.read(t, clinic, line)
	require.Empty(t, w.items(t, clinic))
	w.advance(t, clinic, "ant_2", 10) // of the same day and amount, and late
	w.read(t, clinic)
	require.Equal(t, []string{"statement_line ftn_1 "}, w.items(t, clinic), "what was matched is open again")
	require.Equal(t, domain.Money(308_01), w.balances(t, clinic)[domain.AccountSuspense])
	w.read(t, clinic, domain.Line{ID: "ftn_2", Day: lineDay, Type: "RECEIVABLE_ANTICIPATION_DEBIT", Value: -308_01})
	require.Equal(t, []string{"statement_line ftn_1 gone"}, w.items(t, clinic), "two lines, two advances")
	require.Zero(t, w.balances(t, clinic)[domain.AccountSuspense])
	require.Zero(t, w.proof(t, clinic).Broken)
}

// A plan's advance was debited whole by its first event.
func TestAPlansAdvanceIsDebitedInstalmentByInstalmentInWhateverFormTheyCome(t *testing.T) {
	for _, form := range []string{"named", "by payment", "nameless"} {
		t.Run(form, func(t *testing.T) {
			w, clinic := newLedgerWorld(t)
			plan := "d09c7898-42d2-4372-9e55-d3d90915ff46"
			w.advance(t, clinic, "ant_1", 10, "anticipation.installment="+plan, "anticipation.payment=null")
			require.Equal(t, domain.Money(-308_01), w.balances(t, clinic)[domain.AccountAdvance], "no line has told of a debit")
			require.Len(t, w.keepUnmatched(t, clinic), 1, "neither credit nor debit has a line")
			w.read(
				t,
				clinic,
				domain.Line{
					ID:           "ftn_0",
					Day:          "2026-08-09",
					Type:         "RECEIVABLE_ANTICIPATION_GROSS_CREDIT",
					Anticipation: "ant_1",
					Value:        308_01,
				},
				domain.Line{
					ID:           "ftn_9",
					Day:          "2026-08-09",
					Type:         "RECEIVABLE_ANTICIPATION_FEE",
					Anticipation: "ant_1",
					Value:        -5_64,
				},
			)
			for n, cents := range []int{102_67, 102_67, 102_67} {
				payment := fmt.Sprint("pay_", n)
				w.pay(
					t, clinic, "PAYMENT_RECEIVED", payment, fmt.Sprintf("dateCreated=2026-08-%02d 09:00:00", 10+n),
					fmt.Sprintf("payment.creditDate=2026-08-%02d", 10+n),
					fmt.Sprintf("payment.paymentDate=2026-08-%02d", 10+n), "payment.installment="+plan,
					fmt.Sprint("payment.installmentNumber=", n+1), "payment.value=104.66", "payment.netValue=102.67",
				)
				w.apply(t, clinic)
				line := domain.Line{
					ID:    fmt.Sprint("ftn_", n+1),
					Day:   domain.Day(fmt.Sprintf("2026-08-%02d", 10+n)),
					Type:  "RECEIVABLE_ANTICIPATION_DEBIT",
					Value: -domain.Money(cents),
				}
				switch form {
				case "named":
					line.Anticipation = "ant_1"
				case "by payment":
					line.Payment = payment
				}
				w.read(t, clinic, line)
				require.Equal(t, -domain.Money(308_01-102_67*(n+1)), w.balances(t, clinic)[domain.AccountAdvance])
			}
			require.Zero(t, w.balances(t, clinic)[domain.AccountSuspense])
			for _, u := range w.keepUnmatched(t, clinic) {
				require.NotEqual(t, "ant_1", u.ID)
			}
			require.NotContains(t, w.items(t, clinic), "statement_line ant_1 ")
			require.Zero(t, w.proof(t, clinic).Broken)
		})
	}
}

func TestTheMessagingFeeBesideThePixFeeIsAFee(t *testing.T) {
	w, clinic := newLedgerWorld(t, "payment_received_pix.real")
	before := w.balances(t, clinic)
	w.read(
		t,
		clinic,
		domain.Line{
			ID:      "ftn_1",
			Day:     "2026-08-08",
			Type:    "PAYMENT_MESSAGING_NOTIFICATION_FEE",
			Payment: "pay_3h08j28ezvwv7s4h",
			Value:   -99,
		},
	)
	after := w.balances(t, clinic)
	require.Equal(t, before[domain.AccountFee]+99, after[domain.AccountFee])
	require.Equal(t, before[domain.AccountAvailable]-99, after[domain.AccountAvailable])
	require.Empty(t, w.items(t, clinic))
}

// pay delivers an event of a payment that is like the captured Pix, but for what is set.
func (w *world) pay(t testing.TB, clinic domain.ClinicID, event, id string, set ...string) {
	t.Helper()
	w.events++
	body, err := samples.Edit{
		Fresh: true, Counter: int64(22_000_000 + w.events), Account: "acc-1", Entity: map[string]string{"payment": id},
		Set: append([]string{"event=" + event}, set...),
	}.Apply(samples.Event("payment_received_pix.real"))
	require.NoError(t, err)
	w.deliver(t, clinic, body)
}
