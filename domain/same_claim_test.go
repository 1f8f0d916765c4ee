package domain

import "testing"

func TestTwoBodiesClaimTheSameUnlessStatusOrAnAmountDiffers(t *testing.T) {
	paid := func(change func(*PaymentSnapshot)) Snapshot {
		p := &PaymentSnapshot{
			Status: Some("RECEIVED"), Value: Some(Money(31000)), NetValue: Null[Money](),
			Refunds: Some([]Refund{{Status: "PENDING", Value: Some(Money(100))}}), DueDate: Some(Day("2026-11-30")),
		}
		change(p)
		return Snapshot{Payment: p}
	}
	base := paid(func(*PaymentSnapshot) {})
	for name, c := range map[string]struct {
		other Snapshot
		same  bool
	}{
		"nothing":                    {paid(func(*PaymentSnapshot) {}), true},
		"a due date":                 {paid(func(p *PaymentSnapshot) { p.DueDate = Some(Day("2026-12-01")) }), true},
		"an amount absent, not null": {paid(func(p *PaymentSnapshot) { p.NetValue = Opt[Money]{} }), true},
		"the status":                 {paid(func(p *PaymentSnapshot) { p.Status = Some("PENDING") }), false},
		"the value":                  {paid(func(p *PaymentSnapshot) { p.Value = Some(Money(31001)) }), false},
		"a net value of zero":        {paid(func(p *PaymentSnapshot) { p.NetValue = Some(Money(0)) }), false},
		"whether it was deleted":     {paid(func(p *PaymentSnapshot) { p.Deleted = Some(true) }), false},
		"a refund's status":          {paid(func(p *PaymentSnapshot) { p.Refunds.V[0].Status = RefundDone }), false},
		"a share of another wallet": {paid(func(p *PaymentSnapshot) {
			p.Split = Some([]Split{{Wallet: "w", Percent: "20"}})
		}), false},
		"everything: another kind":     {Snapshot{Checkout: &CheckoutSnapshot{Status: Some("RECEIVED")}}, false},
		"everything: nothing readable": {Snapshot{}, false},
	} {
		if got := SameClaim(base, c.other); got != c.same {
			t.Errorf("%s differs: same claim %v, want %v", name, got, c.same)
		}
	}
	item := func(v Money) Snapshot {
		return Snapshot{Checkout: &CheckoutSnapshot{Items: Some([]CheckoutItem{{Quantity: Some(1), Value: Some(v)}})}}
	}
	fee := func(v Money) Snapshot { return Snapshot{Anticipation: &AnticipationSnapshot{Fee: Some(v)}} }
	if !SameClaim(item(5), item(5)) || SameClaim(item(5), item(6)) || !SameClaim(fee(5), fee(5)) ||
		SameClaim(fee(5), fee(6)) {
		t.Error("items' values and anticipations' fees decide")
	}
}
