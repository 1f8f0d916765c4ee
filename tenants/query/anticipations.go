package query

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
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

	Typed    string        // any name of an anticipation, or of a payment that it advances
	OrValue  *domain.Money // beside those that Typed names, those of this value
	OrDueDay *domain.Day   // beside those that Typed names, those due on this day
}

// Anticipations returns a page of the clinic's anticipations; its sorts are createdAt
// (newest first unless told otherwise), dueDate, amountCents and updatedAt.
func Anticipations(
	tx *tenants.Tx, f AnticipationFilter, p tenants.Page,
) (tenants.List[Stored[domain.Anticipation]], error) {
	return anticipationList.Page(tx, f.where(tx), f, p)
}

func (f AnticipationFilter) where(tx *tenants.Tx) *tenants.Where {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	w.OneOf("t.status", f.Status)
	w.OneOf("t.asaas_status", f.AsaasStatus)
	from, to := texts(f.Due, func(d domain.Day) string { return string(d) })
	w.Known("t.due_date", dueOrNone, "date", from, to)
	from, to = texts(f.Value, cents64)
	w.Known("t.value", valueOrNone, "bigint", from, to)
	seen(w, f.Created)
	w.Is("t.payment", f.Payment)
	w.Ref("t.installment", f.Installment)
	w.Is("t.asaas_id", f.AsaasID)
	if f.ID != nil {
		w.And("t.id = ?", *f.ID)
	}
	typed(
		w, tx.Clinic(), f.Typed, func(by naming) string { return by.anticipation },
		alike("anticipations", valueOrNone, tx.Clinic(), f.OrValue, f.OrDueDay)...)
	return w
}

// AdvancePayers are payers by the gateway's id of the payment, or of the plan, that an anticipation is of.
type AdvancePayers map[string]string

// Of returns the gateway's id of who pays what a turns into balance; "" while no invoice of it is known.
func (p AdvancePayers) Of(a domain.Anticipation) string { return p[advanceOf(a)] }

// advanceOf is what an anticipation is of: a payment, or a plan of them.
func advanceOf(a domain.Anticipation) string {
	if a.Payment != "" {
		return a.Payment
	}
	return a.Installment
}

// PayersOf returns who pays what these anticipations turn into balance, as the clinic's invoices have it.
func PayersOf(tx *tenants.Tx, list []domain.Anticipation) (AdvancePayers, error) {
	of := make([]string, len(list))
	for n, a := range list {
		of[n] = advanceOf(a)
	}
	p := AdvancePayers{}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), payersOf, tx.Clinic(), of)
		if err != nil {
			return err
		}
		var id, payer string
		_, err = pgx.ForEachRow(rows, []any{&id, &payer}, func() error { p[id] = payer; return nil })
		return err
	})
	return p, tenants.Translate(err, "payers of anticipations")
}

// payersOf finds the payer of each id by the index of a payment, or of one invoice of a plan.
const payersOf = `SELECT o.id, i.customer FROM unnest($2::text[]) AS o (id), LATERAL (
		(SELECT customer FROM invoices WHERE clinic_id = $1 AND asaas_id = o.id)
		UNION ALL (SELECT customer FROM invoices WHERE clinic_id = $1 AND installment = o.id AND installment <> '' LIMIT 1)
		LIMIT 1) i WHERE i.customer <> ''`
