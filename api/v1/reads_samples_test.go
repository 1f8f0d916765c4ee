package v1_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/samples"
)

// as is how a gateway's value stands in our answer.
type as func(t *testing.T, v any) any

func same(_ *testing.T, v any) any { return v }

func lower(_ *testing.T, v any) any { return strings.ToLower(v.(string)) }

// cents writes reais as centavos, by their decimal text.
func cents(t *testing.T, v any) any {
	m, err := domain.ParseMoney(v.(json.Number).String())
	require.NoError(t, err)
	return json.Number(strconv.FormatInt(int64(m), 10))
}

func decimal(_ *testing.T, v any) any { return v.(json.Number).String() }

func whole(_ *testing.T, v any) any {
	return json.Number(strings.TrimSuffix(v.(json.Number).String(), ".0"))
}

func theDay(_ *testing.T, v any) any { return v.(string)[:10] }

// utc writes a gateway's time, with a zone or São Paulo's, as ours.
func utc(t *testing.T, v any) any {
	at, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		at, err = time.ParseInLocation("2006-01-02 15:04:05", v.(string), asaas.SaoPaulo)
	}
	require.NoError(t, err)
	return at.UTC().Format(time.RFC3339)
}

type place struct {
	path string // of our answer; # is a place in a list
	as   as
}

// places is where every member of the gateway's three objects is read. "" is left out on
// purpose.
var places = map[string]place{
	"id": {
		"asaasId",
		same,
	},
	"status":      {"asaasStatus", same},
	"billingType": {"method", lower},
	"dateCreated": {"createdOn", theDay},
	"value": {
		"value.amountCents",
		cents,
	},
	"netValue":      {"netValue.amountCents", cents},
	"originalValue": {"originalValue.amountCents", cents},
	"interestValue": {"interestValue.amountCents", cents},
	"grossValue":    {"grossValue.amountCents", cents},
	"pixQrCodeId": {
		"pixQrCode",
		same,
	},
	"canBePaidAfterDueDate":                      {"payableAfterDue", same},
	"daysAfterDueDateToRegistrationCancellation": {"slipDaysAfterDue", same},
	"lastInvoiceViewedDate":                      {"invoiceViewedAt", utc},
	"lastBankSlipViewedDate":                     {"bankSlipViewedAt", utc},
	"creditCard.creditCardNumber": {
		"card.last4",
		same,
	},
	"creditCard.creditCardBrand": {"card.brand", same},
	"creditCard.creditCardToken": {},
	"discount.type": {
		"discount.type",
		same,
	},
	"discount.dueDateLimitDays": {"discount.days", whole},
	"discount.limitDate":        {"discount.limitDay", theDay},
	"discount.limitedDate":      {"discount.limitDay", theDay},
	"fine.type":                 {"fine.type", same},
	"interest.type":             {"interest.type", same},
	"discount.value":            {},
	"fine.value":                {},
	"interest.value":            {}, // TestAReductionIsAnAmountOrAPercentage
	"split.#.walletId": {
		"split.#.walletId",
		same,
	},
	"split.#.fixedValue":      {"split.#.fixed.amountCents", cents},
	"split.#.percentualValue": {"split.#.percent", decimal},
	"split.#.totalValue": {
		"split.#.total.amountCents",
		cents,
	},
	"split.#.totalFixedValue": {"split.#.total.amountCents", cents},
	"refunds.#.dateCreated":   {"refunds.#.createdAt", utc},
	"refunds.#.effectiveDate": {"refunds.#.effectiveAt", utc},
	"refunds.#.value": {
		"refunds.#.value.amountCents",
		cents,
	},
	"refunds.#.endToEndIdentifier": {"refunds.#.endToEndId", same},
	"chargeback.value": {
		"chargeback.value.amountCents",
		cents,
	},
	"chargeback.disputeStartDate":               {"chargeback.disputeStart", theDay},
	"chargeback.deadlineToSendDisputeDocuments": {"chargeback.deadline", theDay},
	"escrow.expirationDate":                     {"escrow.expires", theDay},
	"escrow.finishDate":                         {"escrow.finished", theDay},
	"items.#.value":                             {"items.#.value.amountCents", cents},
	"installment.maxInstallmentCount":           {"maxInstallments", same},
	"subscription.nextDueDate": {
		"subscription.nextDueDate",
		theDay,
	},
	"subscription.endDate":       {"subscription.endDate", theDay},
	"anticipationDays":           {"days", same},
	"totalValue":                 {"totalValue.amountCents", cents},
	"fee":                        {"fee.amountCents", cents},
	"object":                     {},
	"brandNewAttribute.nested.#": {},
	"brandNewAttribute":          {},
}

// sameName are members that keep their name and value.
var sameName = regexp.MustCompile(
	`^(customer|subscription|installment|checkoutSession|paymentLink|payment|description|` +
		`externalReference|invoiceNumber|invoiceUrl|bankSlipUrl|transactionReceiptUrl|` +
		`nossoNumero|pixTransaction|installmentNumber|` +
		`(confirmed|payment|clientPayment|credit|estimatedCredit|anticipation|request)Date|(originalD|d)ueDate|` +
		`deleted|anticipated|anticipable|postalService|` +
		`(split|refunds|items)\.#\.(id|status|description|externalReference|cancellationReason|` +
		`refusalReason|transactionReceiptUrl|name|quantity)|` +
		`chargeback\.(id|status|reason|disputeStatus|paymentDate)|escrow\.(id|status|finishReason)|` +
		`minutesToExpire|(billing|charge)Types\.#|callback\.(success|cancel|expired)Url|subscription\.cycle|` +
		`customerData\.[a-zA-Z]+|denialObservation|link)$`,
)

var index = regexp.MustCompile(`\.\d+`)

// flat returns the leaves of a document by path.
func flat(path string, v any, into map[string]any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			flat(strings.TrimPrefix(path+"."+key, "."), e, into)
		}
	case []any:
		for i, e := range v {
			flat(path+"."+strconv.Itoa(i), e, into)
		}
	case nil:
	default:
		into[path] = v
	}
	return into
}

func decoded(t *testing.T, text []byte) (v map[string]any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v))
	return v
}

func TestEveryMemberOfEverySampleIsReadBack(t *testing.T) {
	w := newReadWorld(t)
	nouns := map[string]string{"payment": "/invoices/", "checkout": "/checkouts/", "anticipation": "/anticipations/"}
	count, members := 0, 0
	for _, name := range samples.Names() {
		body := samples.Event(name)
		kind := string(asaas.Peek(body).Kind)
		if nouns[kind] == "" {
			continue
		}
		c := w.clinic(t, name)
		w.deliver(t, c, body)
		object := decoded(t, body)[kind]
		told := flat("", object, map[string]any{})
		shown := flat("", decoded(t, []byte(w.as(t, c, "admin").ok(nouns[kind]+told["id"].(string)).text)), map[string]any{})
		count++
		for path, v := range told {
			to := placeOf(t, name, path)
			if to.path == "" {
				continue
			}
			members++
			require.Equal(t, to.as(t, v), shown[to.path], "%s: %s", name, path)
		}
	}
	require.Greater(t, count, 60)
	require.Greater(t, members, 1500)
}

// placeOf returns where a member is read; a member that is nowhere fails the test.
func placeOf(t *testing.T, sample, path string) place {
	t.Helper()
	general := index.ReplaceAllString(path, ".#")
	to, known := places[general]
	switch {
	case known:
	case sameName.MatchString(general):
		to = place{general, same}
	default:
		t.Fatalf("%s: %s is read nowhere", sample, path)
	}
	for _, at := range index.FindAllString(path, -1) {
		to.path = strings.Replace(to.path, ".#", at, 1)
	}
	return to
}

func TestAReductionIsAnAmountOrAPercentage(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, edited("payment_received_boleto_late_with_fine.made", `"value": 2,
      "type": "PERCENTAGE"`, `"value": 2.50,
      "type": "FIXED"`))
	i := w.as(t, c, "reader").ok("/invoices").data()[0]
	require.Equal(
		t,
		map[string]any{"type": "PERCENTAGE", "amount": nil, "percent": "5", "days": 0.0, "limitDay": nil},
		i["discount"],
	)
	require.Equal(
		t,
		map[string]any{"type": "FIXED", "amount": map[string]any{"amountCents": 250.0, "currency": "BRL"}, "percent": nil},
		i["fine"],
	)
	require.Equal(t, map[string]any{"type": "PERCENTAGE", "amount": nil, "percent": "1"}, i["interest"])
}
