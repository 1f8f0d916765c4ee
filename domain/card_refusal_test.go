package domain_test

import (
	"math/rand/v2"
	"testing"

	"patapay/domain"
)

// A refused card left the status as it was, so the fold called the event "same_state" and billing never heard of it.
func TestEachRefusalOfACardIsTold(t *testing.T) {
	t.Parallel()
	history := []domain.Record{
		ev(1, "10:00:00", "CREATED", "PENDING"),
		ev(2, "10:01:00", "CREDIT_CARD_CAPTURE_REFUSED", "PENDING"),
		ev(3, "10:01:00", "CREDIT_CARD_CAPTURE_REFUSED", "PENDING"),
		ev(4, "10:02:00", "REPROVED_BY_RISK_ANALYSIS", "PENDING"),
	}
	for n := 1; n <= len(history); n++ {
		i, _ := domain.FoldInvoice(history[:n])
		if i.Status != domain.InvoicePending || i.CardRefusals.Count != n-1 {
			t.Errorf("after %d events: %s, %d refusals", n, i.Status, i.CardRefusals.Count)
		}
		if effect := domain.Effects(history[:n])[history[n-1].Key]; effect.Outcome != domain.Applied {
			t.Errorf("event %d: %+v", n, effect)
		}
	}
	want, _ := domain.FoldInvoice(history)
	if r := want.CardRefusals; r.Last != domain.RefusedByRisk || r.LastAt != history[3].At {
		t.Errorf("the last: %+v", r)
	}
	for range 50 { // in any order, with copies
		shuffled := append(append([]domain.Record{}, history...), history...)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got, _ := domain.FoldInvoice(shuffled); got.CardRefusals != want.CardRefusals {
			t.Fatalf("%+v, want %+v", got.CardRefusals, want.CardRefusals)
		}
	}
}
