package domain_test

import (
	"fmt"
	"testing"

	"patapay/domain"
)

func TestIncomeThatNobodyExplainsIsInSuspense(t *testing.T) {
	received := domain.Facts([]domain.Record{paid(3, "RECEIVED", "RECEIVED", 10000, 9801)})
	denied := domain.Facts(
		[]domain.Record{paid(3, "RECEIVED", "RECEIVED", 10000, 9801), answer("12:00:00", "PENDING", 10000, 9801)},
	)
	expects := func(amount domain.Money) *domain.Expectation { return &domain.Expectation{Amount: domain.Some(amount)} }
	referenced := domain.Invoice{ExternalReference: "orc-1"}
	for _, c := range []struct {
		name     string
		facts    []domain.Fact
		invoice  domain.Invoice
		said     *domain.Expectation
		sales    domain.Money // what stands as income
		suspense domain.Money
		want     string
	}{
		{"a reference explains it", received, referenced, nil, 10000, 0, "[]"},
		{"a page explains it", received, domain.Invoice{CheckoutSession: "chk"}, nil, 10000, 0, "[]"},
		{"a subscription explains it", received, domain.Invoice{Subscription: "sub"}, nil, 10000, 0, "[]"},
		{"a plan explains it", received, domain.Invoice{Installment: "ins"}, nil, 10000, 0, "[]"},
		{"a link explains it", received, domain.Invoice{PaymentLink: "lnk"}, nil, 10000, 0, "[]"},
		{"nothing explains it", received, domain.Invoice{}, nil, 0, 10000, "[unexpected_money 10000]"},
		{"billing knows it", received, domain.Invoice{}, &domain.Expectation{}, 10000, 0, "[]"},
		{"called off", received, referenced, &domain.Expectation{Cancelled: true}, 0, 10000, "[cancelled_charge 10000]"},
		{"paid before", received, referenced, &domain.Expectation{Second: true}, 0, 10000, "[second_payment 10000]"},
		{"as much as billing waits for", received, referenced, expects(10000), 10000, 0, "[]"},
		{"more than that", received, referenced, expects(9999), 9999, 1, "[amount_differs 1]"},
		{"less than that", received, referenced, expects(10500), 10000, 0, "[amount_differs -500]"},
		{
			"interest is no difference", received,
			domain.Invoice{InterestValue: domain.Some(domain.Money(500))},
			expects(9500), 10000, 0, "[]",
		},
		{
			"deleted and paid is income, and odd", received,
			domain.Invoice{ExternalReference: "orc-1", Deleted: true},
			nil, 10000, 0, "[deleted_charge 10000]",
		},
		{"money that never came concerns nobody", denied, domain.Invoice{}, nil, 0, 0, "[]"},
	} {
		c.invoice.ID, c.invoice.Value = "pay_1", domain.Some(domain.Money(10000))
		facts, concerns := domain.Suspend(c.facts, &c.invoice, c.said)
		var kinds []string
		for _, k := range concerns {
			kinds = append(kinds, fmt.Sprint(k.Kind, " ", int64(k.Amount)))
		}
		sums := domain.Balances(facts)
		if -sums[domain.AccountSales] != c.sales || -sums[domain.AccountSuspense] != c.suspense ||
			fmt.Sprint(kinds) != c.want {
			t.Errorf("%s: income %s, suspense %s, %v", c.name, -sums[domain.AccountSales], -sums[domain.AccountSuspense], kinds)
		}
		if before := domain.Balances(c.facts); sums[domain.AccountAvailable] != before[domain.AccountAvailable] ||
			balanceFault(facts) != "" {
			t.Errorf("%s: %s", c.name, balanceFault(facts))
		}
	}
}

func TestWhatTheGatewayDeniedAndWhatIsBelowZeroIsAWorkItem(t *testing.T) {
	received := paid(3, "RECEIVED", "RECEIVED", 10000, 9801)
	below := []domain.Fact{
		{
			Key:  domain.FactKey{Subject: "pay_1"},
			Legs: []domain.Leg{{Account: domain.AccountReceivable, Amount: -5}, {Account: domain.AccountSales, Amount: 5}},
		},
	}
	for _, c := range []struct {
		name  string
		facts []domain.Fact
		want  string
	}{
		{"nothing", nil, "[]"},
		{"an ordinary payment", domain.Facts([]domain.Record{received}), "[]"},
		{
			"denied", domain.Facts([]domain.Record{received, answer("12:00:00", "PENDING", 10000, 9801)}),
			"[{conflict pay_1 198.01  }]",
		},
		{"below zero", below, "[{negative_receivable pay_1 -0.05  card_receivable}]"},
	} {
		if got := fmt.Sprint(domain.Doubts(c.facts)); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
