package tenants_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
	"patapay/tenants"
	"patapay/tenants/query"
)

// ends is where each published or made sample, alone in a fresh clinic, leaves its entity:
// status and value (of an anticipation: net of the charge's fee), by hand.
var ends = map[string]string{
	"account_identification_changelog.made":               "unknown -", // names a payment and shows nothing of it
	"payment_anticipated_boleto.made":                     "pending 350.00",
	"payment_anticipated_credit_card.made":                "confirmed 100.00",
	"payment_approved_by_risk_analysis.made":              "confirmed 100.00",
	"payment_authorized.made":                             "authorized 100.00",
	"payment_awaiting_chargeback_reversal.made":           "disputed 100.00",
	"payment_awaiting_risk_analysis.made":                 "in_review 100.00",
	"payment_bank_slip_cancelled.made":                    "overdue 350.00",
	"payment_bank_slip_viewed.made":                       "pending 350.00",
	"payment_chargeback_dispute.made":                     "disputed 100.00",
	"payment_chargeback_requested.made":                   "disputed 100.00",
	"payment_chargeback_requested_before_credit.made":     "disputed 100.00",
	"payment_checkout_viewed.made":                        "pending 350.00",
	"payment_checkout_viewed.real":                        "pending 159.48",
	"payment_confirmed_boleto.made":                       "confirmed 350.00",
	"payment_confirmed_credit_card.made":                  "confirmed 100.00",
	"payment_confirmed_credit_card_checkout.real":         "confirmed 1300.00",
	"payment_confirmed_credit_card_installment_1of2.real": "confirmed 1252.07",
	"payment_confirmed_credit_card_installment_1of3.made": "confirmed 100.00",
	"payment_confirmed_credit_card_installment_2of2.real": "confirmed 1252.08",
	"payment_confirmed_credit_card_installment_2of3.made": "confirmed 100.00",
	"payment_confirmed_credit_card_installment_3of3.made": "confirmed 100.00",
	"payment_created_boleto.real":                         "pending 42.23",
	"payment_created_boleto_installment.real":             "pending 484.34",
	"payment_created_credit_card.made":                    "pending 100.00",
	"payment_created_credit_card_installment_1of2.real":   "confirmed 1252.07",
	"payment_created_credit_card_installment_2of2.real":   "confirmed 1252.08",
	"payment_created_pix.real":                            "pending 10.00",
	"payment_created_pix_subaccount.real":                 "pending 10.00",
	"payment_created_pix_unsolicited.made":                "received 30.00",
	"payment_created_undefined.real":                      "pending 10.00",
	"payment_credit_card_capture_refused.made":            "pending 100.00",
	"payment_deleted_boleto.real":                         "pending 81.99",
	"payment_dunning_received.made":                       "collected 350.00",
	"payment_dunning_requested.made":                      "in_collection 350.00",
	"payment_overdue_boleto.made":                         "overdue 350.00",
	"payment_overdue_boleto_subscription.real":            "overdue 50.00",
	"payment_partially_refunded_pix.made":                 "received 100.00",
	"payment_received_after_chargeback_won.made":          "received 100.00",
	"payment_received_boleto.real":                        "received 42.23",
	"payment_received_boleto_after_confirmed.made":        "received 350.00",
	"payment_received_boleto_late_with_fine.made":         "received 357.35",
	"payment_received_boleto_viewed.real":                 "received 10.00",
	"payment_received_credit_card.made":                   "received 100.00",
	"payment_received_credit_card_anticipated.made":       "received 100.00",
	"payment_received_credit_card_full.doc":               "received 100.00",
	"payment_received_credit_card_installment_1of3.made":  "received 100.00",
	"payment_received_credit_card_installment_2of3.made":  "received 100.00",
	"payment_received_credit_card_installment_3of3.made":  "received 100.00",
	"payment_received_in_cash.real":                       "received_in_cash 3310.00",
	"payment_received_in_cash_full.made":                  "received_in_cash 100.00",
	"payment_received_in_cash_undone.made":                "pending 100.00",
	"payment_received_minimal.doc":                        "unknown -",
	"payment_received_pix.real":                           "received 10.00",
	"payment_received_pix_extra_attributes.made":          "received 10.00",
	"payment_received_pix_unsolicited.made":               "received 30.00",
	"payment_received_pix_without_account.made":           "received 10.00",
	"payment_refund_denied_boleto.made":                   "received 350.00",
	"payment_refund_in_progress_boleto.made":              "refunding 350.00",
	"payment_refunded_chargeback_lost.made":               "refunded 100.00",
	"payment_refunded_credit_card.real":                   "refunded 6.75",
	"payment_refunded_credit_card_installment_1of2.real":  "refunded 7.30",
	"payment_refunded_pix.real":                           "refunded 197.74",
	"payment_reproved_by_risk_analysis.made":              "pending 100.00",
	"payment_restored_boleto.made":                        "pending 350.00",
	"payment_split_cancelled.made":                        "received 100.00",
	"payment_split_divergence_block.made":                 "received 100.00",
	"payment_split_divergence_block_finished.made":        "received 100.00",
	"payment_split_done.made":                             "received 100.00",
	"payment_updated_boleto.made":                         "pending 350.00",
	"checkout_created_recurrent.doc":                      "active 400.00",
	"checkout_created_detached.made":                      "active 100.00",
	"checkout_created_installment.made":                   "active 100.00",
	"checkout_canceled.made":                              "canceled 100.00",
	"checkout_expired.made":                               "expired 100.00",
	"checkout_paid_pix.real":                              "paid 100.00",
	"checkout_paid_credit_card_installment.made":          "paid 100.00",
	"checkout_paid_recurrent.made":                        "paid 100.00",
	"receivable_anticipation_pending.made":                "pending 308.01",
	"receivable_anticipation_scheduled.made":              "scheduled 308.01",
	"receivable_anticipation_credited.doc":                "credited 308.01",
	"receivable_anticipation_credited_old.doc":            "credited 308.01",
	"receivable_anticipation_credited_installment.made":   "credited 289.05",
	"receivable_anticipation_debited.made":                "debited 308.01",
	"receivable_anticipation_denied.made":                 "denied 308.01",
	"receivable_anticipation_cancelled.made":              "cancelled 308.01",
	"receivable_anticipation_overdue.made":                "overdue 308.01",
}

// outcomes are the samples that do not end "applied", by hand. Samples of families that
// are not folded end "no_effect other_family".
var outcomes = map[string]string{
	"account_identification_changelog.made": "no_effect no_snapshot",
	"payment_received_minimal.doc":          "no_effect no_snapshot",
	"payment_received_in_cash.real":         "applied undated",
	"unknown_event_future.made":             "no_effect unknown_type",
}

// forms are the ways in which a sample may come.
var forms = map[string]func(body []byte, account string, rng *rand.Rand) []byte{
	"of its clinic's account": named,
	"without account": func(body []byte, _ string, _ *rand.Rand) []byte {
		return accountMember.ReplaceAll(body, nil)
	},
	"with ten unknown attributes": func(body []byte, account string, rng *rand.Rand) []byte {
		body = named(body, account, rng)
		for range 10 {
			body = grown(body, rng)
		}
		return body
	},
}

var accountMember = regexp.MustCompile(`"account"\s*:\s*\{[^}]*\}\s*,`)

func named(body []byte, account string, _ *rand.Rand) []byte {
	out, err := samples.Edit{Account: account}.Apply(body)
	if err != nil {
		panic(err)
	}
	return out
}

// grown puts a member that nobody has documented into one of the body's objects.
func grown(body []byte, rng *rand.Rand) []byte {
	var places []int
	for i, c := range body {
		if rest := bytes.TrimSpace(body[i+1:]); c == '{' && len(rest) > 0 && rest[0] == '"' {
			places = append(places, i+1)
		}
	}
	at := places[rng.IntN(len(places))]
	member := fmt.Sprintf(`"brandNew%d":[1,{"nested":null},"x"],`, rng.IntN(1e9))
	return append(append(append([]byte{}, body[:at]...), member...), body[at:]...)
}

func TestEverySampleEndsAsTheTablesSayInAnyForm(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(ends), 80)
	w := newWorld(t)
	for form, change := range forms {
		var group sync.WaitGroup
		slots := make(chan struct{}, 4)
		for i, name := range samples.Names() {
			slots <- struct{}{}
			group.Go(func() {
				defer func() { <-slots }()
				account := fmt.Sprintf("%s %s", form, name)
				body := change(samples.Event(name), account, rand.New(rand.NewPCG(7, uint64(i))))
				if got, want := w.alone(t, account, body), expected(name); got != want {
					t.Errorf("%s %s: %q, want %q\n%s", name, form, got, want, body)
				}
			})
		}
		group.Wait()
	}
}

// expected joins the tables' words on a sample: outcome, reason, status and value.
func expected(name string) string {
	words := []string{"applied"}
	event := samples.EventName(name)
	if asaas.Known(event) && asaas.KindOf(asaas.FamilyOf(event)) == domain.KindOther {
		words[0] = "no_effect other_family"
	}
	if o, ok := outcomes[name]; ok {
		words[0] = o
	}
	if end, ok := ends[name]; ok {
		words = append(words, end)
	}
	return strings.Join(words, " ")
}

// alone delivers body to a fresh clinic and tells what became of it.
func (w *world) alone(t *testing.T, account string, body []byte) string {
	clinic := w.clinic(t, account, account)
	w.deliver(t, clinic, body)
	w.apply(t, clinic)
	env := asaas.Peek(body)
	var outcome string
	if err := w.all.QueryRow(
		t.Context(),
		`SELECT trim(outcome || ' ' || reason) FROM events WHERE clinic_id = $1`,
		clinic,
	).Scan(&outcome); err != nil {
		return err.Error()
	}
	end, err := w.end(t, clinic, env.Kind, env.Entity)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(outcome + " " + end)
}

// end returns status and value of a projection, "" for a kind that has none.
func (w *world) end(t *testing.T, clinic domain.ClinicID, kind domain.Kind, id string) (end string, err error) {
	err = w.api.In(t.Context(), clinic, func(tx *tenants.Tx) error {
		switch kind {
		case domain.KindPayment:
			i, err := query.InvoiceByAsaasID(tx, id)
			end = fmt.Sprint(i.Value.Status, " ", amount(i.Value.Value))
			return err
		case domain.KindCheckout:
			c, err := query.CheckoutByAsaasID(tx, id)
			end = fmt.Sprint(c.Value.Status, " ", amount(c.Value.Total))
			return err
		case domain.KindAnticipation:
			a, err := query.AnticipationByAsaasID(tx, id)
			end = fmt.Sprint(a.Value.Status, " ", amount(a.Value.Value))
			return err
		}
		return nil
	})
	return end, err
}

func amount(m domain.Opt[domain.Money]) string {
	if v, ok := m.Get(); ok {
		return v.String()
	}
	return "-"
}
