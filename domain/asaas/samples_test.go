package asaas_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// read returns the record of a sample, the way it takes through the door and the job.
func read(t testing.TB, sample string) domain.Record {
	t.Helper()
	body := samples.Event(sample)
	e := asaas.Peek(body)
	if e.Malformed != "" || e.Ambiguous != "" {
		t.Fatalf("%s: malformed %q, ambiguous %q", sample, e.Malformed, e.Ambiguous)
	}
	raw, texts, err := asaas.Extract(e.Kind, body)
	if err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	snapshot, flags, err := asaas.Decode(e.Kind, raw)
	if err != nil {
		t.Fatalf("%s: %v", sample, err)
	}
	key, id := asaas.EventKeyOf(domain.Sandbox, e.ID, body)
	return domain.Record{
		Key: key, ID: id, Type: domain.EventType(e.Event), At: e.Created,
		Snapshot: snapshot, Texts: texts, Flags: flags,
	}
}

// Expected ends of the payment samples, each alone. Money: value, net, refunded. Days:
// due, paid, paid by the payer, credited.
var invoices = []struct{ sample, status, raw, method, money, days, rest string }{
	{
		"payment_anticipated_boleto.made", "pending", "PENDING", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "anticipated",
	},
	{
		"payment_anticipated_credit_card.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - 2026-07-14 2026-08-17", "anticipated card=VISA/4444",
	},
	{
		"payment_approved_by_risk_analysis.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - 2026-07-14 2026-08-17", "card=VISA/4444",
	},
	{
		"payment_authorized.made", "authorized", "AUTHORIZED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - - -", "card=VISA/4444",
	},
	{
		"payment_awaiting_chargeback_reversal.made",
		"disputed",
		"AWAITING_CHARGEBACK_REVERSAL",
		"CREDIT_CARD",
		"100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17",
		"chargeback=REVERSED card=VISA/4444",
	},
	{
		"payment_awaiting_risk_analysis.made", "in_review", "AWAITING_RISK_ANALYSIS", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - - -", "card=VISA/4444",
	},
	{
		"payment_bank_slip_cancelled.made", "overdue", "OVERDUE", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_bank_slip_viewed.made", "pending", "PENDING", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_chargeback_dispute.made", "disputed", "CHARGEBACK_DISPUTE", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "chargeback=IN_DISPUTE card=VISA/4444",
	},
	{
		"payment_chargeback_requested.made", "disputed", "CHARGEBACK_REQUESTED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "chargeback=REQUESTED card=VISA/4444",
	},
	{
		"payment_chargeback_requested_before_credit.made",
		"disputed",
		"CHARGEBACK_REQUESTED",
		"CREDIT_CARD",
		"100.00 96.52 0.00",
		"2026-07-14 - 2026-07-14 2026-08-17",
		"chargeback=REQUESTED card=VISA/4444",
	},
	{
		"payment_checkout_viewed.made", "pending", "PENDING", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_checkout_viewed.real", "pending", "PENDING", "CREDIT_CARD", "159.48 154.23 0.00",
		"2026-06-15 - - -", "",
	},
	{
		"payment_confirmed_boleto.made", "confirmed", "CONFIRMED", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - 2026-07-21 2026-07-23", "",
	},
	{
		"payment_confirmed_credit_card.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - 2026-07-14 2026-08-17", "card=VISA/4444",
	},
	{
		"payment_confirmed_credit_card_checkout.real", "confirmed", "CONFIRMED", "CREDIT_CARD", "1300.00 1260.64 0.00",
		"2025-10-20 - 2025-10-20 2025-11-21", "card=MASTERCARD/4771",
	},
	{
		"payment_confirmed_credit_card_installment_1of2.real",
		"confirmed",
		"CONFIRMED",
		"CREDIT_CARD",
		"1252.07 1208.14 0.00",
		"2025-12-09 - 2025-11-29 2025-12-31",
		"part=1 card=VISA/4444",
	},
	{
		"payment_confirmed_credit_card_installment_1of3.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-07-24 - 2026-07-14 2026-08-17", "part=1 card=VISA/4444",
	},
	{
		"payment_confirmed_credit_card_installment_2of2.real",
		"confirmed",
		"CONFIRMED",
		"CREDIT_CARD",
		"1252.08 1208.15 0.00",
		"2026-01-09 - 2025-11-29 2026-02-02",
		"part=2 card=VISA/4444",
	},
	{
		"payment_confirmed_credit_card_installment_2of3.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-08-24 - 2026-07-14 2026-09-16", "part=2 card=VISA/4444",
	},
	{
		"payment_confirmed_credit_card_installment_3of3.made", "confirmed", "CONFIRMED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-09-24 - 2026-07-14 2026-10-19", "part=3 card=VISA/4444",
	},
	{
		"payment_created_boleto.real", "pending", "PENDING", "BOLETO", "42.23 41.24 0.00",
		"2024-11-09 - - -", "",
	},
	{
		"payment_created_boleto_installment.real", "pending", "PENDING", "BOLETO", "484.34 483.35 0.00",
		"2025-01-27 - - -", "part=3",
	},
	{
		"payment_created_credit_card.made", "pending", "PENDING", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - - -", "",
	},
	{
		"payment_created_credit_card_installment_1of2.real", "confirmed", "CONFIRMED", "CREDIT_CARD", "1252.07 1208.14 0.00",
		"2025-12-09 - 2025-11-29 2025-12-31", "part=1 card=VISA/4444",
	},
	{
		"payment_created_credit_card_installment_2of2.real", "confirmed", "CONFIRMED", "CREDIT_CARD", "1252.08 1208.15 0.00",
		"2026-01-09 - 2025-11-29 2026-02-02", "part=2 card=VISA/4444",
	},
	{
		"payment_created_pix.real", "pending", "PENDING", "PIX", "10.00 8.01 0.00",
		"2026-08-08 - - -", "",
	},
	{
		"payment_created_pix_subaccount.real", "pending", "PENDING", "PIX", "10.00 8.11 0.00",
		"2026-08-09 - - -", "",
	},
	{
		"payment_created_pix_unsolicited.made", "received", "RECEIVED", "PIX", "30.00 30.00 0.00",
		"2026-09-03 2026-09-03 2026-09-03 2026-09-03", "",
	},
	{
		"payment_created_undefined.real", "pending", "PENDING", "UNDEFINED", "10.00 8.01 0.00",
		"2026-08-08 - - -", "",
	},
	{
		"payment_credit_card_capture_refused.made", "pending", "PENDING", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - - -", "",
	},
	{
		"payment_deleted_boleto.real", "pending", "PENDING", "BOLETO", "81.99 80.00 0.00",
		"2026-11-20 - - -", "deleted",
	},
	{
		"payment_dunning_received.made", "collected", "DUNNING_RECEIVED", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 2026-08-20 2026-08-20 2026-08-20", "",
	},
	{
		"payment_dunning_requested.made", "in_collection", "DUNNING_REQUESTED", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_overdue_boleto.made", "overdue", "OVERDUE", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_overdue_boleto_subscription.real", "overdue", "OVERDUE", "BOLETO", "50.00 48.01 0.00",
		"2025-06-20 - - -", "",
	},
	{
		"payment_partially_refunded_pix.made", "received", "RECEIVED", "PIX", "100.00 98.01 40.00",
		"2026-07-19 2026-07-15 2026-07-15 2026-07-15", "",
	},
	{
		"payment_received_after_chargeback_won.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "chargeback=DONE card=VISA/4444",
	},
	{
		"payment_received_boleto.real", "received", "RECEIVED", "BOLETO", "42.23 41.24 0.00",
		"2024-11-09 2024-11-06 2024-11-06 2024-11-06", "",
	},
	{
		"payment_received_boleto_after_confirmed.made", "received", "RECEIVED", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 2026-07-23 2026-07-21 2026-07-23", "",
	},
	{
		"payment_received_boleto_late_with_fine.made", "received", "RECEIVED", "BOLETO", "357.35 355.36 0.00",
		"2026-07-24 2026-07-28 2026-07-28 2026-07-28", "",
	},
	{
		"payment_received_boleto_viewed.real", "received", "RECEIVED", "BOLETO", "10.00 8.01 0.00",
		"2026-08-10 2026-08-09 2026-08-09 2026-08-09", "",
	},
	{
		"payment_received_credit_card.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "card=VISA/4444",
	},
	{
		"payment_received_credit_card_anticipated.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "anticipated card=VISA/4444",
	},
	{
		"payment_received_credit_card_full.doc", "received", "RECEIVED", "CREDIT_CARD", "100.00 94.51 0.00",
		"2021-01-01 2021-01-01 2021-01-01 2021-02-01", "chargeback=REQUESTED splits=2 card=MASTERCARD/8829",
	},
	{
		"payment_received_credit_card_installment_1of3.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-07-24 2026-08-17 2026-07-14 2026-08-17", "part=1 card=VISA/4444",
	},
	{
		"payment_received_credit_card_installment_2of3.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-08-24 2026-09-16 2026-07-14 2026-09-16", "part=2 card=VISA/4444",
	},
	{
		"payment_received_credit_card_installment_3of3.made", "received", "RECEIVED", "CREDIT_CARD", "100.00 96.35 0.00",
		"2026-09-24 2026-10-19 2026-07-14 2026-10-19", "part=3 card=VISA/4444",
	},
	{
		"payment_received_in_cash.real", "received_in_cash", "RECEIVED_IN_CASH", "PIX", "3310.00 3310.00 0.00",
		"2026-07-30 - - -", "needs=undated",
	},
	{
		"payment_received_in_cash_full.made", "received_in_cash", "RECEIVED_IN_CASH", "PIX", "100.00 100.00 0.00",
		"2026-07-19 2026-07-20 2026-07-20 -", "",
	},
	{
		"payment_received_in_cash_undone.made", "pending", "PENDING", "PIX", "100.00 98.01 0.00",
		"2026-07-19 - - -", "",
	},
	{
		"payment_received_minimal.doc", "unknown", "", "", "- - 0.00",
		"- - - -", "needs=no_snapshot",
	},
	{
		"payment_received_pix.real", "received", "RECEIVED", "PIX", "10.00 8.01 0.00",
		"2026-08-08 2026-08-08 2026-08-08 2026-08-08", "",
	},
	{
		"payment_received_pix_extra_attributes.made", "received", "RECEIVED", "PIX", "10.00 8.01 0.00",
		"2026-08-08 2026-08-08 2026-08-08 2026-08-08", "",
	},
	{
		"payment_received_pix_unsolicited.made", "received", "RECEIVED", "PIX", "30.00 30.00 0.00",
		"2026-09-03 2026-09-03 2026-09-03 2026-09-03", "",
	},
	{
		"payment_received_pix_without_account.made", "received", "RECEIVED", "PIX", "10.00 8.01 0.00",
		"2026-08-08 2026-08-08 2026-08-08 2026-08-08", "",
	},
	{
		"payment_refund_denied_boleto.made", "received", "RECEIVED", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 2026-07-23 2026-07-21 2026-07-23", "",
	},
	{
		"payment_refund_in_progress_boleto.made", "refunding", "REFUND_IN_PROGRESS", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 2026-07-23 2026-07-21 2026-07-23", "",
	},
	{
		"payment_refunded_chargeback_lost.made", "refunded", "REFUNDED", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 2026-08-17 2026-07-14 2026-08-17", "chargeback=DISPUTE_LOST card=VISA/4444",
	},
	{
		"payment_refunded_credit_card.real", "refunded", "REFUNDED", "CREDIT_CARD", "6.75 6.13 6.75",
		"2025-12-19 - 2025-12-09 2026-01-12", "card=MASTERCARD/1973",
	},
	{
		"payment_refunded_credit_card_installment_1of2.real", "refunded", "REFUNDED", "CREDIT_CARD", "7.30 6.88 7.30",
		"2026-02-09 - 2026-01-30 2026-03-03", "part=1 card=MASTERCARD/1973",
	},
	{
		"payment_refunded_pix.real", "refunded", "REFUNDED", "PIX", "197.74 196.75 197.74",
		"2026-03-01 2026-02-19 2026-02-19 2026-02-19", "",
	},
	{
		"payment_reproved_by_risk_analysis.made", "pending", "PENDING", "CREDIT_CARD", "100.00 96.52 0.00",
		"2026-07-14 - - -", "",
	},
	{
		"payment_restored_boleto.made", "pending", "PENDING", "BOLETO", "350.00 348.01 0.00",
		"2026-07-24 - - -", "",
	},
	{
		"payment_split_cancelled.made", "received", "RECEIVED", "PIX", "100.00 98.01 0.00",
		"2026-07-19 2026-07-15 2026-07-15 2026-07-15", "splits=1",
	},
	{
		"payment_split_divergence_block.made", "received", "RECEIVED", "PIX", "100.00 98.01 0.00",
		"2026-07-19 2026-07-15 2026-07-15 2026-07-15", "splits=1",
	},
	{
		"payment_split_divergence_block_finished.made", "received", "RECEIVED", "PIX", "100.00 98.01 0.00",
		"2026-07-19 2026-07-15 2026-07-15 2026-07-15", "splits=1",
	},
	{
		"payment_split_done.made", "received", "RECEIVED", "PIX", "100.00 98.01 0.00",
		"2026-07-19 2026-07-15 2026-07-15 2026-07-15", "splits=1",
	},
	{
		"payment_updated_boleto.made", "pending", "PENDING", "BOLETO", "350.00 348.01 0.00",
		"2026-07-31 - - -", "",
	},
}

func TestEachPaymentSampleEndsAsItSays(t *testing.T) {
	for _, c := range invoices {
		t.Run(c.sample, func(t *testing.T) {
			i, _ := domain.FoldInvoice([]domain.Record{read(t, c.sample)})
			compare(t, "status", string(i.Status), c.status)
			compare(t, "raw status", i.RawStatus, c.raw)
			compare(t, "method", i.Method, c.method)
			compare(
				t,
				"money",
				strings.Join([]string{amount(i.Value), amount(i.NetValue), i.RefundedAmount.String()}, " "),
				c.money,
			)
			compare(t, "days", days(i.DueDate, i.PaymentDate, i.ClientPaymentDate, i.CreditDate), c.days)
			compare(t, "rest", rest(i), c.rest)
		})
	}
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func amount(m domain.Opt[domain.Money]) string {
	if v, ok := m.Get(); ok {
		return v.String()
	}
	return "-"
}

func days(all ...domain.Day) string {
	words := make([]string, len(all))
	for i, d := range all {
		if words[i] = string(d); d == "" {
			words[i] = "-"
		}
	}
	return strings.Join(words, " ")
}

func rest(i domain.Invoice) string {
	var words []string
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(i.Deleted, "deleted")
	add(i.Anticipated, "anticipated")
	add(i.Chargeback.Set, "chargeback=%s", i.Chargeback.V.Status)
	add(len(i.Split) > 0, "splits=%d", len(i.Split))
	add(i.InstallmentNumber.Set, "part=%d", i.InstallmentNumber.V)
	add(i.CardBrand != "", "card=%s/%s", i.CardBrand, i.CardLast4)
	add(i.NeedsTruth != "", "needs=%s", i.NeedsTruth)
	return strings.Join(words, " ")
}

// Expected ends of the checkout samples, each alone.
var checkouts = []struct {
	sample, status, billing, charge, total string
	minutes, items, installments           int
	plan                                   domain.CheckoutSubscription
}{
	{
		"checkout_created_recurrent.doc", "active", "MUNDIPAGG_CIELO", "RECURRENT", "400.00", 10, 2, 0,
		domain.CheckoutSubscription{Cycle: "MONTHLY", NextDueDate: "2024-10-31", EndDate: "2025-10-29"},
	},
	{
		"checkout_created_detached.made",
		"active",
		"CREDIT_CARD PIX",
		"DETACHED",
		"100.00",
		60,
		1,
		0,
		domain.CheckoutSubscription{},
	},
	{
		"checkout_created_installment.made",
		"active",
		"CREDIT_CARD",
		"INSTALLMENT",
		"100.00",
		60,
		1,
		3,
		domain.CheckoutSubscription{},
	},
	{"checkout_canceled.made", "canceled", "PIX", "DETACHED", "100.00", 60, 1, 0, domain.CheckoutSubscription{}},
	{"checkout_expired.made", "expired", "PIX", "DETACHED", "100.00", 60, 1, 0, domain.CheckoutSubscription{}},
	{"checkout_paid_pix.real", "paid", "PIX", "DETACHED", "100.00", 1440, 1, 0, domain.CheckoutSubscription{}},
	{
		"checkout_paid_credit_card_installment.made",
		"paid",
		"CREDIT_CARD",
		"INSTALLMENT",
		"100.00",
		60,
		1,
		3,
		domain.CheckoutSubscription{},
	},
	{
		"checkout_paid_recurrent.made", "paid", "CREDIT_CARD", "RECURRENT", "100.00", 60, 1, 0,
		domain.CheckoutSubscription{Cycle: "MONTHLY", NextDueDate: "2026-07-14", EndDate: "2027-07-14"},
	},
}

func TestEachCheckoutSampleEndsAsItSays(t *testing.T) {
	for _, c := range checkouts {
		t.Run(c.sample, func(t *testing.T) {
			got, anomalies := domain.FoldCheckout([]domain.Record{read(t, c.sample)})
			compare(t, "status", string(got.Status), c.status)
			compare(t, "raw status", got.RawStatus, strings.ToUpper(c.status))
			compare(t, "billing types", strings.Join(got.BillingTypes, " "), c.billing)
			compare(t, "charge types", strings.Join(got.ChargeTypes, " "), c.charge)
			compare(t, "total", amount(got.Total), c.total)
			if got.MinutesToExpire.V != c.minutes || len(got.Items) != c.items || got.MaxInstallments.V != c.installments ||
				got.Subscription.V != c.plan {
				t.Errorf("got %+v", got)
			}
			if len(anomalies) > 0 {
				t.Errorf("anomalies %v", anomalies)
			}
		})
	}
}

func TestASplitIsAFixedAmountOrAPercentage(t *testing.T) {
	c, _ := domain.FoldCheckout([]domain.Record{read(t, "checkout_created_recurrent.doc")})
	const wallet = "c1ad713f-77fc-45b0-b734-b2ff9970d6d8"
	want := []domain.Split{
		{Wallet: wallet, Fixed: domain.Some(domain.Money(200))},
		{Wallet: wallet, Fixed: domain.Null[domain.Money](), Percent: "2"},
	}
	if !slices.Equal(c.Split, want) {
		t.Errorf("splits %+v", c.Split)
	}
	compare(t, "customer", c.Customer, "cus_000000018936")
	compare(t, "flags", strings.Join(c.Flags, " "), "")
}

// Expected ends of the anticipation samples, each alone. Money: total, value, fee, net.
var anticipations = []struct{ sample, status, link, money, days string }{
	{
		"receivable_anticipation_pending.made",
		"pending",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_scheduled.made",
		"scheduled",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_credited.doc",
		"credited",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_credited_old.doc",
		"credited",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_credited_installment.made",
		"credited",
		"/d09c7898-42d2-4372-9e55-d3d90915ff46",
		"300.00 289.05 12.47 276.58",
		"2026-07-16 2026-10-19 2026-07-16",
	},
	{
		"receivable_anticipation_debited.made",
		"debited",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_denied.made",
		"denied",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_cancelled.made",
		"cancelled",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
	{
		"receivable_anticipation_overdue.made",
		"overdue",
		"pay_4310966350068380/",
		"310.00 308.01 5.64 302.37",
		"2022-09-19 2022-09-30 2022-09-19",
	},
}

func TestEachAnticipationSampleEndsAsItSays(t *testing.T) {
	for _, c := range anticipations {
		t.Run(c.sample, func(t *testing.T) {
			a, anomalies := domain.FoldAnticipation([]domain.Record{read(t, c.sample)})
			compare(t, "status", string(a.Status), c.status)
			compare(t, "raw status", a.RawStatus, strings.ToUpper(c.status))
			compare(t, "link", a.Payment+"/"+a.Installment, c.link)
			compare(
				t,
				"money",
				strings.Join([]string{amount(a.TotalValue), amount(a.Value), amount(a.Fee), amount(a.NetValue)}, " "),
				c.money,
			)
			compare(t, "days", days(a.AnticipationDate, a.DueDate, a.RequestDate), c.days)
			money := c.status == "credited" || c.status == "debited"
			if len(anomalies) > 0 || a.NeedsConfirmation() != money {
				t.Errorf("anomalies %v, needs confirmation %t", anomalies, a.NeedsConfirmation())
			}
		})
	}
}

func TestDenialIsAmongTheTextsOnly(t *testing.T) {
	body := samples.Event("receivable_anticipation_denied.made")
	record, texts, err := asaas.Extract(domain.KindAnticipation, body)
	if err != nil || strings.Contains(string(record), "insuficiente") ||
		string(texts) != `{"denialObservation":"Documentação insuficiente"}` {
		t.Errorf("record %s\ntexts %s\n%v", record, texts, err)
	}
}

func TestNoRecordHasNamesTokensOrAddresses(t *testing.T) {
	for _, name := range samples.Names() {
		e := asaas.Peek(samples.Event(name))
		if e.Kind == domain.KindOther {
			continue
		}
		record, texts, err := asaas.Extract(e.Kind, samples.Event(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, word := range []string{"http", "escription", "creditCardToken", "\"name\"", "customerData"} {
			if strings.Contains(string(record), word) {
				t.Errorf("%s: the record has %q: %s", name, word, record)
			}
		}
		if strings.Contains(string(texts), "oken") {
			t.Errorf("%s: the texts have the card token", name)
		}
	}
}

func TestEverySampleHasAnEnvelope(t *testing.T) {
	for _, name := range samples.Names() {
		e := asaas.Peek(samples.Event(name))
		if e.Malformed != "" || e.Ambiguous != "" || e.Event == "" {
			t.Errorf("%s: %+v", name, e)
		}
		if folded := e.Kind != domain.KindOther; folded != (e.Entity != "") {
			t.Errorf("%s: kind %q, entity %q", name, e.Kind, e.Entity)
		}
		if name != "unknown_event_future.made" && !asaas.Known(e.Event) {
			t.Errorf("%s: %s is not known", name, e.Event)
		}
	}
}

func TestEachNameOfTheCatalogueHasASample(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range samples.Names() {
		seen[asaas.Peek(samples.Event(name)).Event] = true
	}
	for _, name := range asaas.Events() {
		if !seen[name] && name != "TRANSFER_DONE" { // the only one that nobody published
			t.Errorf("no sample of %s", name)
		}
		if asaas.KindOf(asaas.FamilyOf(name)) != domain.KindOther && !domain.KnownType(domain.EventType(name)) {
			t.Errorf("the fold does not know %s", name)
		}
	}
}

func TestEventIDIsTheDigestOfTheNameAndTheCounter(t *testing.T) {
	compare(t, "id", asaas.EventID("PAYMENT_CREATED", 17), "evt_05b708f961d739ea7eba7e4db318f621&17")
	compare(
		t,
		"id",
		asaas.EventID("PAYMENT_REFUNDED", 1228254793),
		asaas.Peek(samples.Event("payment_refunded_pix.real")).ID,
	)
}

func TestMisdatedIsMoreThanTenMinutesAheadOfReceipt(t *testing.T) {
	received := time.Date(2026, 7, 14, 12, 0, 0, 0, time.UTC) // 09:00 in São Paulo
	for created, want := range map[domain.LocalTime]bool{
		"2026-07-14 09:00:00": false, "2026-07-14 09:10:00": false, "2026-07-14 09:10:01": true,
		"2026-07-14 12:00:00": true, "2020-01-01 00:00:00": false, "": false,
	} {
		if got := asaas.Misdated(created, received); got != want {
			t.Errorf("%q: %t, want %t", created, got, want)
		}
	}
	compare(t, "local time", string(asaas.LocalTimeOf(received)), "2026-07-14 09:00:00")
}

// Real deliveries of one charge each, told backwards and with a repeat.
func TestRealDeliveriesOfOneChargeMayComeInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		samples []string
		want    string
	}{
		{[]string{"payment_received_pix.real", "payment_created_pix.real"}, "received 10.00 8.01 2026-08-08"},
		{[]string{"payment_received_boleto.real", "payment_created_boleto.real"}, "received 42.23 41.24 2024-11-06"},
		{
			[]string{"payment_confirmed_credit_card_installment_1of2.real", "payment_created_credit_card_installment_1of2.real"},
			"confirmed 1252.07 1208.14 2025-12-31",
		},
		{[]string{"payment_received_in_cash_undone.made", "payment_received_in_cash_full.made"}, "pending 100.00 98.01 "},
	} {
		var history []domain.Record
		for _, s := range append(c.samples, c.samples[0]) {
			history = append(history, read(t, s))
		}
		i, anomalies := domain.FoldInvoice(history)
		compare(
			t,
			c.samples[0],
			fmt.Sprintf("%s %s %s %s", i.Status, amount(i.Value), amount(i.NetValue), i.CreditDate),
			c.want,
		)
		if len(anomalies) > 0 {
			t.Errorf("%s: %v", c.samples[0], anomalies)
		}
	}
}
