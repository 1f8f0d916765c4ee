package query

import (
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// What a filter says of the tries of our own door and the throw-away checkouts of a connection's round trip.
const (
	WithoutTests = "without"
	OnlyTests    = "only"
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
	Tests             string       // OnlyTests, WithoutTests; "": all

	Typed   string        // any name of a checkout, or of a payment that came of it
	OrValue *domain.Money // beside those that Typed names, those of this total
}

// Checkouts returns a page of the clinic's checkouts; its sorts are createdAt (newest first
// unless told otherwise), amountCents and updatedAt.
func Checkouts(tx *tenants.Tx, f CheckoutFilter, p tenants.Page) (tenants.List[Stored[domain.Checkout]], error) {
	return checkoutList.Page(tx, f.where(tx), f, p)
}

func (f CheckoutFilter) where(tx *tenants.Tx) *tenants.Where {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	w.OneOf("t.status", f.Status)
	w.OneOf("t.asaas_status", f.AsaasStatus)
	from, to := texts(f.Total, cents64)
	w.Known("t.total", totalOrNone, "bigint", from, to)
	seen(w, f.Created)
	w.Ref("t.external_reference", f.ExternalReference)
	w.Is("t.asaas_id", f.AsaasID)
	if f.ID != nil {
		w.And("t.id = ?", *f.ID)
	}
	switch f.Tests {
	case WithoutTests:
		w.And("t.external_reference <> ?", domain.RoundTripReference)
	case OnlyTests:
		w.Ref("t.external_reference", domain.RoundTripReference)
	}
	typed(
		w, tx.Clinic(), f.Typed, func(by naming) string { return by.checkout },
		alike("checkouts", totalOrNone, tx.Clinic(), f.OrValue, nil)...)
	return w
}
