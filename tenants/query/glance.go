package query

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/glance"
	"patapay/tenants"
)

// doubtfulInvoice, doubtfulAnticipation and doubtfulCheckout are the conditions of the indexes of
// what is in doubt, word for word (migrations/0097 and 0351). An invoice's flags are seen in its text, at a fraction
// of what reading its state as JSON costs each write.
const (
	flagged         = "(state ->> 'Flags') IS NOT NULL"
	doubtfulInvoice = `strpos(state::text, '"Flags":[') > 0 OR ` +
		"confirmed_by = 'webhook' AND (refunded <> 0 OR status = ANY " +
		"('{confirmed,received,received_in_cash,refunding,refunded,disputed,collected}'))"
	doubtfulAnticipation = flagged + " OR confirmed_by = 'webhook' AND status = ANY ('{credited,debited}')"
	doubtfulCheckout     = flagged

	flags = "CASE WHEN " + flagged + " THEN state -> 'Flags' END" // null, where JSON may say so too
)

// doubts is the statement that finds what is in doubt, and what is disputed or not known at the
// gateway: a row for each sort, with how many there are, what they come to and since when.
var doubts = `WITH doubtful AS (
	  SELECT value, updated_at, ` + flags + ` AS flags, confirmed_by = 'webhook'
	    AND (refunded <> 0 OR status = ANY ($2)) AS unconfirmed
	    FROM invoices WHERE clinic_id = $1 AND (` + doubtfulInvoice + `)
	  UNION ALL SELECT net_value, updated_at, ` + flags + `, confirmed_by = 'webhook' AND status = ANY ($3)
	    FROM anticipations WHERE clinic_id = $1 AND (` + doubtfulAnticipation + `)
	  UNION ALL SELECT total, updated_at, ` + flags + `, false FROM checkouts
	  WHERE clinic_id = $1 AND ` + doubtfulCheckout + `)
	SELECT 'flag', f.code, count(*), coalesce(sum(d.value), 0)::bigint, min(d.updated_at), ''
	  FROM doubtful d CROSS JOIN LATERAL json_array_elements_text(d.flags) f(code) WHERE d.flags IS NOT NULL
	  GROUP BY f.code
	UNION ALL SELECT 'unconfirmed', 'webhook', count(*), coalesce(sum(value), 0)::bigint, min(updated_at), ''
	FROM doubtful WHERE unconfirmed
	UNION ALL SELECT status, '', count(*), coalesce(sum(value), 0)::bigint, min(updated_at),
	  coalesce(min(nullif(state #>> '{Chargeback,Deadline}', '')), '')
	  FROM invoices WHERE clinic_id = $1 AND status = ANY ('{disputed,not_at_asaas}') GROUP BY status
	UNION ALL SELECT status, '', count(*), coalesce(sum(net_value), 0)::bigint, min(updated_at), ''
	  FROM anticipations WHERE clinic_id = $1 AND status = 'not_at_asaas' GROUP BY status`

func doubtsArgs(tx *tenants.Tx) []any {
	credited := []domain.AnticipationStatus{domain.AnticipationCredited, domain.AnticipationDebited}
	return []any{tx.Clinic(), domain.MoneyStatuses(), credited}
}

// Doubts reads into f what stands in doubt of the clinic's objects.
func Doubts(tx *tenants.Tx, f *glance.Facts) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), doubts, doubtsArgs(tx)...)
		if err != nil {
			return err
		}
		var sort string
		var cents int64
		var p glance.Pile
		var since *time.Time
		_, err = pgx.ForEachRow(rows, []any{&sort, &p.Subject, &p.Count, &cents, &since, &p.Deadline}, func() error {
			p.Amount, p.Since = domain.Some(domain.Money(cents)), tenants.OrZero(since)
			switch sort {
			case "flag":
				f.Flags = append(f.Flags, p)
			case "unconfirmed":
				f.Unconfirmed = append(f.Unconfirmed, p)
			case string(domain.InvoiceDisputed):
				f.Disputes = p
			default:
				f.NotAtAsaas = bothPiles(f.NotAtAsaas, p)
			}
			return nil
		})
		return err
	}), "doubts")
}

// bothPiles returns what two piles of one sort are together.
func bothPiles(a, b glance.Pile) glance.Pile {
	if a.Count == 0 {
		return b
	}
	a.Count, a.Amount = a.Count+b.Count, domain.Some(a.Amount.V+b.Amount.V)
	if b.Since.Before(a.Since) {
		a.Since = b.Since
	}
	return a
}

// keptFacts is the statement that reads what else is kept about a clinic, as one JSON object: its
// parts are short, and one statement is one trip.
const keptFacts = `SELECT json_build_object(
	'ledgerFrom', CASE WHEN EXISTS (SELECT FROM statement_checks s WHERE s.clinic_id = h.clinic_id) THEN h.ledger_from
	  ELSE '' END,
	'alarms', (SELECT json_agg(json_build_object('subject', kind, 'count', 1, 'since', opened_at) ORDER BY opened_at)
	  FROM alarms
	  WHERE clinic_id = $1 AND closed_at IS NULL),
	'items', (SELECT json_agg(i)
	  FROM (SELECT kind AS subject, count(*) AS count, sum(abs(amount))::bigint AS cents, min(opened_at) AS since
	  FROM work_items WHERE clinic_id = $1 AND resolved_at IS NULL GROUP BY kind ORDER BY kind) i),
	'deadlines', (SELECT json_agg(d)
	  FROM (SELECT kind AS subject, sum(count)::bigint AS count, sum(amount)::bigint AS cents, min(since) AS since,
	  coalesce((min(due_at) AT TIME ZONE 'America/Sao_Paulo')::date::text, '') AS due FROM deadlines
	  WHERE clinic_id = $1 AND closed_at IS NULL GROUP BY kind ORDER BY kind) d),
	'agenda', (SELECT at FROM agenda_rounds WHERE clinic_id = $1),
	'balance', (SELECT json_build_object('gateway', balance, 'ledger', available, 'at', checked_at) FROM statement_checks
	  WHERE clinic_id = $1),
	'report', (SELECT json_build_object('unexplained', unexplained, 'at', ended_at) FROM certificates WHERE clinic_id = $1
	  ORDER BY id DESC LIMIT 1),
	'failed', (SELECT json_build_object('count', count(*), 'since', min(e.received_at)) FROM events e JOIN (
	    SELECT environment, seq, id_hash FROM due WHERE clinic_id = $1 AND next_at = 'infinity'
	    UNION SELECT environment, seq, id_hash FROM quarantined WHERE clinic_id = $1) k USING (environment, seq, id_hash)
	  WHERE e.clinic_id = $1 AND e.outcome IN ('dead', 'quarantined')),
	'putOff', (SELECT json_object_agg(kind, json_build_object('until', until, 'seen', seen)) FROM put_off_reminders
	  WHERE clinic_id = $1),
	'waiting', (SELECT min(e.received_at) FROM events e JOIN (SELECT environment, seq, id_hash FROM due
	    WHERE clinic_id = $1 AND next_at < 'infinity' ORDER BY next_at LIMIT 100) k USING (environment, seq, id_hash)
	  WHERE e.clinic_id = $1))
	FROM clinic_heads h WHERE h.clinic_id = $1`

// keptPile is a pile as keptFacts writes it.
type keptPile struct {
	Subject string
	Count   int
	Cents   *int64
	Since   *time.Time
	Due     domain.Day
}

func (k keptPile) pile() glance.Pile {
	p := glance.Pile{Subject: k.Subject, Count: k.Count, Since: tenants.OrZero(k.Since), Deadline: k.Due}
	if k.Cents != nil {
		p.Amount = domain.Some(domain.Money(*k.Cents))
	}
	return p
}

// KeptFacts reads into f the alarms, the work items, the agenda, the comparisons, the events that wait or failed, and
// which reminders are put off.
func KeptFacts(tx *tenants.Tx, f *glance.Facts) error {
	var raw []byte
	err := tx.Conn(func(c *pgx.Conn) error {
		return tenants.IgnoreNoRows(c.QueryRow(tx.Context(), keptFacts, tx.Clinic()).Scan(&raw))
	})
	if err != nil || raw == nil {
		return tenants.Translate(err, "glance")
	}
	var kept struct {
		LedgerFrom domain.Day
		Alarms     []keptPile
		Items      []keptPile
		Deadlines  []keptPile
		Agenda     *time.Time
		Balance    struct {
			Gateway, Ledger domain.Money
			At              time.Time
		}
		Report struct {
			Unexplained int
			At          time.Time
		}
		Failed  keptPile
		Waiting *time.Time
		PutOff  map[glance.ReminderKind]glance.PutOff
	}
	if err := json.Unmarshal(raw, &kept); err != nil {
		return err
	}
	f.LedgerFrom, f.Unexplained, f.ReportAt = kept.LedgerFrom, kept.Report.Unexplained, kept.Report.At.UTC()
	f.Balance = glance.BalanceComparison{
		Gateway: kept.Balance.Gateway, Ledger: kept.Balance.Ledger, CheckedAt: kept.Balance.At.UTC(),
	}
	for _, k := range kept.Alarms {
		f.Alarms = append(f.Alarms, k.pile())
	}
	for _, k := range kept.Items {
		f.WorkItems = append(f.WorkItems, k.pile())
	}
	for _, k := range kept.Deadlines {
		f.Deadlines = append(f.Deadlines, k.pile())
	}
	f.AgendaAt = tenants.OrZero(kept.Agenda)
	f.EventsFailed, f.WaitingSince, f.PutOff = kept.Failed.pile(), tenants.OrZero(kept.Waiting), kept.PutOff
	return nil
}
