package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// queueInvoices writes the batch of invoices.
func (s *rowBatch) queueInvoices(b *pgx.Batch, now time.Time) {
	if len(s.ids) == 0 {
		return
	}
	type row = *domain.Invoice
	v := s.values
	text := func(get func(row) string) []string { return columnOf(v, get) }
	b.Queue(
		`INSERT INTO invoices AS t (clinic_id, id, asaas_id, status, asaas_status, method, value, net_value, refunded,
		  due_date, paid_on, available_on, deleted, confirmed_by, external_reference, customer, checkout_session,
		  installment, subscription, paid_at, refused_at, state, texts, version, created_at, updated_at)
		SELECT u.clinic, u.id, u.asaas_id, u.status, u.asaas_status, u.method, u.value, u.net_value, u.refunded,
		  u.due_date::date, u.paid_on::date, u.available_on::date, u.deleted, u.confirmed_by, u.external_reference,
		  u.customer, u.checkout_session, u.installment, u.subscription, nullif(u.paid_at, ''), nullif(u.refused_at, ''),
		  u.state::json, u.texts, u.version, $2, $2
		FROM unnest($1::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
		  $10::bigint[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::text[], $16::text[], $17::text[],
		  $18::text[], $19::text[], $20::text[], $21::text[], $22::bytea[], $23::integer[], $24::text[], $25::text[])
		  u(clinic, id, asaas_id, status, asaas_status, method, value, net_value, refunded, due_date, paid_on, available_on,
		  deleted, confirmed_by, external_reference, customer, checkout_session, installment, subscription,
		  state, texts, version, paid_at, refused_at)
		ON CONFLICT (clinic_id, id) DO UPDATE SET status = excluded.status, asaas_status = excluded.asaas_status,
		  method = excluded.method, value = excluded.value, net_value = excluded.net_value, refunded = excluded.refunded,
		  due_date = excluded.due_date, paid_on = excluded.paid_on, available_on = excluded.available_on,
		  deleted = excluded.deleted, confirmed_by = excluded.confirmed_by, external_reference = excluded.external_reference,
		  customer = excluded.customer, checkout_session = excluded.checkout_session, installment = excluded.installment,
		  subscription = excluded.subscription, paid_at = excluded.paid_at, refused_at = excluded.refused_at,
		  state = excluded.state, texts = excluded.texts, version = excluded.version, updated_at = excluded.updated_at`,
		s.clinics, now, s.ids, s.asaasIDs,
		text(func(i row) string { return string(i.Status) }),
		s.rawStatus,
		text(func(i row) string { return i.Method }),
		cents(v, func(i row) domain.Opt[domain.Money] { return i.Value }),
		cents(v, func(i row) domain.Opt[domain.Money] { return i.NetValue }),
		columnOf(v, func(i row) int64 { return int64(i.RefundedAmount) }),
		days(v, func(i row) domain.Day { return i.DueDate }),
		days(v, func(i row) domain.Day { return i.ClientPaymentDate }),
		days(v, domain.AvailableOn),
		columnOf(v, func(i row) bool { return i.Deleted }),
		text(func(i row) string { return i.ConfirmedBy }),
		text(func(i row) string { return i.ExternalReference }),
		text(func(i row) string { return i.Customer }),
		text(func(i row) string { return i.CheckoutSession }),
		text(func(i row) string { return i.Installment }),
		text(func(i row) string { return i.Subscription }),
		s.states, s.texts, s.versions,
		text(func(i row) string { return string(i.PaidAt) }),
		text(func(i row) string { return string(i.CardRefusals.LastAt) }),
	)
	s.queueInvoiceNumbers(b)
}

// queueInvoiceNumbers notes by which numbers the batch of invoices is found. One that
// an invoice had once still finds it.
func (s *rowBatch) queueInvoiceNumbers(b *pgx.Batch) {
	var clinics []int32
	var invoices [][16]byte
	var numbers []string
	for i, v := range s.values {
		invoice := v.(*domain.Invoice)
		for _, number := range []string{invoice.InvoiceNumber, invoice.NossoNumero} {
			if number != "" {
				clinics, invoices, numbers = append(clinics, s.clinics[i]), append(invoices, s.ids[i]), append(numbers, number)
			}
		}
	}
	if len(numbers) > 0 {
		b.Queue(
			`INSERT INTO invoice_numbers (clinic_id, invoice, number)
			SELECT u.clinic, u.invoice, u.number FROM unnest($1::integer[], $2::uuid[], $3::text[]) u(clinic, invoice, number)
			ON CONFLICT DO NOTHING`,
			clinics, invoices, numbers,
		)
	}
}
