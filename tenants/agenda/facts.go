// Package agenda keeps each clinic's agenda: what domain/agenda makes of the facts that are stored, as rows, so
// that whatever opens, changes or closes is an entry of the change feed. Its one rule: an entry and its row are
// written in one transaction, and facts that did not change write neither.
package agenda

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// mostOfASort bounds what is read of one sort: beyond it an agenda tells nobody anything.
const mostOfASort = "500"

// Conditions of an invoice: it is paid, or could still be; the due day as the lists' index has it.
const (
	paid     = "('confirmed', 'received', 'received_in_cash', 'collected')"
	unpaid   = "('pending', 'overdue', 'authorized', 'in_review')"
	shownDue = "(CASE WHEN due_date IS NULL THEN '0001-01-01'::date ELSE due_date END)"
)

// advances are the anticipations that ask for something: those of each status by the index that bounds them.
const advances = `SELECT a.id, a.asaas_id, a.status, a.updated_at, a.due_date, a.value, a.payment, a.installment FROM (
	  (SELECT id, asaas_id, status, updated_at, due_date, value, payment, installment FROM anticipations
	    WHERE clinic_id = $1 AND status = 'overdue' ORDER BY id LIMIT ` + mostOfASort + `)
	  UNION ALL (SELECT id, asaas_id, status, updated_at, due_date, value, payment, installment FROM anticipations
	    WHERE clinic_id = $1 AND status = 'denied' AND updated_at >= $2 ORDER BY updated_at, id LIMIT ` + mostOfASort + `)
	  UNION ALL (SELECT id, asaas_id, status, updated_at, due_date, value, payment, installment FROM anticipations
	    WHERE clinic_id = $1 AND status = 'credited' AND ` + shownDue + ` BETWEEN $3::text::date AND $3::text::date + 7
	    ORDER BY ` + shownDue + `, id LIMIT ` + mostOfASort + `)) a`

// facts is the statement that reads everything, as one JSON object: one trip, however many sorts there are. An
// anticipation that was credited asks for nothing once its payer has paid.
const facts = `SELECT json_build_object(
	'disputes', (SELECT json_agg(json_build_object('payment', d.asaas_id, 'value', d.value,
	    'since', coalesce(d.state #>> '{Chargeback,DisputeStart}', ''),
	    'deadline', coalesce(d.state #>> '{Chargeback,Deadline}', '')))
	  FROM (SELECT asaas_id, state, value FROM invoices
	    WHERE clinic_id = $1 AND asaas_status = 'CHARGEBACK_REQUESTED' AND NOT deleted
	    AND status = 'disputed' ORDER BY id LIMIT ` + mostOfASort + `) d),
	'advances', (SELECT json_agg(json_build_object('id', a.asaas_id, 'status', a.status,
	    'since', a.updated_at, 'due', coalesce(a.due_date::text, ''), 'value', a.value,
	    'again', a.status = 'denied' AND (EXISTS (SELECT FROM anticipations b
	        WHERE b.clinic_id = $1 AND b.payment = a.payment AND b.installment = a.installment AND b.id > a.id
	        AND b.status NOT IN ('denied', 'cancelled'))
	      OR EXISTS (SELECT FROM invoices i
	        WHERE i.clinic_id = $1 AND i.asaas_id = a.payment AND i.status IN ('received', 'received_in_cash')))))
	  FROM (` + advances + `) a WHERE a.status <> 'credited'
	    OR a.payment <> '' AND NOT EXISTS (SELECT FROM invoices i
	      WHERE i.clinic_id = $1 AND i.asaas_id = a.payment AND i.status IN ` + paid + `)
	    OR a.payment = '' AND EXISTS (SELECT FROM invoices i
	      WHERE i.clinic_id = $1 AND i.installment = a.installment AND i.installment <> ''
	      AND i.status IN ` + unpaid + ` AND NOT i.deleted)),
	'refusals', (SELECT json_agg(r)
	  FROM (SELECT left(refused_at, 10) AS day, count(*) AS count, coalesce(sum(value), 0)::bigint AS sum
	  FROM invoices WHERE clinic_id = $1 AND refused_at >= $4 AND status IN ` + unpaid + ` AND NOT deleted GROUP BY 1) r),
	'boletos', (SELECT json_agg(b) FROM (SELECT due_date AS day, count(*) AS count, coalesce(sum(value), 0)::bigint AS sum
	  FROM invoices WHERE clinic_id = $1 AND status = 'pending' AND NOT deleted
	    AND ` + shownDue + ` BETWEEN $3::text::date AND $3::text::date + 2
	    AND upper(method) = 'BOLETO' GROUP BY 1) b),
	'items', (SELECT json_agg(w) FROM (SELECT id, opened_at AS opened, amount FROM work_items
	  WHERE clinic_id = $1 AND resolved_at IS NULL ORDER BY id LIMIT ` + mostOfASort + `) w),
	'connection', (SELECT json_build_object('setAt', key_set_at,
	  'expiresOn', coalesce(key_expires_on::text, ''), 'lossAt', loss_at, 'since', since)
	  FROM connections WHERE clinic_id = $1 AND state <> 'disconnected'),
	'checks', (SELECT json_build_object('seenAt', seen_at,
	  'ends', coalesce(commercial_ends::text, ''), 'expired', commercial_expired)
	  FROM connection_checks WHERE clinic_id = $1),
	'balance', (SELECT balance FROM statement_checks WHERE clinic_id = $1))`

// kept is what facts returns.
type kept struct {
	Disputes []struct {
		Payment         string
		Since, Deadline domain.Day
		Value           *domain.Money
	}
	Advances []struct {
		ID     string
		Status domain.AnticipationStatus
		Since  time.Time
		Due    domain.Day
		Value  *domain.Money
		Again  bool
	}
	Refusals, Boletos []agenda.Pile
	Items             []struct {
		ID     jsonID
		Opened time.Time
		Amount domain.Money
	}
	Connection struct {
		SetAt, LossAt *time.Time
		Since         time.Time
		ExpiresOn     domain.Day
	}
	Checks struct {
		SeenAt  *time.Time
		Ends    domain.Day
		Expired bool
	}
	Balance *domain.Money
}

// jsonID is a uuid as JSON of Postgres has it.
type jsonID domain.UUID

// UnmarshalJSON reads the text form.
func (u *jsonID) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	return (*tenants.DBUUID)(u).Scan(text)
}

// factsArgs are what the statement asks with: the clinic, a week ago, today in São Paulo, and a week ago there.
func factsArgs(tx *tenants.Tx, now time.Time) []any {
	week := now.AddDate(0, 0, -7)
	return []any{tx.Clinic(), week, string(asaas.DayOf(now)), string(asaas.DayOf(week))}
}

// Facts returns what the clinic's agenda is made of, as it is stored now.
func Facts(tx *tenants.Tx, now time.Time) (agenda.Facts, error) {
	var raw []byte
	err := tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), facts, factsArgs(tx, now)...).Scan(&raw)
	})
	var k kept
	if err == nil {
		err = json.Unmarshal(raw, &k)
	}
	return k.facts(now), tenants.Translate(err, "agenda")
}

func (k *kept) facts(now time.Time) agenda.Facts {
	f := agenda.Facts{
		Now: now.UTC(), Refusals: k.Refusals, Boletos: k.Boletos, Available: orNone(k.Balance),
		LossAt: tenants.OrZero(k.Connection.LossAt), PausedAt: k.Connection.Since.UTC(),
		Key: agenda.Key{
			SetAt: tenants.OrZero(k.Connection.SetAt), UsedAt: tenants.OrZero(k.Checks.SeenAt),
			ExpiresOn: k.Connection.ExpiresOn, CommercialEnds: k.Checks.Ends, CommercialExpired: k.Checks.Expired,
		},
	}
	for _, d := range k.Disputes {
		f.Disputes = append(f.Disputes, agenda.Dispute{
			Payment: d.Payment, Since: d.Since, Deadline: d.Deadline, Value: orNone(d.Value),
		})
	}
	for _, a := range k.Advances {
		f.Advances = append(f.Advances, agenda.Advance{
			ID: a.ID, Status: a.Status, Since: a.Since.UTC(), Due: a.Due, Value: orNone(a.Value), Again: a.Again,
		})
	}
	for _, i := range k.Items {
		f.WorkItems = append(f.WorkItems, agenda.WorkItem{
			ID: domain.UUID(i.ID).Public("wki"), Opened: i.Opened.UTC(), Amount: i.Amount,
		})
	}
	return f
}

func orNone(m *domain.Money) domain.Opt[domain.Money] {
	if m == nil {
		return domain.Opt[domain.Money]{}
	}
	return domain.Some(*m)
}

// ExplainFacts returns Postgres's plan of the statement that reads the facts.
func ExplainFacts(tx *tenants.Tx, now time.Time) (plan []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), "EXPLAIN (COSTS OFF) "+facts, factsArgs(tx, now)...)
		if err != nil {
			return err
		}
		plan, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return plan, err
}
