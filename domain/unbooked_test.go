package domain_test

import (
	"fmt"
	"testing"

	"patapay/domain"
)

// concernsOf returns every concern of one history that billing said nothing of, as "kind amount".
func concernsOf(fees domain.Fees, history ...domain.Record) (list []string, sums map[domain.Account]domain.Money) {
	i, _ := domain.FoldInvoice(history)
	i.ID = "pay_1"
	facts := domain.Facts(history)
	var all []domain.Concern
	all = append(all, domain.Unbooked(&i, facts)...)
	all = append(all, domain.Reduced(&i, facts)...)
	all = append(all, domain.Unexplained(&i, facts, fees)...)
	for _, c := range all {
		list = append(list, fmt.Sprint(c.Kind, " ", c.Amount))
	}
	return list, domain.Balances(facts)
}

func changed(r domain.Record, change func(*domain.PaymentSnapshot)) domain.Record {
	s := *r.Snapshot.Payment
	change(&s)
	r.Snapshot.Payment = &s
	return r
}

// A fee above the amount was booked nowhere, and nobody was told.
func TestAFeeAboveTheAmountIsBookedAndTold(t *testing.T) {
	received := paid(3, "RECEIVED", "RECEIVED", 100, -99)
	got, sums := concernsOf(nil, received)
	if fmt.Sprint(got) != "[unexplained_difference 0.99]" {
		t.Errorf("%v", got)
	}
	if sums[domain.AccountAvailable] != -99 || sums[domain.AccountFee] != 199 || sums[domain.AccountSales] != -100 ||
		len(sums) != 3 {
		t.Errorf("%v", sums)
	}
	if got, _ := concernsOf(domain.Fees{"": {Fixed: 199}}, received); got != nil {
		t.Errorf("the account's fees explain it: %v", got)
	}
}

// A precondition that leaves money unbooked opens a work item: whichever it is, for it is the state
// and the books that are compared.
func TestMoneyThatIsLeftUnbookedIsTold(t *testing.T) {
	unmet := paid(3, "RECEIVED", "SETTLED_BY_LAW", 10000, 9801)
	for name, c := range map[string]struct {
		record domain.Record
		want   string
	}{
		"netValue above value": {paid(3, "RECEIVED", "RECEIVED", 10000, 10001), "[unbooked_money 100.00]"},
		"no netValue": {changed(paid(3, "RECEIVED", "RECEIVED", 10000, 0), func(s *domain.PaymentSnapshot) {
			s.NetValue = domain.Opt[domain.Money]{}
		}), "[unbooked_money 100.00]"},
		"a status that we have not met, beside a day of payment": {changed(unmet, func(s *domain.PaymentSnapshot) {
			s.PaymentDate = domain.Some(domain.Day("2026-08-08"))
		}), "[unbooked_money 100.00]"},
		"a refund without an amount": {changed(paid(3, "RECEIVED", "RECEIVED", 10000, 9801), func(s *domain.PaymentSnapshot) {
			s.Refunds = domain.Some([]domain.Refund{{Status: domain.RefundDone, CreatedAt: "2026-08-08 10:00:00"}})
		}), "[unbooked_money 0.00]"},
		"an ordinary payment":  {paid(3, "RECEIVED", "RECEIVED", 10000, 9801), "[]"},
		"one that is not paid": {paid(3, "CREATED", "PENDING", 10000, 10001), "[]"},
	} {
		if got, _ := concernsOf(nil, c.record); fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
	for _, a := range []domain.Anticipation{
		{
			Status: domain.AnticipationCredited, Value: domain.Some(domain.Money(100)),
			NetValue: domain.Some(domain.Money(101)),
		},
	} {
		if got := domain.UnbookedAdvance(&a, nil); len(got) != 1 || got[0].Amount != 101 {
			t.Errorf("an advance that does not add up: %v", got)
		}
	}
}

// A discount ended without amount_differs and was called a fee.
func TestADiscountIsToldUntilACaptureShowsItsForm(t *testing.T) {
	fixed := domain.Some(domain.Discount{Value: "10", Type: "FIXED"})
	for name, c := range map[string]struct {
		value, net domain.Money
		change     func(*domain.PaymentSnapshot)
		want       string
	}{
		"value 90 of originalValue 100": {9000, 8801, func(s *domain.PaymentSnapshot) {
			s.OriginalValue = domain.Some(domain.Money(10000))
		}, "[unclear_discount 10.00]"},
		"value 100 and netValue 88.01": {10000, 8801, func(s *domain.PaymentSnapshot) {
			s.Discount = fixed
		}, "[unclear_discount 10.00]"},
		"per cent": {10000, 8801, func(s *domain.PaymentSnapshot) {
			s.Discount = domain.Some(domain.Discount{Value: "10.0", Type: "PERCENTAGE"})
		}, "[unclear_discount 10.00]"},
		"promised and not taken": {10000, 9801, func(s *domain.PaymentSnapshot) { s.Discount = fixed }, "[]"},
		"interest is no discount": {10500, 10301, func(s *domain.PaymentSnapshot) {
			s.OriginalValue, s.InterestValue = domain.Some(domain.Money(10000)), domain.Some(domain.Money(500))
		}, "[]"},
		"nobody promised one: the fees do not explain it": {
			10000, 8801, func(*domain.PaymentSnapshot) {}, "[unexplained_difference 10.00]",
		},
	} {
		got, _ := concernsOf(
			domain.Fees{"": {Fixed: 199}},
			changed(paid(3, "RECEIVED", "RECEIVED", c.value, c.net), c.change),
		)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

// The centavos that do not divide were a difference to billing.
func TestAnUnevenLastInstalmentOfAPlanIsNoDifference(t *testing.T) {
	facts := domain.Facts([]domain.Record{paid(3, "RECEIVED", "RECEIVED", 3334, 3135)})
	said := &domain.Expectation{Amount: domain.Some(domain.Money(3333))}
	i := domain.Invoice{Value: domain.Some(domain.Money(3334)), Installment: "ins", InstallmentNumber: domain.Some(3)}
	for name, c := range map[string]struct {
		change func(*domain.Invoice)
		want   int
	}{
		"the third of three":               {func(*domain.Invoice) {}, 0},
		"no plan":                          {func(i *domain.Invoice) { i.Installment = "" }, 1},
		"more than the rest of a division": {func(i *domain.Invoice) { i.Value = domain.Some(domain.Money(3336)) }, 1},
		"the first of a plan has no rest":  {func(i *domain.Invoice) { i.InstallmentNumber = domain.Some(1) }, 1},
	} {
		i := i
		c.change(&i)
		if _, got := domain.Suspend(facts, &i, said); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
