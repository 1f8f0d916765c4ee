package domain_test

import (
	"testing"

	"patapay/domain"
)

func TestTheCostOfThePublishedSample(t *testing.T) {
	a := domain.Anticipation{
		Value:    domain.Some(domain.Money(30801)),
		Fee:      domain.Some(domain.Money(564)),
		NetValue: domain.Some(domain.Money(30237)),
		Days:     domain.Some(11),
	}
	if got, ok := domain.CostOf(a); !ok || got != (domain.Cost{Period: "1.83", Monthly: "5.17"}) {
		t.Errorf("cost %v, %t", got, ok)
	}
	for name, change := range map[string]func(*domain.Anticipation){
		"no days":  func(a *domain.Anticipation) { a.Days = domain.Null[int]() },
		"no value": func(a *domain.Anticipation) { a.Value = domain.Some(domain.Money(0)) },
		"no net":   func(a *domain.Anticipation) { a.NetValue = domain.Some(domain.Money(0)) },
	} {
		odd := a
		change(&odd)
		if got, ok := domain.CostOf(odd); ok {
			t.Errorf("%s: cost %v", name, got)
		}
	}
}
