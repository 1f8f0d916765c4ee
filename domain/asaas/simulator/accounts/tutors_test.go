package accounts

import (
	"testing"

	"patapay/domain"
)

func TestTutorsAreAllDifferentAndHaveACPF(t *testing.T) {
	seen := map[string]bool{}
	for n := range len(firstNames) * len(lastNames) {
		name, taxID := tutor(n)
		if _, err := domain.ParseTaxID(taxID); err != nil {
			t.Errorf("%s: %s is no CPF", name, taxID)
		}
		if seen[name] || seen[taxID] {
			t.Fatalf("%s (%s) comes twice", name, taxID)
		}
		seen[name], seen[taxID] = true, true
	}
}
