package domain_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"patapay/domain"
	"patapay/domain/domaintest"
)

// A factRule turns a history into its money facts.
type factRule func([]domain.Record) []domain.Fact

// balances is what the gateway's own end says of an account, where it follows from that alone.
type balances map[domain.Account]domain.Money

func endOf(h domaintest.History) balances {
	if a := h.End.Anticipation; a != nil {
		return endOfAnticipation(a)
	}
	p := h.End.Payment
	if p == nil {
		return balances{}
	}
	end := balances{domain.AccountCashDrawer: 0, domain.AccountAvailable: 0, domain.AccountSales: -p.Value.V}
	switch p.Status.V {
	case "RECEIVED", "DUNNING_RECEIVED", "REFUND_IN_PROGRESS":
		end[domain.AccountAvailable] = p.NetValue.V - p.Refunded()
		end[domain.AccountRefunds] = p.Refunded()
	case "REFUNDED":
		if p.Chargeback.Set {
			return balances{}
		}
		end[domain.AccountAvailable] = p.NetValue.V - p.Refunded()
		end[domain.AccountRefunds] = p.Refunded()
	case "RECEIVED_IN_CASH":
		end[domain.AccountCashDrawer] = p.Value.V
	case "PENDING", "OVERDUE", "AUTHORIZED", "AWAITING_RISK_ANALYSIS", "DUNNING_REQUESTED":
		end[domain.AccountSales] = 0
	default:
		return balances{}
	}
	return end
}

func endOfAnticipation(a *domain.AnticipationSnapshot) balances {
	end := balances{
		domain.AccountSales:      0,
		domain.AccountAdvance:    0,
		domain.AccountAvailable:  0,
		domain.AccountAdvanceFee: a.Fee.V,
	}
	switch a.Status.V {
	case "CREDITED", "OVERDUE":
		end[domain.AccountAvailable], end[domain.AccountAdvance] = a.NetValue.V, -a.Value.V
	case "DEBITED":
		end[domain.AccountAvailable] = -a.Fee.V
	default:
		end[domain.AccountAdvanceFee] = 0
	}
	return end
}

// endFault returns how the facts' balances differ from the gateway's end, or "". An answer
// so near to a refund that it did not know of it may have let the dispute hold too much.
func endFault(facts factRule, h domaintest.History, delivered []domain.Record) string {
	got := domain.Balances(facts(delivered))
	// a refund before credit: the statement tells who bears the fee
	got[domain.AccountAvailable] += got[domain.AccountRefundFee]
	for account, want := range endOf(h) {
		if got[account] != want {
			return fmt.Sprintf("%s is %s, want %s", account, got[account], want)
		}
	}
	if p := h.End.Payment; p != nil && !h.GatewaySnapshot &&
		got[domain.AccountRefunds]+got[domain.AccountLoss] > p.Value.V {
		return "refunds and losses are above the value"
	}
	return ""
}

func TestTheBalancesAreTheGatewaysOwn(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	for n := range cases {
		h, delivered := caseOf(seed, n)
		if shared(fold(h.Kind, delivered)).NeedsTruth != "" {
			continue
		}
		if text := endFault(domain.Facts, h, delivered); text != "" {
			t.Fatalf(
				"PATAPAY_SEED=%d case %d: %s\n%s%v", seed, n, text, domaintest.String(domain.Canonical(delivered)),
				domain.Facts(delivered),
			)
		}
	}
}

// forged adds to a payment that was never paid an event that says it was, and the
// gateway's answer that it was not.
func forged(h domaintest.History) ([]domain.Record, bool) {
	p := h.End.Payment
	if p == nil || p.Status.V != "PENDING" && p.Status.V != "OVERDUE" {
		return nil, false
	}
	lie := *p
	lie.Status = domain.Some("RECEIVED")
	event := record(99_999_999, "", "PAYMENT_RECEIVED", domain.Snapshot{Payment: &lie})
	event.At = "9998-01-01 00:00:00"
	answer := record(0, "", "TRUTH", h.End)
	answer.GatewaySnapshot = &domain.GatewaySnapshot{Clock: "9998-01-02 00:00:00", Found: true}
	return append(h.Records(), event, answer), true
}

// suiteFault runs the properties over some cases and returns the first fault.
func suiteFault(facts factRule, seed uint64, cases int) string {
	for n := range cases {
		h, delivered := caseOf(seed, n)
		if shared(fold(h.Kind, delivered)).NeedsTruth != "" {
			continue
		}
		if text := ledgerFault(facts, h, delivered, rand.New(rand.NewPCG(seed, uint64(n)))); text != "" {
			return text
		}
		if text := endFault(facts, h, delivered); text != "" {
			return text + "\n" + domaintest.String(domain.Canonical(delivered)) + fmt.Sprint(facts(delivered))
		}
		if lied, ok := forged(h); ok {
			if text := endFault(facts, h, lied); text != "" {
				return "forged: " + text
			}
		}
	}
	return ""
}

// The suite must notice each of these, planted on purpose.
func TestTheSuiteNoticesPlantedFaults(t *testing.T) {
	seed := seedOf(t)
	if text := suiteFault(domain.Facts, seed, 2000); text != "" {
		t.Fatalf("PATAPAY_SEED=%d: the real facts fail: %s", seed, text)
	}
	for name, faulty := range plantedFaults {
		text := suiteFault(faulty, seed, 4000)
		t.Logf("%s: %s", name, text)
		if text == "" {
			t.Errorf("PATAPAY_SEED=%d: %s was not noticed", seed, name)
		}
	}
}

var plantedFaults = map[string]factRule{
	"fact key without cycle": func(history []domain.Record) (out []domain.Fact) {
		seen := map[string]bool{}
		for _, f := range domain.Facts(history) {
			if f.Key.Cycle = 1; !seen[f.Key.Name] {
				seen[f.Key.Name] = true
				out = append(out, f)
			}
		}
		return out
	},
	"confirmed and received both recognise": func(history []domain.Record) []domain.Fact {
		facts := domain.Facts(history)
		for _, f := range facts {
			if f.Key.Name == domain.FactRecognise &&
				slices.ContainsFunc(facts, func(f domain.Fact) bool { return f.Key.Name == domain.FactCredit }) {
				f.Key.Name = "recognise_received"
				return append(facts, f)
			}
		}
		return facts
	},
	"float in the money path": func(history []domain.Record) []domain.Fact {
		return mapLegs(domain.Facts(history), func(l domain.Leg) domain.Leg {
			l.Amount = domain.Money(float32(l.Amount) / 100 * 100)
			return l
		})
	},
	"refund from status instead of the list": func(history []domain.Record) []domain.Fact {
		history = slices.Clone(history)
		for i, r := range history {
			if p := r.Snapshot.Payment; p != nil {
				changed := *p
				changed.Refunds = domain.Null[[]domain.Refund]()
				if p.Status.V == "REFUNDED" {
					changed.Refunds = domain.Some([]domain.Refund{{Status: domain.RefundDone, Value: p.Value}})
				}
				history[i].Snapshot.Payment = &changed
			}
		}
		return domain.Facts(history)
	},
	"lost chargeback is a refund too": func(history []domain.Record) []domain.Fact {
		facts := domain.Facts(history)
		for _, f := range facts {
			if f.Key.Name == domain.FactLost {
				f.Key.Name = "refund:lost:1"
				return append(facts, mapLegs([]domain.Fact{f}, func(l domain.Leg) domain.Leg {
					if l.Account == domain.AccountLoss {
						l.Account = domain.AccountRefunds
					} else {
						l.Account = domain.AccountAvailable
					}
					return l
				})...)
			}
		}
		return facts
	},
	"anticipation credited as income": func(history []domain.Record) []domain.Fact {
		return mapLegs(domain.Facts(history), func(l domain.Leg) domain.Leg {
			if l.Account == domain.AccountAdvance {
				l.Account = domain.AccountSales
			}
			return l
		})
	},
	"truth that cannot void": func(history []domain.Record) []domain.Fact {
		return slices.DeleteFunc(
			domain.Facts(history),
			func(f domain.Fact) bool { return strings.HasPrefix(f.Key.Name, "void:") },
		)
	},
	"facts in the order of arrival": func(history []domain.Record) (all []domain.Fact) {
		byKey := map[domain.FactKey]domain.Fact{}
		for i := range history { // each event by itself, the first one wins
			for _, f := range domain.Facts(history[i : i+1]) {
				if _, known := byKey[f.Key]; !known {
					byKey[f.Key] = f
				}
			}
		}
		return slices.Collect(maps.Values(byKey))
	},
}

func mapLegs(facts []domain.Fact, change func(domain.Leg) domain.Leg) []domain.Fact {
	for i := range facts {
		facts[i].Legs = slices.Clone(facts[i].Legs)
		for j, l := range facts[i].Legs {
			facts[i].Legs[j] = change(l)
		}
	}
	return facts
}
