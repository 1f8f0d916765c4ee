package simulator_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/flows"
)

var (
	oldID  = regexp.MustCompile(`^pay_[a-z0-9]{16}$`)
	newID  = regexp.MustCompile(`^pay_[1-9]_[A-Za-z0-9]{14}$`)
	oldURL = regexp.MustCompile(`^/i/`)
	newURL = regexp.MustCompile(`^/\d{3}/i/`)
)

// Half of the accounts have ids and addresses of the new form, and there ids come in pairs that
// differ in case alone: whoever takes two payments for one shows it in every flow.
func TestHalfOfTheAccountsHaveIDsOfTheNewForm(t *testing.T) {
	for forms, want := range map[accounts.Forms][2]int{
		accounts.MixedForms: {30, 70}, accounts.OldForms: {0, 0}, accounts.NewForms: {100, 100},
	} {
		sim := simulator.New(simulator.Options{Seed: 5, Forms: forms})
		fresh, twins := 0, 0
		for range 100 {
			a := sim.AddAccount(accounts.Account{})
			seen := map[string]string{}
			for range 4 {
				if _, err := sim.Play(a.ID, flows.FlowPix, flows.Variation{}); err != nil {
					t.Fatal(err)
				}
			}
			sim.Lock()
			books, _ := sim.Find(a.ID)
			for _, p := range books.Payments {
				address, _ := url.Parse(p.Object().Text("invoiceUrl"))
				if newID.MatchString(p.ID) != newURL.MatchString(address.Path) ||
					oldID.MatchString(p.ID) != oldURL.MatchString(address.Path) ||
					newID.MatchString(p.ID) == oldID.MatchString(p.ID) {
					t.Errorf("%s %s", p.ID, address)
				}
				if other, there := seen[strings.ToLower(p.ID)]; there && other != p.ID {
					twins++
				}
				seen[strings.ToLower(p.ID)] = p.ID
			}
			if newID.MatchString(books.Payments[0].ID) {
				fresh++
			}
			sim.Unlock()
		}
		sim.Close()
		if fresh < want[0] || fresh > want[1] || twins != 2*fresh {
			t.Error(fmt.Sprint(forms, fresh, twins))
		}
	}
}
