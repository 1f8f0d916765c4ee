package invoices

import (
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

// names tells whether a text that looks like an amount or a day is a name too. Every other text may
// be any name whatever it looks like: billing's references have no form of their own.
type names func(text string) (bool, error)

func namesIn(tx *tenants.Tx) names {
	return func(text string) (bool, error) { return query.Names(tx, text) }
}

// typedText is the one thing that a person typed, as far as its form tells.
type typedText struct {
	amount *domain.Money
	day    *domain.Day
	name   bool // it may be a name: of an object always, of a person when it is no amount and no day
}

// readTyped reads a text that is not empty and none of our own ids.
func readTyped(q string, is names) (t typedText, err error) {
	if amount, isAmount := rest.ParseAmount(q); isAmount {
		t.amount = &amount
	}
	if day, isDay := rest.ParseDay(q); isDay {
		t.day = &day
	}
	if t.name = t.amount == nil && t.day == nil; !t.name {
		t.name, err = is(q)
	}
	return t, err
}

// searchText narrows f to the one thing that a person typed: an id of ours by its form, an amount
// or a day, or anything that has it for a name. "" narrows nothing. What may be a payer's name is
// returned.
func searchText(is names, q string, f *query.InvoiceFilter) (name string, err error) {
	if id, ours := domain.ParseUUID("ivc", q); ours {
		f.ID = &id
		return "", nil
	}
	if q == "" {
		return "", nil
	}
	t, err := readTyped(q, is)
	switch {
	case err != nil:
		return "", err
	case t.name:
		f.Typed, f.OrValue, f.OrDueDay = q, t.amount, t.day
	case t.amount != nil:
		f.Value = query.Range[domain.Money]{From: t.amount, To: t.amount}
	case t.day != nil:
		f.Due = query.Range[domain.Day]{From: t.day, To: t.day}
	}
	if t.amount == nil && t.day == nil {
		name = q
	}
	return name, nil
}

// searchCheckout is searchText for checkouts.
func searchCheckout(is names, q string, f *query.CheckoutFilter) error {
	if id, ours := domain.ParseUUID("chk", q); ours {
		f.ID = &id
		return nil
	}
	if q == "" {
		return nil
	}
	t, err := readTyped(q, is)
	if t.amount != nil && !t.name {
		f.Total = query.Range[domain.Money]{From: t.amount, To: t.amount}
	} else {
		f.Typed, f.OrValue = q, t.amount
	}
	return err
}

// searchAnticipation is searchText for anticipations, which have no reference of billing's but
// their payments'.
func searchAnticipation(is names, q string, f *query.AnticipationFilter) error {
	if id, ours := domain.ParseUUID("ant", q); ours {
		f.ID = &id
		return nil
	}
	if q == "" {
		return nil
	}
	t, err := readTyped(q, is)
	switch {
	case t.name:
		f.Typed, f.OrValue, f.OrDueDay = q, t.amount, t.day
	case t.amount != nil:
		f.Value = query.Range[domain.Money]{From: t.amount, To: t.amount}
	case t.day != nil:
		f.Due = query.Range[domain.Day]{From: t.day, To: t.day}
	}
	return err
}
