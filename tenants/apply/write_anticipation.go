package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueAnticipations writes the batch of anticipations.
func (s *rowBatch) queueAnticipations(b *pgx.Batch, now time.Time) {
	if len(s.ids) == 0 {
		return
	}
	type row = *domain.Anticipation
	type money = domain.Opt[domain.Money]
	v := s.values
	b.Queue(
		`INSERT INTO anticipations (clinic_id, id, asaas_id, status, asaas_status, payment, installment, total_value, value,
		  fee, net_value, due_date, confirmed_by, state, texts, version, created_at, updated_at)
		SELECT u.clinic, u.id, u.asaas_id, u.status, u.asaas_status, u.payment, u.installment, u.total_value, u.value, u.fee,
		  u.net_value, u.due_date::date, u.confirmed_by, u.state::json, u.texts, u.version, $2, $2
		FROM unnest($1::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
		  $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bytea[], $17::integer[])
		  u(clinic, id, asaas_id, status, asaas_status, payment, installment, total_value, value, fee, net_value,
		    due_date, confirmed_by, state, texts, version)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status,
		  payment = excluded.payment, installment = excluded.installment, total_value = excluded.total_value,
		  value = excluded.value, fee = excluded.fee, net_value = excluded.net_value, due_date = excluded.due_date,
		  confirmed_by = excluded.confirmed_by, state = excluded.state, texts = excluded.texts,
		  version = excluded.version, updated_at = excluded.updated_at`,
		s.clinics, now, s.ids, s.asaasIDs,
		columnOf(v, func(a row) string { return string(a.Status) }),
		s.rawStatus,
		columnOf(v, func(a row) string { return a.Payment }),
		columnOf(v, func(a row) string { return a.Installment }),
		cents(v, func(a row) money { return a.TotalValue }),
		cents(v, func(a row) money { return a.Value }),
		cents(v, func(a row) money { return a.Fee }),
		cents(v, func(a row) money { return a.NetValue }),
		days(v, func(a row) domain.Day { return a.DueDate }),
		columnOf(v, func(a row) string { return a.ConfirmedBy }),
		s.states, s.texts, s.versions,
	)
}
