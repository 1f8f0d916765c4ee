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
	ConcernUnexpected = "unexpected_money"       // nobody asked for it
	ConcernSecond     = "second_payment"         // the reference was paid before
	ConcernCancelled  = "cancelled_charge"       // billing had called it off
	ConcernDeleted    = "deleted_charge"         // deleted at the gateway, and paid
	ConcernAmount     = "amount_differs"         // from what billing waits for
	ConcernConflict   = "conflict"               // the gateway denied what an event told
	ConcernNegative   = "negative_receivable"    // more came than was owed
	ConcernLine       = "statement_line"         // the statement moved what no event tells of
	ConcernUnbooked   = "unbooked_money"         // told of, and left out of the ledger
	ConcernDiscount   = "unclear_discount"       // taken, and nobody knows whether the value has it
	ConcernDifference = "unexplained_difference" // more was kept than the account's fees explain
)

// ConcernKinds lists every kind of concern, in the order of the contract.
func ConcernKinds() []string {
	return []string{
		ConcernUnexpected, ConcernSecond, ConcernCancelled, ConcernDeleted, ConcernAmount, ConcernConflict,
		ConcernNegative, ConcernLine, ConcernUnbooked, ConcernDiscount, ConcernDifference,
	}
}

// EntityConcerns lists the kinds that follow from the state of a payment or anticipation alone:
// an item of one of them is open as long as the state says so.
func EntityConcerns() []string {
	return slices.DeleteFunc(ConcernKinds(), func(kind string) bool { return kind == ConcernLine })
}

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
	return i.ExternalReference != "" || i.CheckoutSession != "" || i.Subscription != "" || i.Installment != "" ||
		i.PaymentLink != ""
}

// question is what of a payment's income somebody must look at.
type question struct {
	kind   string // of the concern, "" none
	all    bool   // the whole income is in suspense
	amount Money  // in suspense, of the income
	short  Money  // below zero: less came than billing waits for
}

// Suspend returns the payment's facts with the income that nobody has explained moved to
// suspense, and why. x is what billing said of the payment; nil: nothing. What was given back,
// by refunds or by a dispute that is lost, is given back out of suspense first: a concern is what
// is left of it now, and nothing is left of no money.
func Suspend(facts []Fact, i *Invoice, x *Expectation) ([]Fact, []Concern) {
	q := questionOf(i, x, max(-Balances(facts)[AccountSales], 0))
	if q.kind == "" {
		return facts, nil
	}
	kept := left(facts)
	out := inQuestion(facts, q.amount)
	if q.all {
		out = unexplained(facts)
	}
	out = giveBack(out, q.amount)
	amount := -Balances(out)[AccountSuspense]
	switch {
	case q.short != 0:
		amount = q.short
	case q.amount == 0: // it stands as income, and is odd
		amount = kept
	}
	if kept <= 0 || amount == 0 {
		return out, nil
	}
	return out, []Concern{{Kind: q.kind, Subject: i.ID, Amount: amount}}
}

// SuspendDecided returns the payment's facts with exactly moved of the income in suspense: what a
// person has taken out of it. What is given back afterwards is given back by the clinic.
func SuspendDecided(facts []Fact, moved Money) []Fact {
	return inQuestion(facts, min(moved, max(-Balances(facts)[AccountSales], 0)))
}

// questionOf returns what billing's word and the payment itself leave open of its income.
func questionOf(i *Invoice, x *Expectation, income Money) question {
	switch {
	case x == nil && !i.Expected():
		return question{kind: ConcernUnexpected, all: true, amount: income}
	case x != nil && x.Cancelled:
		return question{kind: ConcernCancelled, all: true, amount: income}
	case x != nil && x.Second:
		return question{kind: ConcernSecond, all: true, amount: income}
	case x != nil && x.Amount.Set && i.differs(x.Amount.V):
		more := i.principal() - x.Amount.V
		return question{kind: ConcernAmount, amount: min(max(more, 0), income), short: min(more, 0)}
	case i.Deleted:
		return question{kind: ConcernDeleted}
	}
	return question{}
}

// differs tells whether the payment is not of the amount that billing waits for. The centavos
// that do not divide are in one instalment of a plan, at most one for each of the others.
func (i *Invoice) differs(expected Money) bool {
	more := i.principal() - expected
	if i.Installment != "" && max(more, -more) < Money(i.InstallmentNumber.V) {
		return false
	}
	return more != 0
}

// principal returns the payment's value without interest and fine.
func (i *Invoice) principal() Money { return i.Value.V - i.InterestValue.V }

// Doubts returns what is odd about an entity's facts themselves: money that an event told
// of and the gateway denied, and accounts that stand below zero.
func Doubts(facts []Fact) (list []Concern) {
	sums := Balances(facts)
	for _, a := range []Account{AccountReceivable, AccountHold, AccountCashDrawer} {
		if sums[a] < 0 {
			list = append(
				list,
				Concern{Kind: ConcernNegative, Subject: facts[0].Key.Subject, Amount: sums[a], Detail: string(a)},
			)
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
