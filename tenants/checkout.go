package tenants

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueCheckouts writes the sheet's checkouts.
func (s *sheet) queueCheckouts(b *pgx.Batch) {
	type row = *domain.Checkout
	v := s.values
	b.Queue(`INSERT INTO checkouts (clinic_id, id, asaas_id, status, asaas_status, total, external_reference, state, texts, version, created_at, updated_at)
		SELECT $1, u.id, u.asaas_id, u.status, u.asaas_status, u.total, u.external_reference, u.state::json, u.texts, u.version, $2, $2
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bytea[], $11::integer[])
		  u(id, asaas_id, status, asaas_status, total, external_reference, state, texts, version)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status, total = excluded.total,
		  external_reference = excluded.external_reference, state = excluded.state, texts = excluded.texts, version = excluded.version, updated_at = excluded.updated_at`,
		s.clinic, s.now, s.ids, s.asaasIDs, column(v, func(c row) string { return string(c.Status) }), s.rawStatus,
		cents(v, func(c row) domain.Opt[domain.Money] { return c.Total }), column(v, func(c row) string { return c.ExternalReference }), s.states, s.texts, s.versions)
}

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
	w.and("t.clinic_id = ?", tx.clinic)
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
