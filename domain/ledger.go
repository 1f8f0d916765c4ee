package domain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Account is a ledger account of a clinic.
type Account string

// The accounts. Amounts of assets and expenses grow by debit, those of liabilities and
// income by credit.
const (
	AccountAvailable   Account = "asaas_available"        // asset: balance at the gateway
	AccountReceivable  Account = "card_receivable"        // asset: paid, not yet in the balance
	AccountHold        Account = "chargeback_hold"        // asset: money in dispute
	AccountCashDrawer  Account = "cash_drawer"            // asset: received outside the gateway
	AccountAdvance     Account = "anticipation_liability" // liability: advance on receivables
	AccountSales       Account = "sales"                  // income: the clinic's own counter-account
	AccountRefunds     Account = "refunds_given"          // contra income
	AccountFee         Account = "gateway_fee"            // expense
	AccountAdvanceFee  Account = "anticipation_fee"       // expense
	AccountLoss        Account = "chargeback_loss"        // expense
	AccountRefundFee   Account = "refund_fee_clearing"    // of a refund before credit: the statement says what it is
	AccountDispute     Account = "chargeback_clearing"    // of a dispute after credit: taken when the statement says so
	AccountOpening     Account = "opening_balance"        // equity: what was there when the clinic connected
	AccountSuspense    Account = "suspense"               // money that nobody has explained yet
	AccountBlocked     Account = "asaas_blocked"          // asset: balance blocked
	AccountBank        Account = "bank"                   // asset: money withdrawn
	AccountTransferFee Account = "transfer_fee"           // expense
	AccountInternal    Account = "internal_clearing"      // moved between accounts at the gateway: nobody says what for
	AccountSplit       Account = "split_paid"             // expense: shares of others
)

// accountRule is an account and its place in a trial balance.
type accountRule struct {
	account Account
	place   int
}

// accountRules has the accounts in the order of the contract: a new one comes last, with its
// place in the trial balance between two others.
var accountRules = []accountRule{
	{AccountAvailable, 10},
	{AccountBlocked, 20},
	{AccountReceivable, 30},
	{AccountHold, 40},
	{AccountCashDrawer, 50},
	{AccountAdvance, 70},
	{AccountSales, 130},
	{AccountRefunds, 140},
	{AccountFee, 150},
	{AccountAdvanceFee, 160},
	{AccountLoss, 190},
	{AccountRefundFee, 100},
	{AccountDispute, 110},
	{AccountSuspense, 90},
	{AccountOpening, 80},
	{AccountBank, 60},
	{AccountTransferFee, 170},
	{AccountInternal, 120},
	{AccountSplit, 180},
}

// Accounts lists every account, in the order of a trial balance.
var Accounts = func() (accounts []Account) {
	rules := slices.SortedFunc(
		slices.Values(accountRules), func(a, b accountRule) int { return cmp.Compare(a.place, b.place) },
	)
	for _, r := range rules {
		accounts = append(accounts, r.account)
	}
	return accounts
}()

// Values returns every account, in the order of the contract.
func (Account) Values() (accounts []Account) {
	for _, r := range accountRules {
		accounts = append(accounts, r.account)
	}
	return accounts
}

// Leg is one line of a booking.
type Leg struct {
	Account Account
	Amount  Money // debit above zero, credit below
}

// FactKey names a money fact inside one clinic; each is booked once, whatever event
// carried it and however often (docs/architecture.md, ledger).
type FactKey struct {
	Subject string // gateway id of the payment, anticipation or statement line; of our own bookings, what they are about
	Name    string // recognise, credit, refund:<when>:<centavos> …
	Cycle   int    // from 1; counts true repetitions in canonical order
}

// correction begins the name of what puts a booked fact right.
const correction = "correct:"

// Correction returns the key of the nth booking that puts k right.
func (k FactKey) Correction(n int) FactKey {
	return FactKey{k.Subject, correction + k.Name + ":" + strconv.Itoa(k.Cycle), n}
}

// Base returns the fact that k corrects, or k itself.
func (k FactKey) Base() FactKey {
	rest, ok := strings.CutPrefix(k.Name, correction)
	if !ok {
		return k
	}
	at := strings.LastIndexByte(rest, ':')
	cycle, _ := strconv.Atoi(rest[at+1:])
	return FactKey{k.Subject, rest[:at], cycle}
}

// IsCorrection tells whether k puts another booking right: two carriers of one fact
// differed, or a fact was understood otherwise once more of its history had come.
func (k FactKey) IsCorrection() bool { return strings.HasPrefix(k.Name, correction) }

// IsVoid tells whether k takes a fact back that the gateway denied.
func (k FactKey) IsVoid() bool { return strings.HasPrefix(k.Name, voidPrefix) }

// Fact is one movement of money that a history proves, or one booking of it. The sum of
// its legs is zero. Its legs follow from the history's set alone, never from its order.
type Fact struct {
	Key  FactKey
	At   LocalTime // when it was true, by the record that proves it
	By   EventKey  // that record
	Legs []Leg     // sorted by account, none zero
}

// legs returns the lines merged by account, sorted, zero ones left out.
func legs(lines ...Leg) []Leg {
	slices.SortFunc(lines, func(a, b Leg) int { return cmp.Compare(a.Account, b.Account) })
	out := lines[:0]
	for _, l := range lines {
		if n := len(out); n > 0 && out[n-1].Account == l.Account {
			out[n-1].Amount += l.Amount
		} else {
			out = append(out, l)
		}
	}
	return slices.DeleteFunc(out, func(l Leg) bool { return l.Amount == 0 })
}

// reversed returns lines with every sign turned.
func reversed(lines []Leg) []Leg {
	out := slices.Clone(lines)
	for i := range out {
		out[i].Amount = -out[i].Amount
	}
	return out
}

// Sum returns the sum of the lines: zero, or they are no booking.
func Sum(lines []Leg) (sum Money) {
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

// Balances returns each account's balance over the bookings; accounts at zero are left out.
func Balances(bookings []Fact) map[Account]Money {
	all := map[Account]Money{}
	for _, f := range bookings {
		for _, l := range f.Legs {
			if all[l.Account] += l.Amount; all[l.Account] == 0 {
				delete(all, l.Account)
			}
		}
	}
	return all
}

// Missing returns what must be booked beside booked, the subject's bookings so far, so
// that the ledger says what facts say: facts not yet booked, and corrections of those
// that are booked with other legs or are none any more. Nothing booked is ever changed.
// With nothing missing it returns nothing, so balances depend on the last set of facts alone.
func Missing(facts, booked []Fact) (out []Fact) {
	done := map[FactKey]*ledgerState{}
	var order []FactKey
	for _, b := range booked {
		k := b.Key.Base()
		if done[k] == nil {
			done[k] = &ledgerState{}
			order = append(order, k)
		}
		done[k].add(b)
	}
	for _, f := range facts {
		state := done[f.Key]
		if state == nil {
			out = append(out, f)
			continue
		}
		state.proved = true
		out = state.correct(out, f)
	}
	for _, k := range order {
		if !done[k].proved {
			last := done[k].last
			out = done[k].correct(out, Fact{Key: k, At: last.At, By: last.By})
		}
	}
	return out
}

// ledgerState is what the ledger holds of one fact.
type ledgerState struct {
	lines       []Leg
	corrections int
	last        Fact
	proved      bool
}

func (s *ledgerState) add(b Fact) {
	s.lines, s.last = append(s.lines, b.Legs...), b
	if b.Key.IsCorrection() {
		s.corrections++
	}
}

// correct appends what makes the booked lines those of f, if they are not.
func (s *ledgerState) correct(out []Fact, f Fact) []Fact {
	rest := legs(append(slices.Clone(f.Legs), reversed(s.lines)...)...)
	if len(rest) == 0 {
		return out
	}
	return append(out, Fact{Key: f.Key.Correction(s.corrections + 1), At: f.At, By: f.By, Legs: rest})
}

// Allocate splits total over the weights, to the last centavo: each gets its share
// rounded down, the last the rest. Weights that sum to zero count as equal ones. It is
// the split of a plan's anticipation over its payments (docs/architecture.md, ledger).
func Allocate(total Money, weights []Money) []Money {
	out := make([]Money, len(weights))
	var sum Money
	for _, w := range weights {
		sum += w
	}
	rest := total
	for i, w := range weights {
		if sum == 0 {
			w = 1
		}
		out[i] = mulDiv(total, w, cmp.Or(sum, Money(len(weights))))
		if i == len(weights)-1 {
			out[i] = rest
		}
		rest -= out[i]
	}
	return out
}

// SettlesAdvance tells whether a fact of this name pays an advance back, or takes such a
// one back: an event's, or a line's of the statement.
func SettlesAdvance(name string) bool {
	line := slices.Contains(AdvanceDebits(), strings.ToUpper(name))
	return line || name == FactDebit || strings.HasPrefix(name, voidPrefix+FactDebit+":")
}
