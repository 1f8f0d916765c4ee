package ledger

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// kindPlan is the subject of a line that pays back part of a plan's advance: the line itself is
// booked, because the advance's events do not tell how much of it each debit takes.
const kindPlan domain.Kind = "plan"

// advanceLine is a line of the statement that takes an advance back, and whose it is so far.
type advanceLine struct {
	domain.Line
	kind    domain.Kind
	subject string
	matched bool // by kind, day and amount; else the gateway named the subject, or nobody did
	plan    bool // the gateway named the advance of a whole plan
}

// owner is an advance that may have been debited by a line of its day and amount.
type owner struct {
	kind   domain.Kind
	id     string
	charge string // the payment whose credit pays it back
	day    domain.Day
	amount domain.Money
	named  bool // by the gateway: nothing is guessed
}

type dayAmount struct {
	day    domain.Day
	amount domain.Money
}

// matchAdvances says whose the debits of advances are that the gateway did not name: by kind, day
// and amount where that is unambiguous, else they are in suspense and somebody is asked. The
// answer follows from the lines and bookings there are now: what was matched or asked before, and
// has become otherwise, is put right. What a person has decided stays.
func matchAdvances(tx *tenants.Tx, chain Chain, now time.Time) error {
	lines, err := advanceLines(tx)
	if err != nil || len(lines) == 0 {
		return err
	}
	owners, err := advanceOwners(tx)
	if err != nil {
		return err
	}
	owned := map[string]owner{} // by line
	for _, l := range lines {
		if l.plan {
			owned[l.ID] = owner{kind: kindPlan, id: l.subject, named: true}
		} else if at := chargedBy(owners, l); at >= 0 {
			owned[l.ID] = owners[at]
			owners = slices.Delete(owners, at, at+1)
		}
	}
	nameless, free := map[dayAmount]int{}, map[dayAmount][]owner{}
	for _, l := range lines {
		if owned[l.ID].kind == "" {
			nameless[dayAmount{l.Day, -l.Value}]++
		}
	}
	for _, o := range owners {
		k := dayAmount{o.day, o.amount}
		free[k] = append(free[k], o)
	}
	for _, l := range lines {
		k := dayAmount{l.Day, -l.Value}
		if n := nameless[k]; owned[l.ID].kind == "" && n > 0 && len(free[k]) == n { // each has its own
			owned[l.ID] = free[k][0]
			free[k], nameless[k] = free[k][1:], n-1
		}
		if err := assignLine(tx, chain, l, owned[l.ID], now); err != nil {
			return err
		}
	}
	return nil
}

// chargedBy returns which of the owners is debited through the payment that the line names; -1:
// none, or more than one may be.
func chargedBy(owners []owner, l advanceLine) int {
	found := -1
	for n, o := range owners {
		if l.Payment == "" || o.charge != l.Payment || o.amount != -l.Value {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = n
	}
	return found
}

// assignLine makes the line own's, or nobody's, where it is not so already.
func assignLine(tx *tenants.Tx, chain Chain, l advanceLine, own owner, now time.Time) error {
	if l.kind == own.kind && l.subject == own.id && own.kind != "" {
		return nil
	}
	matched := own.kind != "" && !own.named
	var facts []domain.Fact // that are to stand
	switch own.kind {
	case domain.KindAnticipation: // its events tell of the money
	case kindPlan:
		facts = []domain.Fact{l.Fact(domain.AccountAdvance)}
	default:
		facts = []domain.Fact{l.Fact(domain.AccountSuspense)}
	}
	booked, err := bookedOf(tx, l.ID)
	if err != nil {
		return err
	}
	var list []Posting
	for _, f := range domain.Missing(facts, booked) {
		list = append(list, Posting{domain.KindLine, f})
	}
	if own.kind == "" && len(list) == 0 {
		return nil
	}
	if err := Post(tx, chain, now, list...); err != nil {
		return err
	}
	if own.kind == "" {
		item := domain.Concern{Kind: domain.ConcernLine, Subject: l.ID, Amount: l.Value, Payment: l.Payment, Detail: l.Type}
		if err := raise(tx, now, item); err != nil {
			return err
		}
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE statement_lines SET subject_kind = $3, subject = $4, matched = $5
			WHERE clinic_id = $1 AND id = $2`,
			tx.Clinic(), l.ID, string(own.kind), own.id, matched)
		if err != nil || own.kind == "" {
			return err
		}
		_, err = c.Exec(tx.Context(), `UPDATE work_items
			SET outcome = 'gone', resolved_at = $3, updated_at = $3, version = version + 1
			WHERE clinic_id = $1 AND subject = $2 AND kind = 'statement_line' AND outcome = ''`, tx.Clinic(), l.ID, now.UTC())
		return err
	}), "statement lines")
}

// advanceLines returns the debits of advances that the gateway did not name, and those of plans,
// without what people have decided.
func advanceLines(tx *tenants.Tx) (list []advanceLine, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT id, day::text, value, type, payment, subject_kind, subject, matched, NOT matched AND subject <> ''
			FROM statement_lines l WHERE clinic_id = $1 AND type = ANY($2) AND value < 0
			AND (subject = '' OR matched OR subject_kind = 'plan' OR subject_kind = 'anticipation'
			  AND EXISTS (SELECT FROM anticipations a
			  WHERE a.clinic_id = $1 AND a.asaas_id = l.subject AND a.installment <> '' AND a.payment = ''))
			AND NOT EXISTS (SELECT FROM work_items w
			  WHERE w.clinic_id = $1 AND w.kind = 'statement_line' AND w.subject = l.id AND w.outcome NOT IN ('', 'gone'))
			ORDER BY day, id`,
			tx.Clinic(), domain.AdvanceDebits(),
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l advanceLine, err error) {
			err = row.Scan(&l.ID, &l.Day, &l.Value, &l.Type, &l.Payment, &l.kind, &l.subject, &l.matched, &l.plan)
			return l, err
		})
		return err
	})
	return list, tenants.Translate(err, "statement lines")
}

// advanceOwners returns what may have been debited: settled advances that no line names, by what
// their events have booked, and instalments of advanced plans, by what reached the balance.
func advanceOwners(tx *tenants.Tx) (list []owner, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `WITH moved AS (
			  SELECT t.kind, t.subject, t.fact, left(t.at, 10) AS day, e.amount
			  FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
			  WHERE t.clinic_id = $1 AND e.account = 'asaas_available' AND t.kind IN ('payment', 'anticipation')),
			plans AS (SELECT asaas_id, installment FROM anticipations WHERE clinic_id = $1 AND installment <> '' AND payment = ''
			  AND status IN ('credited', 'debited', 'overdue'))
			SELECT 'anticipation', subject,
			  coalesce((SELECT a.payment FROM anticipations a WHERE a.clinic_id = $1 AND a.asaas_id = m.subject), ''),
			  day, -sum(amount)::bigint FROM moved m
			  WHERE kind = 'anticipation' AND (fact = 'debit' OR fact LIKE 'void:debit:%' OR fact LIKE 'correct:debit:%'
			    OR fact LIKE 'correct:void:debit:%')
			  AND NOT EXISTS (SELECT FROM statement_lines l
			    WHERE l.clinic_id = $1 AND l.subject = m.subject AND l.type = ANY($2) AND NOT l.matched)
			  GROUP BY subject, day HAVING sum(amount) < 0
			UNION ALL
			SELECT 'plan', p.asaas_id, m.subject, m.day, sum(m.amount)::bigint FROM moved m
			  JOIN invoices i ON i.clinic_id = $1 AND i.asaas_id = m.subject JOIN plans p ON p.installment = i.installment
			  WHERE m.kind = 'payment' AND NOT EXISTS (SELECT FROM statement_lines l
			    WHERE l.clinic_id = $1 AND l.subject_kind = 'plan' AND l.subject = p.asaas_id AND NOT l.matched
			    AND l.day::text = m.day)
			  GROUP BY p.asaas_id, m.subject, m.day HAVING sum(m.amount) > 0
			ORDER BY 4, 1, 2, 3`, tx.Clinic(), domain.AdvanceDebits())
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o owner, err error) {
			err = row.Scan(&o.kind, &o.id, &o.charge, &o.day, &o.amount)
			return o, err
		})
		return err
	})
	return list, tenants.Translate(err, "advances")
}

// unpaidPlans returns the advances of plans that are settled by the gateway's word, and that no
// lines have paid back to the centavo.
func unpaidPlans(tx *tenants.Tx) (list []Unmatched, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT a.asaas_id, max(left(t.at, 10)), sum(e.amount)::bigint
			FROM anticipations a
			JOIN ledger_transactions t ON t.clinic_id = a.clinic_id
			  AND (t.subject = a.asaas_id OR t.kind = 'statement' AND t.subject IN
			  (SELECT l.id FROM statement_lines l WHERE l.clinic_id = $1 AND l.subject_kind = 'plan' AND l.subject = a.asaas_id))
			JOIN ledger_entries e ON e.clinic_id = t.clinic_id AND e.no = t.no AND e.account = 'anticipation_liability'
			WHERE a.clinic_id = $1 AND a.installment <> '' AND a.payment = '' AND a.status = 'debited'
			GROUP BY a.asaas_id HAVING sum(e.amount) <> 0 ORDER BY 1 LIMIT 1000`, tx.Clinic())
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unmatched, err error) {
			u.Kind, u.Type = domain.KindAnticipation, "RECEIVABLE_ANTICIPATION_DEBIT"
			err = row.Scan(&u.ID, &u.Day, &u.Statement)
			return u, err
		})
		return err
	})
	return list, tenants.Translate(err, "advances")
}

// PlanDebits returns the bookings of the lines that paid back parts of a plan's advance, newest
// first.
func PlanDebits(tx *tenants.Tx, anticipation string) (list []Booking, err error) {
	var ids []string
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT id FROM statement_lines
			WHERE clinic_id = $1 AND subject_kind = 'plan' AND subject = $2 ORDER BY day DESC, id DESC LIMIT 100`,
			tx.Clinic(), anticipation)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	for _, id := range ids {
		found, failed := Bookings(tx, BookingFilter{Subject: id}, 10)
		if list = append(list, found...); failed != nil {
			return nil, failed
		}
	}
	return list, tenants.Translate(err, "advances")
}
