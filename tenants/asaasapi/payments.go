package asaasapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// DateField is a date of a charge by which charges can be listed.
type DateField string

// The dates, the gateway's words.
const (
	Created   DateField = "dateCreated"
	Paid      DateField = "paymentDate" // the money was received
	Credited  DateField = "estimatedCreditDate"
	DueWithin DateField = "dueDate"
)

// PaymentQuery chooses charges; the zero members choose all.
type PaymentQuery struct {
	By                           DateField
	From, To                     domain.Day // both included; with By
	Status                       string     // the gateway's word
	Checkout, Plan, Subscription string     // gateway ids of what the charges belong to
	Anticipated                  *bool
	Reference                    string // externalReference
}

func (q PaymentQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"status": q.Status, "checkoutSession": q.Checkout, "installment": q.Plan,
		"subscription": q.Subscription, "externalReference": q.Reference,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.By != "" && q.From != "" {
		v.Set(string(q.By)+"[ge]", string(q.From))
	}
	if q.By != "" && q.To != "" {
		v.Set(string(q.By)+"[le]", string(q.To))
	}
	if q.Anticipated != nil {
		v.Set("anticipated", strconv.FormatBool(*q.Anticipated))
	}
	return v
}

// maxPaymentPages bounds a list of charges: 10,000 of them.
const maxPaymentPages = 100

// Payments reads the charges that q chooses, newest first, and the gateway's clock of the
// first page. The gateway leaves deleted charges out. It fails beyond 10,000: ask for a
// smaller window.
func (c *Client) Payments(ctx context.Context, cred Credential, q PaymentQuery) ([]Object, time.Time, error) {
	return c.objects(ctx, cred, "/payments", q.values(), ReadPayments, maxPaymentPages)
}

// objects reads a list of objects that have ids.
func (c *Client) objects(
	ctx context.Context, cred Credential, path string, query url.Values, permission string, most int,
) ([]Object, time.Time, error) {
	items, at, err := c.Pages(ctx, cred, path, query, permission, most)
	if err != nil {
		return nil, at, err
	}
	out := make([]Object, 0, len(items))
	for _, raw := range items {
		out = append(out, Object{Body: raw, Clock: at, Found: true})
	}
	return out, at, nil
}

// Refund is money given back of a charge.
type Refund struct {
	At     time.Time    // UTC; zero when the gateway's text is no instant
	Status string       // the gateway's word; only DONE moved money
	Value  domain.Money // centavos
	EndID  string       // of the Pix network, "" for other methods
}

// Refunds reads what was given back of a charge, or is about to be. It fails with
// not_found for an id that is not the account's.
func (c *Client) Refunds(ctx context.Context, cred Credential, payment string) ([]Refund, error) {
	if !cleanID(payment) {
		return nil, &Error{Code: InvalidID}
	}
	items, _, err := c.list(ctx, cred, "/payments/"+payment+"/refunds", url.Values{}, ReadPayments)
	if err != nil {
		return nil, err
	}
	out := make([]Refund, 0, len(items))
	for _, raw := range items {
		var r struct {
			DateCreated, Status, EndToEndIdentifier string
			Value                                   json.Number
		}
		if json.Unmarshal(raw, &r) != nil {
			return nil, &Error{Code: Unexpected, Status: http.StatusOK}
		}
		value, err := exact(r.Value)
		if err != nil {
			return nil, err
		}
		at, _ := asaas.TimeOf(domain.LocalTime(r.DateCreated))
		out = append(out, Refund{At: at, Status: r.Status, Value: value, EndID: r.EndToEndIdentifier})
	}
	return out, nil
}
