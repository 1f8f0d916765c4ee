package gateway

import (
	"context"
	"encoding/json"
	"net/url"

	"patapay/domain"
)

// Plan is a total divided into several charges. No event tells of it: its charges do.
type Plan struct {
	ID       string
	Total    domain.Money // centavos
	Net      domain.Money // centavos, less the gateway's fees
	Each     domain.Money // centavos, of the first; the rest stays with the last
	Count    int
	Method   string // the gateway's word
	Checkout string // the page it came of, "" for none
	Deleted  bool
}

// Instalments reads a plan by its gateway id. It fails with not_found for an id that is not
// the account's.
func (c *Client) Instalments(ctx context.Context, cred Credential, id string) (p Plan, err error) {
	if !cleanID(id) {
		return p, &Error{Code: InvalidID}
	}
	var raw struct {
		ID, BillingType, CheckoutSession string
		Value, NetValue, PaymentValue    json.Number
		InstallmentCount                 int
		Deleted                          bool
	}
	if err := c.read(ctx, cred, "/installments/"+id, readPayments, &raw); err != nil {
		return p, err
	}
	if raw.ID != id {
		return p, errAnother
	}
	p = Plan{ID: raw.ID, Count: raw.InstallmentCount, Method: raw.BillingType, Checkout: raw.CheckoutSession, Deleted: raw.Deleted}
	err = exactly(amount{raw.Value, &p.Total}, amount{raw.NetValue, &p.Net}, amount{raw.PaymentValue, &p.Each})
	return p, err
}

// PaymentsOfInstalments reads the charges of a plan.
func (c *Client) PaymentsOfInstalments(ctx context.Context, cred Credential, id string) ([]Object, error) {
	if !cleanID(id) {
		return nil, &Error{Code: InvalidID}
	}
	list, _, err := c.objects(ctx, cred, "/installments/"+id+"/payments", url.Values{}, readPayments, maxPages)
	return list, err
}

// amount is a literal of an answer and where its centavos go.
type amount struct {
	literal json.Number
	into    *domain.Money
}

// exactly reads amounts without rounding. It fails with asaas_error for the first that
// cannot be.
func exactly(list ...amount) error {
	for _, a := range list {
		m, err := exact(a.literal)
		if err != nil {
			return err
		}
		*a.into = m
	}
	return nil
}
