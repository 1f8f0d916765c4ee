package domain

import "slices"

// unexplained returns facts with all income on suspense.
func unexplained(facts []Fact) []Fact {
	out := slices.Clone(facts)
	for n, f := range facts {
		income := amountOn(f, AccountSales)
		out[n].Legs = moveLegs(f.Legs, Leg{AccountSales, -income}, Leg{AccountSuspense, income})
	}
	return out
}

// inQuestion returns facts with amount of the income on suspense: of the newest facts that have
// as much.
func inQuestion(facts []Fact, amount Money) []Fact {
	if amount <= 0 {
		return facts
	}
	out := slices.Clone(facts)
	for _, whole := range []bool{true, false} { // one fact alone, if there is one
		for n := len(out) - 1; n >= 0 && amount > 0; n-- {
			income := -amountOn(facts[n], AccountSales)
			if income <= 0 || whole && income < amount {
				continue
			}
			take := min(income, amount)
			amount -= take
			out[n].Legs = moveLegs(out[n].Legs, Leg{AccountSales, take}, Leg{AccountSuspense, -take})
		}
	}
	return out
}

// giveBack returns facts in which what was given back of amount, which is in suspense, comes out
// of it. A lost dispute takes all that is left: what the gateway kept as its fee is the payer's
// too.
func giveBack(facts []Fact, amount Money) []Fact {
	var refunded, lost, taken Money
	if amount <= 0 {
		return facts
	}
	out := slices.Clone(facts)
	for n, f := range facts {
		refund, loss := amountOn(f, AccountRefunds), amountOn(f, AccountLoss)
		refunded, lost = refunded+refund, lost+loss
		want := min(max(refunded, 0), amount)
		if lost > 0 {
			want = amount
		}
		more := want - taken
		if more == 0 || refund == 0 && loss == 0 {
			continue
		}
		taken = want
		from := Leg{AccountRefunds, -more}
		fee := Leg{AccountFee, 0}
		if refund == 0 {
			from.Account = AccountLoss
			from.Amount = -nearer(more, loss)
			fee.Amount = -more - from.Amount
		}
		out[n].Legs = moveLegs(out[n].Legs, Leg{AccountSuspense, more}, from, fee)
	}
	return out
}

// nearer returns a, or the bound of the same sign that is nearer to zero.
func nearer(a, bound Money) Money {
	if a < 0 {
		return max(a, min(bound, 0))
	}
	return min(a, max(bound, 0))
}

// left returns what of the income has not been given back.
func left(facts []Fact) Money {
	sums := Balances(facts)
	if sums[AccountLoss] > 0 {
		return 0
	}
	return -sums[AccountSales] - sums[AccountRefunds]
}

func amountOn(f Fact, account Account) (sum Money) {
	for _, l := range f.Legs {
		if l.Account == account {
			sum += l.Amount
		}
	}
	return sum
}

func moveLegs(have []Leg, more ...Leg) []Leg { return legs(append(slices.Clone(have), more...)...) }

// Suspends tells whether a concern of this kind has money in suspense, and not in the accounts
// where it belongs.
func Suspends(kind string) bool {
	switch kind {
	case ConcernUnexpected, ConcernSecond, ConcernCancelled, ConcernAmount:
		return true
	}
	return false
}

// HoldsMoney tells whether the payment is paid now: not given back, and not denied by the gateway.
func (i *Invoice) HoldsMoney() bool {
	return i.Status.movesMoney() && i.Status != InvoiceRefunded && !i.denied()
}
