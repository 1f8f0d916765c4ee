package domain_test

import (
	"slices"
	"testing"

	"patapay/domain"
)

func TestALedgerBeginsWithWhatStoodOpen(t *testing.T) {
	confirmed := with(
		paid(2, "CONFIRMED", "CONFIRMED", 10000, 9801),
		func(p *domain.PaymentSnapshot) { p.ConfirmedDate = domain.Some(domain.Day("2026-07-01")) },
	)
	received := with(paid(3, "RECEIVED", "RECEIVED", 10000, 9801), func(p *domain.PaymentSnapshot) {
		p.ConfirmedDate, p.CreditDate = domain.Some(domain.Day("2026-07-01")), domain.Some(domain.Day("2026-07-14"))
	})
	open := "opening.1 card_receivable 9801 opening_balance -9801"
	for _, c := range []struct {
		name    string
		from    domain.Day
		history []domain.Record
		want    string
	}{
		{"no cut-off changes nothing", "", []domain.Record{confirmed}, sale},
		{"paid before, not credited", "2026-07-10", []domain.Record{confirmed}, open},
		{"on the day itself is not before", "2026-07-01", []domain.Record{confirmed}, sale},
		{"paid before, credited after", "2026-07-10", []domain.Record{received}, open + "; " + arrival},
		{"all of it before", "2026-07-15", []domain.Record{received}, ""},
		{
			"refunded after", "2026-07-10",
			[]domain.Record{received, refunds(paid(4, "PARTIALLY_REFUNDED", "RECEIVED", 10000, 9801), refund("DONE", 4000))},
			open + "; " + arrival + "; refund:2026-07-14 10:30:00:4000.1 asaas_available -4000 refunds_given 4000",
		},
		{
			"an advance that runs", "2026-07-15",
			[]domain.Record{advance(1, "CREDITED")},
			"opening.1 anticipation_liability -30801 opening_balance 30801",
		},
		{"an advance that ended", "2026-07-15", []domain.Record{advance(1, "CREDITED"), advance(2, "DEBITED")}, ""},
		{
			"what was never true opens nothing", "2026-07-10",
			[]domain.Record{confirmed, answer("12:00:00", "PENDING", 10000, 9801)},
			"",
		},
	} {
		if got := written(domain.Since(domain.Facts(c.history), c.from)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestALateAnswerDatesTheMoneyByTheGatewaysOwnDays(t *testing.T) {
	late := with(answer("12:00:00", "RECEIVED", 10000, 9801), func(p *domain.PaymentSnapshot) {
		p.ConfirmedDate, p.CreditDate = domain.Some(domain.Day("2024-07-01")), domain.Some(domain.Day("2024-08-02"))
		p.Refunds = domain.Some(
			[]domain.Refund{{CreatedAt: "2024-09-03 10:00:00", Status: "DONE", Value: domain.Some(domain.Money(5))}},
		)
	})
	var days []string
	for _, f := range domain.Facts([]domain.Record{late}) {
		days = append(days, string(f.At))
	}
	if want := []string{"2024-07-01 00:00:00", "2024-08-02 00:00:00", "2024-09-03 00:00:00"}; !slices.Equal(days, want) {
		t.Errorf("%v, want %v", days, want)
	}
}

// Opening and cut-off together say, at every day, what the whole history says of what stands open.
func TestTheCutOffMovesNoBalanceThatOutlivesIt(t *testing.T) {
	seed, cases := seedOf(t), casesOf(t, 20_000)
	t.Logf("PATAPAY_SEED=%d, %d cases", seed, cases)
	for n := range cases {
		h, delivered := caseOf(seed, n)
		facts := domain.Facts(delivered)
		if len(facts) == 0 {
			continue
		}
		cut := facts[n%len(facts)].At
		if len(cut) < 10 {
			continue
		}
		since, whole := domain.Since(facts, domain.Day(cut[:10])), domain.Balances(facts)
		got := domain.Balances(since)
		for _, a := range []domain.Account{
			domain.AccountReceivable, domain.AccountHold, domain.AccountAdvance, domain.AccountCashDrawer,
		} {
			if got[a] != whole[a] {
				t.Fatalf(
					"PATAPAY_SEED=%d case %d, from %s: %s is %s, the whole history has %s\n%v", seed, n, cut, a,
					got[a], whole[a], h.Entity,
				)
			}
		}
		if text := balanceFault(since); text != "" {
			t.Fatalf("PATAPAY_SEED=%d case %d, from %s: %s", seed, n, cut, text)
		}
	}
}
