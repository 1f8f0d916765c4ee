package tenants

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueAnticipations writes the sheet's anticipations.
func (s *sheet) queueAnticipations(b *pgx.Batch) {
	type row = *domain.Anticipation
	type money = domain.Opt[domain.Money]
	v := s.values
	b.Queue(`INSERT INTO anticipations (clinic_id, id, asaas_id, status, asaas_status, payment, installment, total_value, value, fee, net_value, due_date,
		  confirmed_by, state, texts, version, created_at, updated_at)
		SELECT $1, u.id, u.asaas_id, u.status, u.asaas_status, u.payment, u.installment, u.total_value, u.value, u.fee, u.net_value, u.due_date::date,
		  u.confirmed_by, u.state::json, u.texts, u.version, $2, $2
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[],
		  $14::text[], $15::text[], $16::bytea[], $17::integer[])
		  u(id, asaas_id, status, asaas_status, payment, installment, total_value, value, fee, net_value, due_date, confirmed_by, state, texts, version)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status, payment = excluded.payment,
		  installment = excluded.installment, total_value = excluded.total_value, value = excluded.value, fee = excluded.fee, net_value = excluded.net_value,
		  due_date = excluded.due_date, confirmed_by = excluded.confirmed_by, state = excluded.state, texts = excluded.texts, version = excluded.version,
		  updated_at = excluded.updated_at`,
		s.clinic, s.now, s.ids, s.asaasIDs, column(v, func(a row) string { return string(a.Status) }), s.rawStatus,
		column(v, func(a row) string { return a.Payment }), column(v, func(a row) string { return a.Installment }),
		cents(v, func(a row) money { return a.TotalValue }), cents(v, func(a row) money { return a.Value }), cents(v, func(a row) money { return a.Fee }),
		cents(v, func(a row) money { return a.NetValue }), days(v, func(a row) domain.Day { return a.DueDate }),
		column(v, func(a row) string { return a.ConfirmedBy }), s.states, s.texts, s.versions)
}

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
	w.and("t.clinic_id = ?", tx.clinic)
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
