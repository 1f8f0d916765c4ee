package accounts

import (
	"fmt"
	"slices"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Instalments is a plan: a total in several charges, of which no event tells by itself.
type Instalments struct {
	ID, Customer, Method, Description, Reference string
	checkout                                     string
	Total                                        Cents
	First                                        time.Time // due date
	created                                      time.Time
	Deleted                                      bool
	Parts                                        []*Payment
}

// Divide makes a plan of n charges, due month after month; what does not divide stays with
// the last one (docs/gateway.md, instalment plans). Paid ones are told of as the gateway
// does: all CREATED, then all CONFIRMED, in one second.
func (v *Scene) Divide(plan Instalments, n int, paid bool) *Instalments {
	plan.ID, plan.created = v.World.UUID(), v.Now
	for k := range n {
		value := plan.Total / Cents(n)
		if k == n-1 {
			value = plan.Total - value*Cents(n-1)
		}
		p := v.Charge(Charge{
			Method: plan.Method, Value: value, Customer: plan.Customer, Checkout: plan.checkout,
			Reference: plan.Reference, Due: plan.First.AddDate(0, k, 0),
			installment: plan.ID, number: k + 1, count: n,
			Description: fmt.Sprintf("Parcela %d de %d. %s", k+1, n, plan.Description),
		})
		plan.Customer = p.Customer
		if paid {
			v.Confirm(p)
		}
		plan.Parts = append(plan.Parts, p)
		v.Tell("PAYMENT_CREATED", p)
	}
	if paid {
		for _, p := range plan.Parts {
			v.Tell("PAYMENT_CONFIRMED", p)
		}
	}
	v.Books.Plans = append(v.Books.Plans, &plan)
	return &plan
}

// Remove deletes a plan's open charges, one event each.
func (plan *Instalments) Remove(v *Scene) {
	for _, p := range plan.Parts {
		if !p.Deleted && slices.Contains(Unpaid, p.Status) {
			v.Remove(p)
		}
	}
}

// Refund gives back every paid charge of a plan, one event each.
func (plan *Instalments) Refund(v *Scene) {
	for _, p := range plan.Parts {
		if slices.Contains(Paid, p.Status) {
			v.Refund(p, p.Value-p.Refunded(), "")
		}
	}
}

// Answer returns the plan as the REST API shows it.
func (i *Instalments) Answer() *jsonobject.Object {
	net := Cents(0)
	for _, p := range i.Parts {
		net += p.Net
	}
	return jsonobject.Of("object", "installment", "id", i.ID, "value", i.Total.Literal(), "netValue", net.Literal(),
		"paymentValue", i.Parts[0].Value.Literal(),
		"installmentCount", len(i.Parts), "billingType", i.Method, "paymentDate", nil,
		"description", TextOrNull(i.Description), "expirationDay", i.First.Day(),
		"dateCreated", Date(i.created), "customer", i.Customer, "paymentLink", nil,
		"checkoutSession", TextOrNull(i.checkout), "transactionReceiptUrl", nil,
		"chargeback", nil, "creditCard", nil, "deleted", i.Deleted, "refunds", []any{})
}
