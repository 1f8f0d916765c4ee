package domain_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"patapay/domain"
)

func value(reais domain.Money) func(*domain.PaymentSnapshot) {
	return func(p *domain.PaymentSnapshot) { p.Value = domain.Some(reais * 100) }
}

func refunded(reais domain.Money) func(*domain.PaymentSnapshot) {
	return func(p *domain.PaymentSnapshot) {
		p.Refunds = domain.Some([]domain.Refund{{Status: domain.RefundDone, Value: domain.Some(reais * 100)}})
	}
}

// What the gateway's answer makes of a claim, one a line; the last event is what is judged.
func TestAnAnswerDeniesTheMoneyThatItCannotKnow(t *testing.T) {
	received, undated := ev(2, "10:05:00", "RECEIVED", "RECEIVED"), ev(2, "", "RECEIVED", "RECEIVED")
	rich := with(ev(2, "10:05:00", "RECEIVED", "RECEIVED"), value(5000))
	part := with(ev(2, "10:05:00", "PARTIALLY_REFUNDED", "RECEIVED"), refunded(40))
	for _, c := range []struct {
		name, want string
		history    []domain.Record
	}{
		{
			"received, pending at the gateway", "RECEIVED is PENDING",
			[]domain.Record{created, received, gatewaySnapshot("10:06:00", "PENDING")},
		},
		{
			"undated, seen by the read", "RECEIVED is PENDING",
			[]domain.Record{created, undated, gatewaySnapshot("10:06:00", "PENDING", undated)},
		},
		{"undated, not seen by the read", "", []domain.Record{created, undated, gatewaySnapshot("10:06:00", "PENDING")}},
		{"later than the answer", "", []domain.Record{created, received, gatewaySnapshot("10:04:00", "PENDING")}},
		{"too near to the answer to tell", "", []domain.Record{created, received, gatewaySnapshot("10:05:01", "PENDING")}},
		{
			"as near, but stored before the read", "RECEIVED is PENDING",
			[]domain.Record{created, received, gatewaySnapshot("10:05:01", "PENDING", received)},
		},
		{"no such payment", "no such entity", []domain.Record{received, gatewaySnapshot("10:06:00", "")}},
		{
			"refunded, received at the gateway", "REFUNDED is RECEIVED",
			[]domain.Record{ev(2, "10:05:00", "REFUNDED", "REFUNDED"), gatewaySnapshot("10:06:00", "RECEIVED")},
		},
		{"another amount", "another amount", []domain.Record{rich, with(gatewaySnapshot("10:06:00", "RECEIVED"), value(50))}},
		{
			"refunds from nowhere", "refunds",
			[]domain.Record{part, with(gatewaySnapshot("10:06:00", "RECEIVED"), refunded(10))},
		},
		{"received, disputed since", "", []domain.Record{received, gatewaySnapshot("10:06:00", "CHARGEBACK_DISPUTE")}},
		{
			"a cash receipt undone", "",
			[]domain.Record{ev(2, "10:05:00", "RECEIVED", "RECEIVED_IN_CASH"), gatewaySnapshot("10:06:00", "PENDING")},
		},
		{
			"no money claimed", "",
			[]domain.Record{ev(2, "10:05:00", "OVERDUE", "OVERDUE"), gatewaySnapshot("10:06:00", "PENDING")},
		},
		{"a status we have not met", "", []domain.Record{received, gatewaySnapshot("10:06:00", "BRAND_NEW")}},
		{"no answer", "", []domain.Record{created, received}},
	} {
		rand.Shuffle(len(c.history), func(i, j int) { c.history[i], c.history[j] = c.history[j], c.history[i] })
		found := domain.Contradictions(c.history)
		switch {
		case c.want == "" && len(found) != 0, c.want != "" && (len(found) != 1 || !strings.Contains(found[0].Text, c.want)):
			t.Errorf("%s: %+v, want %q", c.name, found, c.want)
		case c.want != "" && found[0].Event.Seq != 2:
			t.Errorf("%s: event %d is blamed", c.name, found[0].Event.Seq)
		}
	}
}

func TestALieIsHeldAgainstTheFirstAnswerThatSawIt(t *testing.T) {
	received := ev(2, "10:05:00", "RECEIVED", "RECEIVED")
	first, second := gatewaySnapshot("10:06:00", "PENDING"), gatewaySnapshot("10:07:00", "PENDING")
	found := domain.Contradictions([]domain.Record{second, received, first, created})
	if len(found) != 1 || found[0].By != first.Key {
		t.Errorf("%+v, want one by the first answer", found)
	}
}

func TestACreditThatTheGatewayDeniesIsAContradiction(t *testing.T) {
	claim := record(
		2,
		"10:05:00",
		"RECEIVABLE_ANTICIPATION_CREDITED",
		domain.Snapshot{Anticipation: &domain.AnticipationSnapshot{Status: domain.Some("CREDITED")}},
	)
	told := gatewaySnapshot("10:06:00", "DENIED", claim)
	told.Snapshot = domain.Snapshot{Anticipation: &domain.AnticipationSnapshot{Status: domain.Some("DENIED")}}
	if found := domain.Contradictions([]domain.Record{claim, told}); len(found) != 1 {
		t.Errorf("%+v", found)
	}
}
