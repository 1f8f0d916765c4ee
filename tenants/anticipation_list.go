package tenants

import (
	"time"

	"patapay/domain"
)

// AnticipationFilter says which anticipations are wanted; what is empty does not matter.
type AnticipationFilter struct {
	Status      []string
	AsaasStatus []string
	Due         Range[domain.Day]
	Value       Range[domain.Money] // of the charge, net of its own fee
	Created     Range[time.Time]
	Payment     string // the gateway's id
	Installment string // of the plan, the gateway's id
	AsaasID     string
	ID          *domain.UUID // ours; nil: any
}

// Anticipations returns a page of the clinic's anticipations; its sorts are createdAt
// (newest first unless told otherwise), dueDate, amountCents and updatedAt.
func (tx *Tx) Anticipations(f AnticipationFilter, p Page) (List[Stored[domain.Anticipation]], error) {
	return anticipationList.page(tx, f.where(tx), f, p)
}

func (f AnticipationFilter) where(tx *Tx) *where {
	w := &where{}
	w.and("t.clinic_id = ?", tx.Clinic())
	w.oneOf("t.status", f.Status)
	w.oneOf("t.asaas_status", f.AsaasStatus)
	from, to := texts(f.Due, func(d domain.Day) string { return string(d) })
	w.known("t.due_date", dueOrNone, "date", from, to)
	from, to = texts(f.Value, cents64)
	w.known("t.value", valueOrNone, "bigint", from, to)
	w.seen(f.Created)
	w.is("t.payment", f.Payment)
	w.ref("t.installment", f.Installment)
	w.is("t.asaas_id", f.AsaasID)
	if f.ID != nil {
		w.and("t.id = ?", *f.ID)
	}
	return w
}
