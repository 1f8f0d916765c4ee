package domain

import (
	"fmt"
	"strings"
)

// SameClaim reports whether two snapshots say the same about status and money: the only
// differences between two bodies of one event that anybody need look at (docs/architecture.md,
// accept). Snapshots of different kinds never do.
func SameClaim(a, b Snapshot) bool { return claimOf(a) == claimOf(b) }

// claimOf returns the status and every amount of s, in one text. Absent and null are one.
func claimOf(s Snapshot) string {
	var t strings.Builder
	amounts := func(of ...Opt[Money]) {
		for _, a := range of {
			v, ok := a.Get()
			fmt.Fprint(&t, " ", ok, int64(v))
		}
	}
	switch {
	case s.Payment != nil:
		p := s.Payment
		fmt.Fprint(&t, "payment ", p.Status.V, p.Deleted.V)
		amounts(p.Value, p.NetValue, p.GrossValue, p.OriginalValue, p.InterestValue, p.Chargeback.V.Value)
		for _, r := range p.Refunds.V {
			fmt.Fprint(&t, " ", r.Status)
			amounts(r.Value)
		}
		shares(&t, p.Split.V, amounts)
	case s.Checkout != nil:
		fmt.Fprint(&t, "checkout ", s.Checkout.Status.V)
		for _, i := range s.Checkout.Items.V {
			fmt.Fprint(&t, " ", i.Quantity.V)
			amounts(i.Value)
		}
		shares(&t, s.Checkout.Split.V, amounts)
	case s.Anticipation != nil:
		a := s.Anticipation
		fmt.Fprint(&t, "anticipation ", a.Status.V)
		amounts(a.TotalValue, a.Value, a.Fee, a.NetValue)
	}
	return t.String()
}

func shares(t *strings.Builder, splits []Split, amounts func(...Opt[Money])) {
	for _, s := range splits {
		fmt.Fprint(t, " ", s.Wallet, s.Percent)
		amounts(s.Fixed, s.Total)
	}
}
