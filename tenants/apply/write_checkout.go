package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueCheckouts writes the batch of checkouts.
func (s *rowBatch) queueCheckouts(b *pgx.Batch) {
	type row = *domain.Checkout
	v := s.values
	b.Queue(
		`INSERT INTO checkouts (clinic_id, id, asaas_id, status, asaas_status, total, external_reference, state, texts, version, created_at, updated_at)
		SELECT $1, u.id, u.asaas_id, u.status, u.asaas_status, u.total, u.external_reference, u.state::json, u.texts, u.version, $2, $2
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bytea[], $11::integer[])
		  u(id, asaas_id, status, asaas_status, total, external_reference, state, texts, version)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status, total = excluded.total,
		  external_reference = excluded.external_reference, state = excluded.state, texts = excluded.texts, version = excluded.version, updated_at = excluded.updated_at`,
		s.clinic, s.now, s.ids, s.asaasIDs, column(v, func(c row) string { return string(c.Status) }),
		s.rawStatus,
		cents(v, func(c row) domain.Opt[domain.Money] { return c.Total }),
		column(v, func(c row) string { return c.ExternalReference }),
		s.states,
		s.texts,
		s.versions,
	)
}
