package api

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/simulator/accounts"
)

// subaccountCalls answer /accounts.
type subaccountCalls struct{ *call }

// create makes an account below the caller's; its key is shown in this answer only.
func (c subaccountCalls) create() answer {
	for _, name := range []string{
		"name", "email", "cpfCnpj", "mobilePhone", "incomeValue", "address", "addressNumber",
		"province", "postalCode",
	} {
		if c.body.Get(name) == nil {
			return refused(http.StatusBadRequest, "invalid_"+name, "O campo "+name+" deve ser informado.")
		}
	}
	made := c.world.OpenBooks(accounts.Account{
		OwnerID: c.books.ID, Environment: c.books.Environment,
		Name: c.body.Text("name"), Email: c.body.Text("email"), TaxID: c.body.Text("cpfCnpj"),
	})
	o := made.Card(c.world.Clock.Now())
	o.Set("apiKey", made.Key)
	return good(o)
}

// children are the accounts below the caller's.
func (c subaccountCalls) children() (list []*accounts.Books) {
	for _, a := range c.world.Accounts {
		if a.OwnerID == c.books.ID {
			list = append(list, a)
		}
	}
	return list
}

func (c subaccountCalls) list() answer {
	var items []any
	for _, a := range slices.Backward(c.children()) {
		if c.is("cpfCnpj", a.TaxID) && c.is("email", a.Email) && c.is("name", a.Name) && c.is("walletId", a.WalletID) {
			items = append(items, a.Card(c.world.Clock.Now()))
		}
	}
	return c.page(items)
}

func (c subaccountCalls) get() answer {
	for _, a := range c.children() {
		if a.ID == c.r.PathValue("id") {
			return good(a.Card(c.world.Clock.Now()))
		}
	}
	return absent()
}
