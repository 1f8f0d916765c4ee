package accounts

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Checkout is a payment page. The API answers it with its link and `splits`; webhook
// payloads have a null link (docs/gateway.md, checkouts).
type Checkout struct {
	ID, Status, Reference string
	Minutes               int
	Methods, Charges      []any
	Callback              any
	Items                 []any
	Plan                  any // installment{maxInstallmentCount}
	Renewal               any // subscription{cycle, nextDueDate, endDate} of a recurrent one
	created               time.Time
}

func (c *Checkout) object() *jsonobject.Object {
	return jsonobject.Of("id", c.ID, "link", nil, "status", c.Status, "minutesToExpire", c.Minutes,
		"externalReference", TextOrNull(c.Reference), "billingTypes", c.Methods, "chargeTypes", c.Charges,
		"callback", c.Callback, "items", c.Items, "subscription", c.Renewal, "installment", c.Plan,
		"split", nil, "customer", nil, "customerData", nil)
}

// Answer returns the checkout as the REST API shows it.
func (c *Checkout) Answer() *jsonobject.Object {
	o := c.object()
	o.Set("link", "https://sandbox.asaas.com/checkoutSession/show/"+c.ID)
	return o
}

func (c *Checkout) tell(v *Scene, event string) {
	v.emit(event, "checkout", c.object())
}

// End takes a checkout to a final status.
func (c *Checkout) End(v *Scene, status string) {
	c.Status = status
	c.tell(v, "CHECKOUT_"+status)
}

// Open makes a checkout over one item.
func (v *Scene) Open(c Checkout) *Checkout {
	c.ID, c.Status, c.created = v.World.UUID(), "ACTIVE", v.Now
	v.Books.Checkouts = append(v.Books.Checkouts, &c)
	c.tell(v, "CHECKOUT_CREATED")
	c.watch(v)
	return &c
}

// watch plans the end of a checkout that nobody pays.
func (c *Checkout) watch(v *Scene) {
	v.World.Plan(v.Books, c.created.Add(time.Duration(c.Minutes)*time.Minute), func(v *Scene) {
		if c.Status == "ACTIVE" {
			c.End(v, "EXPIRED")
		}
	})
}
