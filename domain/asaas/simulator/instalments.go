package simulator

import (
	"fmt"
	"slices"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// instalments is a plan: a total in several charges, of which no event tells by itself.
type instalments struct {
	id, customer, method, description, reference string
	checkout                                     string
	total                                        cents
	first                                        time.Time // due date
	created                                      time.Time
	deleted                                      bool
	parts                                        []*payment
}

// divide makes a plan of n charges, due month after month; what does not divide stays with
// the last one (docs/gateway.md, instalment plans). Paid ones are told of as the gateway
// does: all CREATED, then all CONFIRMED, in one second.
func (v *scene) divide(plan instalments, n int, paid bool) *instalments {
	plan.id, plan.created = v.world.uuid(), v.now
	for k := range n {
		value := plan.total / cents(n)
		if k == n-1 {
			value = plan.total - value*cents(n-1)
		}
		p := v.charge(charge{method: plan.method, value: value, customer: plan.customer, checkout: plan.checkout, reference: plan.reference, due: plan.first.AddDate(0, k, 0),
			installment: plan.id, number: k + 1, count: n, description: fmt.Sprintf("Parcela %d de %d. %s", k+1, n, plan.description)})
		plan.customer = p.customer
		if paid {
			v.confirm(p)
		}
		plan.parts = append(plan.parts, p)
		v.tell("PAYMENT_CREATED", p)
	}
	if paid {
		for _, p := range plan.parts {
			v.tell("PAYMENT_CONFIRMED", p)
		}
	}
	v.books.plans = append(v.books.plans, &plan)
	return &plan
}

// remove deletes a plan's open charges, one event each.
func (plan *instalments) remove(v *scene) {
	for _, p := range plan.parts {
		if !p.deleted && slices.Contains(unpaid, p.status) {
			v.remove(p)
		}
	}
}

// refund gives back every paid charge of a plan, one event each.
func (plan *instalments) refund(v *scene) {
	for _, p := range plan.parts {
		if slices.Contains(paid, p.status) {
			v.refund(p, p.value-p.refunded(), "")
		}
	}
}

// answer returns the plan as the REST API shows it.
func (i *instalments) answer() *jsonobject.Object {
	net := cents(0)
	for _, p := range i.parts {
		net += p.net
	}
	return jsonobject.Of("object", "installment", "id", i.id, "value", i.total.literal(), "netValue", net.literal(), "paymentValue", i.parts[0].value.literal(),
		"installmentCount", len(i.parts), "billingType", i.method, "paymentDate", nil, "description", textOrNull(i.description), "expirationDay", i.first.Day(),
		"dateCreated", date(i.created), "customer", i.customer, "paymentLink", nil, "checkoutSession", textOrNull(i.checkout), "transactionReceiptUrl", nil,
		"chargeback", nil, "creditCard", nil, "deleted", i.deleted, "refunds", []any{})
}
