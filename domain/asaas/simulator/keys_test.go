package simulator

import (
	"maps"
	"slices"
	"testing"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
)

// excused are the keys by which a payload of the simulator may differ from the newest
// sample of its event and method, and why. One that no payload needs any more fails the test.
// A sign tells whether the payload has a key too many (+) or too few (-).
var excused = map[string]string{
	"+account":                 captured25,
	"+account.id":              captured25,
	"+account.ownerId":         captured25,
	"+payment.checkoutSession": captured24,
	"+payment.escrow":          captured24,
	"-payment.custody":         captured24,
	"+payment.discount.limitDate": "the documentation spells it limitedDate, " +
		"every capture limitDate",
	"-payment.discount.limitedDate": "… its other half",
	"+checkout.externalReference": "in the capture of CHECKOUT_PAID, " +
		"later than the documented CREATED",
	"-payment.installment":          relation,
	"-payment.subscription":         relation,
	"+payment.subscription":         relation,
	"+payment.chargeback":           relation,
	"+payment.chargeback.status":    relation,
	"+payment.chargeback.reason":    relation,
	"-payment.chargeback":           relation,
	"-payment.chargeback.status":    relation,
	"-payment.chargeback.reason":    relation,
	"+subscription.checkoutSession": "seen in one capture of a recurrent checkout",
	"+payment.confirmedDate": "an unsolicited Pix is born paid; " +
		"the capture is of a charge to come",
	"-payment.pixQrCodeId": "the capture was paid by its QR code, " +
		"these by key or on a page",
	"+payment.daysAfterDueDateToRegistrationCancellation": setting,
	"+payment.creditCard.creditCardToken":                 "tokens are a setting of the account",
	"-payment.creditCard.creditCardToken":                 "an unpaid card has null members, no token",
	"+payment.pixQrCodeId":                                "the made sample stands for a Pix without QR code",
	"-payment.refunds.value":                              "a lost dispute is REFUNDED without a refund",
	"-payment.refunds.status":                             "…",
	"-payment.refunds.dateCreated":                        "…",
	"-payment.refunds.transactionReceiptUrl":              "…",
	"-payment.refunds.refundedSplits":                     "…",
	"-payment.refunds.endToEndIdentifier":                 "…",
	"-payment.refunds.description":                        "…",
	"-payment.split":                                      noSplits,
	"-payment.split.id":                                   noSplits,
	"-payment.split.walletId":                             noSplits,
	"-payment.split.status":                               noSplits,
	"-payment.split.refusalReason":                        noSplits,
	"-payment.split.fixedValue":                           noSplits,
	"-payment.split.externalReference":                    noSplits,
	"-payment.split.description":                          noSplits,
	"+payment.split":                                      noSplits,
	"+payment.split.id":                                   noSplits,
	"+payment.split.walletId":                             noSplits,
	"+payment.split.status":                               noSplits,
	"+payment.split.fixedValue":                           noSplits,
	"+payment.split.externalReference":                    noSplits,
	"+payment.split.description":                          noSplits,
	"+payment.split.percentualValue":                      noSplits,
	"+payment.split.totalValue":                           noSplits,
	"+payment.split.cancellationReason":                   noSplits,
	"-checkout.split.walletId":                            noSplits,
	"-checkout.split.totalFixedValue":                     noSplits,
	"-checkout.split.percentualValue":                     noSplits,
	"-checkout.split.fixedValue":                          noSplits,
	"-subscription.split.walletId":                        noSplits,
	"-subscription.split.percentualValue":                 noSplits,
	"-subscription.split.fixedValue":                      noSplits,
	"-subscription.split.externalReference":               noSplits,
	"-subscription.split.description":                     noSplits,
	"-checkout.subscription.cycle":                        renewal,
	"-checkout.subscription.nextDueDate":                  renewal,
	"-checkout.subscription.endDate":                      renewal,
	"+checkout.subscription.cycle":                        renewal,
	"+checkout.subscription.nextDueDate":                  renewal,
	"+checkout.subscription.endDate":                      renewal,
}

const (
	captured25 = "the newest capture is older than January 2026, when envelopes got an account"
	captured24 = "the newest capture is of 2024: checkoutSession is newer, custody became escrow in 2025"
	relation   = "left out where there is none, and the capture is of another relation (docs/gateway.md, optional keys)"
	setting    = "a setting of one charge"
	noSplits   = "one side has shares for other wallets, the other none"
	renewal    = "only a recurrent checkout has one, and the sample is the other kind"
)

// paths returns the keys of an object and of all objects in it, dotted; lists count by
// their first item.
func paths(prefix string, value any, into map[string]bool) {
	switch v := value.(type) {
	case *jsonobject.Object:
		for key, member := range v.All() {
			into[prefix+key] = true
			paths(prefix+key+".", member, into)
		}
	case []any:
		if len(v) > 0 {
			paths(prefix, v[0], into)
		}
	}
}

// newest returns the newest sample of an event and a method: real captures before
// documented and made ones.
func newest(t *testing.T, event, method string) (name string, best *jsonobject.Object) {
	t.Helper()
	at := ""
	for _, candidate := range samples.Names() {
		sample, err := jsonobject.Parse(samples.Event(candidate))
		if err != nil || sample.Text("event") != event || methodOf(sample) != method {
			continue
		}
		if r := samples.Rank(candidate, sample); r > at {
			at, name, best = r, candidate, sample
		}
	}
	return name, best
}

func methodOf(event *jsonobject.Object) string {
	if p, ok := event.Get("payment").(*jsonobject.Object); ok {
		return p.Text("billingType")
	}
	return ""
}

func TestEveryPayloadHasTheKeysOfTheNewestCaptureOfItsEventAndMethod(t *testing.T) {
	r := newReceiver(t, 200)
	s, a, _ := started(t, clock.NewManualClock(noon), r)
	for _, flow := range flows.All() {
		play(t, s, a, flow)
	}
	drain(t, s)
	used, compared := map[string]bool{}, 0
	for _, got := range r.got() {
		event, method := got.Text("event"), methodOf(got)
		name, sample := newest(t, event, method)
		if sample == nil {
			continue
		}
		compared++
		have, want := map[string]bool{}, map[string]bool{}
		paths("", got, have)
		paths("", sample, want)
		for path := range maps.Keys(have) {
			if !want[path] && !excuse(used, "+", path) {
				t.Errorf("%s %s sends %s, which %s does not have", event, method, path, name)
			}
		}
		for path := range maps.Keys(want) {
			if !have[path] && !excuse(used, "-", path) {
				t.Errorf("%s %s lacks %s of %s", event, method, path, name)
			}
		}
	}
	if compared < len(r.got())/2 {
		t.Errorf("only %d of %d payloads have a sample", compared, len(r.got()))
	}
	for _, path := range slices.Sorted(maps.Keys(excused)) {
		if !used[path] {
			t.Errorf("%s is excused and needs it no more", path)
		}
	}
}

// excuse reports whether a difference is excused, and notes that it was.
func excuse(used map[string]bool, sign, path string) bool {
	_, ok := excused[sign+path]
	used[sign+path] = ok
	return ok
}
