package tenants

import (
	"time"

	"patapay/domain"
)

// CheckoutFilter says which checkouts are wanted; what is empty does not matter.
type CheckoutFilter struct {
	Status            []string
	AsaasStatus       []string
	Total             Range[domain.Money]
	Created           Range[time.Time]
	ExternalReference string
	AsaasID           string
	ID                *domain.UUID // ours; nil: any
}

// Checkouts returns a page of the clinic's checkouts; its sorts are createdAt (newest first
// unless told otherwise), amountCents and updatedAt.
func (tx *Tx) Checkouts(f CheckoutFilter, p Page) (List[Stored[domain.Checkout]], error) {
	return checkoutList.page(tx, f.where(tx), f, p)
}

func (f CheckoutFilter) where(tx *Tx) *where {
	w := &where{}
	w.and("t.clinic_id = ?", tx.Clinic())
	w.oneOf("t.status", f.Status)
	w.oneOf("t.asaas_status", f.AsaasStatus)
	from, to := texts(f.Total, cents64)
	w.known("t.total", totalOrNone, "bigint", from, to)
	w.seen(f.Created)
	w.ref("t.external_reference", f.ExternalReference)
	w.is("t.asaas_id", f.AsaasID)
	if f.ID != nil {
		w.and("t.id = ?", *f.ID)
	}
	return w
}
