package domain_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"patapay/domain"
	"patapay/domain/domaintest"
)

// booked is a ledger of one subject, filled as its records come: after every few of them
// what is missing is added, and nothing is ever taken away.
type booked []domain.Fact

func (b *booked) take(facts func([]domain.Record) []domain.Fact, known []domain.Record) {
	*b = append(*b, domain.Missing(facts(known), *b)...)
}

// arriving books the deliveries as they come, a few at a time.
func arriving(facts func([]domain.Record) []domain.Fact, rng *rand.Rand, delivered []domain.Record) (b booked) {
	for at := 0; at < len(delivered); {
		at = min(at+1+rng.IntN(3), len(delivered))
		b.take(facts, delivered[:at])
	}
	return b
}

// entrySet is the bookings by key: what is moved, without what carried it.
func entrySet(bookings []domain.Fact) map[domain.FactKey]string {
	set := map[domain.FactKey]string{}
	for _, f := range bookings {
		set[f.Key] = fmt.Sprint(f.Legs)
	}
	return set
}

// netted returns what the bookings of each fact sum to, its corrections with it.
func netted(bookings []domain.Fact) map[domain.FactKey]map[domain.Account]domain.Money {
	by := map[domain.FactKey][]domain.Fact{}
	for _, f := range bookings {
		by[f.Key.Base()] = append(by[f.Key.Base()], f)
	}
	all := map[domain.FactKey]map[domain.Account]domain.Money{}
	for k, list := range by {
		if sum := domain.Balances(list); len(sum) > 0 {
			all[k] = sum
		}
	}
	return all
}

func corrected(bookings []domain.Fact) bool {
	return slices.ContainsFunc(bookings, func(f domain.Fact) bool { return f.Key.IsCorrection() })
}

// ledgerFault returns what is wrong with the ledger that facts make of one case, or "".
func ledgerFault(facts func([]domain.Record) []domain.Fact, h domaintest.History, delivered []domain.Record, rng *rand.Rand) string {
	var inOrder booked
	inOrder.take(facts, h.Records())
	got := arriving(facts, rng, delivered)
	switch {
	case !maps.Equal(domain.Balances(got), domain.Balances(inOrder)):
		return fmt.Sprintf("balances %v, in order %v", domain.Balances(got), domain.Balances(inOrder))
	case !reflect.DeepEqual(netted(got), netted(inOrder)):
		return "a fact sums to something else"
	case !corrected(got) && !maps.Equal(entrySet(got), entrySet(inOrder)):
		return fmt.Sprintf("entries %v, in order %v", entrySet(got), entrySet(inOrder))
	case len(entrySet(got)) != len(got):
		return "a key is booked twice"
	case len(domain.Missing(facts(delivered), got)) > 0:
		return "once more books more"
	}
	return balanceFault(got)
}

// balanceFault checks what holds of every ledger.
func balanceFault(b []domain.Fact) string {
	for _, f := range b {
		if domain.Sum(f.Legs) != 0 || len(f.Legs) < 2 {
			return fmt.Sprintf("%v has legs %v", f.Key, f.Legs)
		}
	}
	sums := domain.Balances(b)
	for _, a := range []domain.Account{domain.AccountReceivable, domain.AccountHold, domain.AccountCashDrawer} {
		if sums[a] < 0 {
			return fmt.Sprintf("%s is %s", a, sums[a])
		}
	}
	if sums[domain.AccountAdvance] > 0 {
		return "more advance was paid back than taken"
	}
	return ""
}

// I5, I6, I7, I8 of the invariants: any order, any repeats, any number of wakes.
func TestAnyOrderAndAnyRepeatGiveTheSameLedger(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 100_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	corrections := 0
	for n := range cases {
		h, delivered := caseOf(seed, n)
		fault := func(records []domain.Record) string {
			return ledgerFault(domain.Facts, h, records, rand.New(rand.NewPCG(seed, uint64(n)+1)))
		}
		if text := fault(delivered); text != "" {
			t.Fatalf("PATAPAY_SEED=%d case %d: %s\n%s", seed, n, text, domaintest.String(delivered))
		}
		if corrected(arriving(domain.Facts, rand.New(rand.NewPCG(seed, uint64(n)+1)), delivered)) {
			corrections++
		}
	}
	t.Logf("%d of %d shuffled deliveries needed a correction", corrections, cases)
}

// expected returns what the gateway's own end leaves in the balance and the drawer, where
// that follows from the end alone.
func expected(h domaintest.History) (available, drawer domain.Money, known bool) {
	if a := h.End.Anticipation; a != nil {
		if a.Status.V == "CREDITED" || a.Status.V == "OVERDUE" {
			available = a.NetValue.V
		}
		if a.Status.V == "DEBITED" {
			available = a.NetValue.V - a.Value.V
		}
		return available, 0, true
	}
	p := h.End.Payment
	if p == nil {
		return 0, 0, false
	}
	switch p.Status.V {
	case "RECEIVED", "DUNNING_RECEIVED", "REFUND_IN_PROGRESS":
		return p.NetValue.V - p.Refunded(), 0, true
	case "RECEIVED_IN_CASH":
		return 0, p.Value.V, true
	case "PENDING", "OVERDUE", "AUTHORIZED", "AWAITING_RISK_ANALYSIS", "DUNNING_REQUESTED":
		return 0, 0, true
	}
	return 0, 0, false
}

func TestTheBalanceIsTheGatewaysOwn(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	checked := 0
	for n := range cases {
		h, delivered := caseOf(seed, n)
		available, drawer, known := expected(h)
		if !known || shared(fold(h.Kind, delivered)).NeedsTruth != "" {
			continue
		}
		checked++
		got := domain.Balances(domain.Facts(delivered))
		if got[domain.AccountAvailable] != available || got[domain.AccountCashDrawer] != drawer {
			t.Fatalf("PATAPAY_SEED=%d case %d: available %s want %s, drawer %s want %s\n%s%v", seed, n, got[domain.AccountAvailable], available,
				got[domain.AccountCashDrawer], drawer, domaintest.String(domain.Canonical(delivered)), domain.Facts(delivered))
		}
	}
	if checked < cases/3 {
		t.Errorf("only %d of %d cases could be checked", checked, cases)
	}
}
