package ledger

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// StatementDay compares one day of the gateway's statement with what the ledger has moved
// on asaas_available.
type StatementDay struct {
	Day       domain.Day
	Statement domain.Money // sum of the day's lines
	Ledger    domain.Money // sum of the day's bookings
}

// Difference returns what the statement has more than the ledger.
func (d StatementDay) Difference() domain.Money { return d.Statement - d.Ledger }

// StatementCheck is the last look at the balance.
type StatementCheck struct {
	From      domain.Day   // the ledger begins
	Through   domain.Day   // last day whose lines were read
	Balance   domain.Money // the gateway's
	Available domain.Money // ours at that instant
	CheckedAt time.Time    // UTC; zero: never
}

// Difference returns what the gateway has more than the ledger.
func (c StatementCheck) Difference() domain.Money { return c.Balance - c.Available }

// AddLines keeps the lines that are not kept yet, and books those that no event tells of.
// A line whose type says nothing goes to suspense, and somebody must look. It returns how
// many lines were new.
func AddLines(tx *tenants.Tx, chain Chain, lines []domain.Line, now time.Time) (fresh int, err error) {
	if err := tx.Lock(); err != nil {
		return 0, err
	}
	known, err := keepLines(tx, lines, now)
	if err != nil {
		return 0, err
	}
	var list []Posting
	for _, l := range lines {
		if known[l.ID] {
			continue
		}
		known[l.ID] = true
		fresh++
		if _, _, told := l.Subject(); told || l.Value == 0 || l.TakesAdvance() { // matchAdvances books the last
			continue
		}
		contra, err := contra(tx, l)
		if err != nil {
			return 0, err
		}
		list = append(list, Posting{domain.KindLine, l.Fact(contra)})
		if contra == domain.AccountSuspense {
			item := domain.Concern{Kind: domain.ConcernLine, Subject: l.ID, Amount: l.Value, Payment: l.Payment, Detail: l.Type}
			if err := raise(tx, now, item); err != nil {
				return 0, err
			}
		}
	}
	if err := Post(tx, chain, now, list...); err != nil {
		return 0, err
	}
	return fresh, matchAdvances(tx, chain, now)
}

// contra returns the account against which a line is booked. The fee of a refund before
// credit is on its clearing account until the statement takes it.
func contra(tx *tenants.Tx, l domain.Line) (domain.Account, error) {
	if l.Type != "REFUND_REQUEST_FEE" || l.Payment == "" {
		return l.Contra(), nil
	}
	booked, err := bookedOf(tx, l.Payment)
	if domain.Balances(booked)[domain.AccountRefundFee] == l.Value {
		return domain.AccountRefundFee, err
	}
	return l.Contra(), err
}

// keepLines inserts the lines and returns those that were there before.
func keepLines(tx *tenants.Tx, lines []domain.Line, now time.Time) (known map[string]bool, err error) {
	var ids, days, types, kinds, subjects, payments []string
	var values []int64
	known = map[string]bool{}
	for _, l := range lines {
		kind, subject, _ := l.Subject()
		ids, days, types, values = append(ids, l.ID), append(days, string(l.Day)), append(types, l.Type),
			append(values, int64(l.Value))
		kinds, subjects, payments = append(kinds, string(kind)), append(subjects, subject), append(payments, l.Payment)
		known[l.ID] = true
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`INSERT INTO statement_lines (clinic_id, id, day, type, value, subject_kind, subject, payment, read_at)
			SELECT $1, u.id, u.day::date, u.type, u.value, u.kind, u.subject, u.payment, $9
			FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
			  u(id, day, type, value, kind, subject, payment)
			ON CONFLICT DO NOTHING RETURNING id`,
			tx.Clinic(), ids, days, types, values, kinds, subjects, payments, now.UTC(),
		)
		if err != nil {
			return err
		}
		fresh, err := pgx.CollectRows(rows, pgx.RowTo[string])
		for _, id := range fresh {
			delete(known, id)
		}
		return err
	})
	return known, tenants.Translate(err, "statement lines")
}

// StatementSum returns the sum of all lines that were read, and how many are of day first
// or later.
func StatementSum(tx *tenants.Tx, first domain.Day) (sum domain.Money, n int, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(),
			`SELECT coalesce(sum(value), 0)::bigint, count(*) FILTER (WHERE day >= $2::text::date) FROM statement_lines
			WHERE clinic_id = $1`,
			tx.Clinic(),
			string(first),
		).Scan(&sum, &n)
	})
	return sum, n, tenants.Translate(err, "statement lines")
}

// StatementDays returns each day from..to on which the statement or the ledger moved
// anything, oldest first. The opening is no movement of its day.
func StatementDays(tx *tenants.Tx, from, to domain.Day) (list []StatementDay, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT day, sum(theirs)::bigint, sum(ours)::bigint FROM (
			  SELECT day::text AS day, value AS theirs, 0 AS ours FROM statement_lines
			  WHERE clinic_id = $1 AND day BETWEEN $2::text::date AND $3::text::date
			  UNION ALL SELECT left(t.at, 10), 0, e.amount FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
			    WHERE t.clinic_id = $1 AND e.account = 'asaas_available' AND t.kind <> 'opening'
			    AND left(t.at, 10) BETWEEN $2 AND $3) m
			GROUP BY day ORDER BY day`, tx.Clinic(), string(from), string(to))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[StatementDay])
		return err
	})
	return list, tenants.Translate(err, "statement")
}

// Unmatched is an entity for which the statement moved other money than the ledger.
type Unmatched struct {
	tenants.EntityRef
	StatementDay        // the last day on which either moved anything
	Type         string // of its newest line, "" when there is none
}

// UnmatchedLines returns the payments and anticipations that moved money from day on and whose
// lines, all together, are not what the ledger moved for them on asaas_available.
func UnmatchedLines(tx *tenants.Tx, from domain.Day) (list []Unmatched, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `WITH ours AS (
			  SELECT t.kind, t.subject, left(t.at, 10) AS day, e.amount FROM ledger_transactions t
			  JOIN ledger_entries e USING (clinic_id, no)
			  WHERE t.clinic_id = $1 AND e.account = 'asaas_available' AND t.kind IN ('payment', 'anticipation')),
			theirs AS (SELECT subject_kind AS kind, subject, day::text AS day, value, type FROM statement_lines
			  WHERE clinic_id = $1 AND subject_kind IN ('payment', 'anticipation'))
			SELECT kind, subject, max(day), sum(theirs)::bigint, sum(ours)::bigint, coalesce(max(type), '') FROM (
			  SELECT kind, subject, day, value AS theirs, 0 AS ours, type FROM theirs
			  UNION ALL SELECT kind, subject, day, 0, amount, NULL FROM ours) m
			GROUP BY kind, subject HAVING sum(theirs) <> sum(ours) AND max(day) >= $2 ORDER BY 3, 1, 2 LIMIT 1000`,
			tx.Clinic(), string(from))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (u Unmatched, err error) {
			err = row.Scan(&u.Kind, &u.ID, &u.Day, &u.Statement, &u.Ledger, &u.Type)
			return u, err
		})
		return err
	})
	if err != nil {
		return nil, tenants.Translate(err, "statement")
	}
	plans, err := unpaidPlans(tx)
	for _, p := range plans {
		if !slices.ContainsFunc(list, func(u Unmatched) bool { return u.ID == p.ID }) { // one item an entity
			list = append(list, p)
		}
	}
	return list, err
}

// SaveStatementCheck keeps what a look at the balance found, and returns it completed with
// what stands on asaas_available now.
func SaveStatementCheck(tx *tenants.Tx, check StatementCheck) (StatementCheck, error) {
	accounts, err := TrialBalance(tx)
	if err != nil {
		return check, err
	}
	if at := slices.IndexFunc(
		accounts, func(a AccountBalance) bool { return a.Account == domain.AccountAvailable },
	); at >= 0 {
		check.Available = accounts[at].Balance()
	}
	err = tx.Gorm().Exec(
		`INSERT INTO statement_checks (clinic_id, through, balance, available, checked_at) VALUES ($1, $2::date, $3, $4, $5)
		ON CONFLICT (clinic_id) DO UPDATE SET through = excluded.through, balance = excluded.balance,
		  available = excluded.available, checked_at = excluded.checked_at`,
		tx.Clinic(), string(check.Through), int64(check.Balance), int64(check.Available), check.CheckedAt.UTC(),
	).Error
	return check, tenants.Translate(err, "statement check")
}

// LastStatementCheck returns the last look at the balance; its zero value when there was none.
func LastStatementCheck(tx *tenants.Tx) (check StatementCheck, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return tenants.IgnoreNoRows(
			c.QueryRow(
				tx.Context(),
				`SELECT h.ledger_from, s.through::text, s.balance, s.available, s.checked_at FROM statement_checks s
				JOIN clinic_heads h USING (clinic_id) WHERE s.clinic_id = $1`,
				tx.Clinic(),
			).Scan(&check.From, &check.Through, &check.Balance, &check.Available, &check.CheckedAt),
		)
	})
	check.CheckedAt = check.CheckedAt.UTC()
	return check, tenants.Translate(err, "statement check")
}

// KeepUnmatched has an open work item for each of the entities, and closes those of
// entities that are not among them any more.
func KeepUnmatched(tx *tenants.Tx, list []Unmatched, now time.Time) error {
	if err := tx.Lock(); err != nil { // items are entries of the feed: who holds the clinic waits for no item
		return err
	}
	subjects := []string{""}
	var open []domain.Concern
	for _, u := range list {
		subjects = append(subjects, u.ID)
		c := domain.Concern{Kind: domain.ConcernLine, Subject: u.ID, Amount: u.Difference(), Detail: u.Type}
		if u.Kind == domain.KindPayment {
			c.Payment = u.ID
		}
		open = append(open, c)
	}
	err := tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(),
			`UPDATE work_items w SET outcome = 'gone', resolved_at = $2, updated_at = $2, version = version + 1
			WHERE w.clinic_id = $1 AND w.kind = 'statement_line' AND w.outcome = '' AND w.subject <> ALL($3)
			AND NOT EXISTS (SELECT FROM statement_lines l WHERE l.clinic_id = $1 AND l.id = w.subject)`,
			tx.Clinic(), now.UTC(), subjects,
		)
		return err
	})
	if err != nil {
		return tenants.Translate(err, "work items")
	}
	return raise(tx, now, open...)
}

// Waiting reports how many events and reads of the clinic are due some day.
func Waiting(tx *tenants.Tx) (n int, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(),
			`SELECT (SELECT count(*) FROM due WHERE clinic_id = $1 AND next_at < 'infinity')
			  + (SELECT count(*) FROM truth_wants WHERE clinic_id = $1 AND due_at < 'infinity')`,
			tx.Clinic(),
		).Scan(&n)
	})
	return n, tenants.Translate(err, "what waits")
}
