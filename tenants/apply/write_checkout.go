package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueCheckouts writes the batch of checkouts.
func (s *rowBatch) queueCheckouts(b *pgx.Batch, now time.Time) {
	if len(s.ids) == 0 {
		return
	}
	type row = *domain.Checkout
	v := s.values
	b.Queue(
		`INSERT INTO checkouts (clinic_id, id, asaas_id, status, asaas_status, total, external_reference, state,
		  texts, version, created_at, updated_at)
		SELECT u.clinic, u.id, u.asaas_id, u.status, u.asaas_status, u.total, u.external_reference,
		  u.state::json, u.texts, u.version, $2, $2
		FROM unnest($1::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
		  $9::text[], $10::bytea[], $11::integer[])
		  u(clinic, id, asaas_id, status, asaas_status, total, external_reference, state, texts, version)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status,
		  total = excluded.total, external_reference = excluded.external_reference, state = excluded.state,
		  texts = excluded.texts, version = excluded.version, updated_at = excluded.updated_at`,
		s.clinics, now, s.ids, s.asaasIDs,
		columnOf(v, func(c row) string { return string(c.Status) }),
		s.rawStatus,
		cents(v, func(c row) domain.Opt[domain.Money] { return c.Total }),
		columnOf(v, func(c row) string { return c.ExternalReference }),
		s.states, s.texts, s.versions,
	)
}
