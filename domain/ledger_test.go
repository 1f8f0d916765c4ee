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
		at = min(at+1+rng.IntN(5), len(delivered))
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
func ledgerFault(
	facts func([]domain.Record) []domain.Fact,
	h domaintest.History,
	delivered []domain.Record,
	rng *rand.Rand,
) string {
	var inOrder booked
	inOrder.take(facts, h.Records())
	got := arriving(facts, rng, delivered)
	switch {
	case !maps.Equal(domain.Balances(got), domain.Balances(inOrder)):
		return fmt.Sprintf("balances %v, in order %v", domain.Balances(got), domain.Balances(inOrder))
	case corrected(got) && !reflect.DeepEqual(netted(got), netted(inOrder)):
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

// docs/reliability.md, I5 to I8: any order, any repeats, any number of runs.
func TestAnyOrderAndAnyRepeatGiveTheSameLedger(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 100_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	for n := range cases {
		h, delivered := caseOf(seed, n)
		fault := func(records []domain.Record) string {
			return ledgerFault(domain.Facts, h, records, rand.New(rand.NewPCG(seed, uint64(n)+1)))
		}
		if text := fault(delivered); text != "" {
			t.Fatalf("PATAPAY_SEED=%d case %d: %s\n%s", seed, n, text, domaintest.String(delivered))
		}
	}
}

// twice returns records as two webhook configurations deliver them: each event also as a
// copy with the next id.
func twice(records []domain.Record) (all []domain.Record) {
	for _, r := range records {
		other := r
		r.Key.Seq, other.Key.Seq = 2*r.Key.Seq, 2*r.Key.Seq+1
		other.ID += "'"
		other.Key.Hash[0] ^= 0xff
		all = append(all, r, other)
	}
	return all
}

func TestTwoWebhookConfigurationsBookNothingTwice(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	for n := range cases {
		h, _ := caseOf(seed, n)
		if h.GatewaySnapshot {
			continue // an answer names the events that it has seen
		}
		once, both := domain.Facts(h.Records()), domain.Facts(twice(h.Records()))
		if !maps.Equal(entrySet(once), entrySet(both)) {
			t.Fatalf("PATAPAY_SEED=%d case %d: once %v, twice %v\n%s", seed, n, once, both, domaintest.String(h.Records()))
		}
	}
}
