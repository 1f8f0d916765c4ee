package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// checkout is a payment page. The API answers it with its link and `splits`; webhook
// payloads have a null link (docs/gateway.md, checkouts).
type checkout struct {
	id, status, reference string
	minutes               int
	methods, charges      []any
	callback              any
	items                 []any
	plan                  any // installment{maxInstallmentCount}
	renewal               any // subscription{cycle, nextDueDate, endDate} of a recurrent one
	created               time.Time
}

func (c *checkout) object() *jsonobject.Object {
	return jsonobject.Of("id", c.id, "link", nil, "status", c.status, "minutesToExpire", c.minutes,
		"externalReference", textOrNull(c.reference), "billingTypes", c.methods, "chargeTypes", c.charges,
		"callback", c.callback, "items", c.items, "subscription", c.renewal, "installment", c.plan,
		"split", nil, "customer", nil, "customerData", nil)
}

// answer returns the checkout as the REST API shows it.
func (c *checkout) answer() *jsonobject.Object {
	o := c.object()
	o.Set("link", "https://sandbox.asaas.com/checkoutSession/show/"+c.id)
	return o
}

func (c *checkout) tell(v *scene, event string) {
	v.emit(event, "checkout", c.object())
}

// end takes a checkout to a final status.
func (c *checkout) end(v *scene, status string) {
	c.status = status
	c.tell(v, "CHECKOUT_"+status)
}

// open makes a checkout over one item.
func (v *scene) open(c checkout) *checkout {
	c.id, c.status, c.created = v.world.uuid(), "ACTIVE", v.now
	v.books.checkouts = append(v.books.checkouts, &c)
	c.tell(v, "CHECKOUT_CREATED")
	c.watch(v)
	return &c
}

// watch plans the end of a checkout that nobody pays.
func (c *checkout) watch(v *scene) {
	v.world.plan(v.books, c.created.Add(time.Duration(c.minutes)*time.Minute), func(v *scene) {
		if c.status == "ACTIVE" {
			c.end(v, "EXPIRED")
		}
	})
}
