package domain

import "slices"

// Expectation is what the billing module said of a payment.
type Expectation struct {
	Amount    Opt[Money] // of the payment, without interest and fine; none: any
	Cancelled bool       // it is no longer due
	Second    bool       // another payment of the same reference was paid before it
}

// The kinds of concern.
const (
	ConcernUnexpected = "unexpected_money"    // nobody asked for it
	ConcernSecond     = "second_payment"      // the reference was paid before
	ConcernCancelled  = "cancelled_charge"    // billing had called it off
	ConcernDeleted    = "deleted_charge"      // deleted at the gateway, and paid
	ConcernAmount     = "amount_differs"      // from what billing waits for
	ConcernConflict   = "conflict"            // the gateway denied what an event told
	ConcernNegative   = "negative_receivable" // more came than was owed
	ConcernLine       = "statement_line"      // the statement moved what no event tells of
)

// Concern is something about money that a person must look at.
type Concern struct {
	Kind    string
	Subject string // gateway id of a payment, anticipation or statement line
	Amount  Money  // in question, by sign
	Payment string // that a statement line names
	Detail  string // the gateway's word
}

// Expected tells whether the payment itself shows that somebody asked for it (docs/architecture.md,
// ledger).
func (i *Invoice) Expected() bool {
	return i.ExternalReference != "" || i.CheckoutSession != "" || i.Subscription != "" || i.Installment != "" || i.PaymentLink != ""
}

// Suspend returns the payment's facts with the income that nobody has explained moved to
// suspense, and why. x is what billing said of the payment; nil: nothing.
func Suspend(facts []Fact, i *Invoice, x *Expectation) ([]Fact, []Concern) {
	income := -Balances(facts)[AccountSales]
	concern := func(kind string, amount Money) []Concern {
		if income == 0 {
			return nil
		}
		return []Concern{{Kind: kind, Subject: i.ID, Amount: amount}}
	}
	switch {
	case x == nil && !i.Expected():
		return unexplained(facts), concern(ConcernUnexpected, income)
	case x != nil && x.Cancelled:
		return unexplained(facts), concern(ConcernCancelled, income)
	case x != nil && x.Second:
		return unexplained(facts), concern(ConcernSecond, income)
	case x != nil && x.Amount.Set && i.principal() != x.Amount.V:
		more := i.principal() - x.Amount.V
		return excess(facts, more), concern(ConcernAmount, more)
	case i.Deleted:
		return facts, concern(ConcernDeleted, income)
	}
	return facts, nil
}

// principal returns the payment's value without interest and fine.
func (i *Invoice) principal() Money { return i.Value.V - i.InterestValue.V }

// unexplained returns facts with all income on suspense.
func unexplained(facts []Fact) []Fact {
	out := slices.Clone(facts)
	for n, f := range out {
		out[n].Legs = slices.Clone(f.Legs)
		for k, l := range f.Legs {
			if l.Account == AccountSales {
				out[n].Legs[k].Account = AccountSuspense
			}
		}
		out[n].Legs = legs(out[n].Legs...)
	}
	return out
}

// excess returns facts with more of the income on suspense: of the last fact that has as
// much.
func excess(facts []Fact, more Money) []Fact {
	out := slices.Clone(facts)
	for n := len(out) - 1; n >= 0 && more > 0; n-- {
		for _, l := range out[n].Legs {
			if l.Account == AccountSales && -l.Amount >= more {
				out[n].Legs = legs(append(slices.Clone(out[n].Legs), Leg{AccountSales, more}, Leg{AccountSuspense, -more})...)
				return out
			}
		}
	}
	return out
}

// Doubts returns what is odd about an entity's facts themselves: money that an event told
// of and the gateway denied, and accounts that stand below zero.
func Doubts(facts []Fact) (list []Concern) {
	sums := Balances(facts)
	for _, a := range []Account{AccountReceivable, AccountHold, AccountCashDrawer} {
		if sums[a] < 0 {
			list = append(list, Concern{Kind: ConcernNegative, Subject: facts[0].Key.Subject, Amount: sums[a], Detail: string(a)})
			break
		}
	}
	var denied Money
	for _, f := range facts {
		if f.Key.IsVoid() {
			for _, l := range f.Legs {
				denied += max(l.Amount, 0)
			}
		}
	}
	if denied > 0 {
		list = append(list, Concern{Kind: ConcernConflict, Subject: facts[0].Key.Subject, Amount: denied})
	}
	return list
}
