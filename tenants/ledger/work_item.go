package ledger

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// WorkItem is something about a clinic's money that a person must look at.
type WorkItem struct {
	ID domain.UUID // `wki_…` outside
	domain.Concern
	Owner      string // who looks into it, "" nobody
	Outcome    string // "" open; OutcomeGone, or one of Outcomes
	Note       string // why, by the person who resolved it
	ResolvedBy string
	OpenedAt   time.Time // UTC
	UpdatedAt  time.Time // UTC
	ResolvedAt time.Time // UTC; zero: open
	Version    int
}

// OutcomeGone is the outcome of an item that is no longer so, without anybody's help.
const OutcomeGone = "gone"

// Outcomes are what a person may decide, with the account that the money in suspense goes
// to; OutcomeExplained moves nothing.
var Outcomes = map[string]domain.Account{
	"income":         domain.AccountSales,   // it is the clinic's
	"refunded":       domain.AccountRefunds, // it was given back through the gateway
	"returned":       domain.AccountBank,    // it was given back from the bank, or moved there
	"expense":        domain.AccountFee,     // a cost of the gateway
	OutcomeExplained: domain.Account(""),
}

// OutcomeExplained closes an item whose money stands right as it is.
const OutcomeExplained = "explained"

const workItemColumns = `id, kind, subject, amount, payment, detail, owner, outcome, ` +
	`note, resolved_by, opened_at, updated_at, resolved_at, version`

func scanWorkItem(row pgx.CollectableRow) (w WorkItem, err error) {
	var resolved *time.Time
	err = row.Scan(
		&w.ID, &w.Kind, &w.Subject, &w.Amount, &w.Payment, &w.Detail, &w.Owner, &w.Outcome, &w.Note, &w.ResolvedBy,
		&w.OpenedAt, &w.UpdatedAt, &resolved, &w.Version,
	)
	w.OpenedAt, w.UpdatedAt, w.ResolvedAt = w.OpenedAt.UTC(), w.UpdatedAt.UTC(), tenants.OrZero(resolved)
	return w, err
}

// Items gathers items of one or several clinics to open, as columns, for one INSERT.
type Items struct {
	clinics                            []int32
	ids                                [][16]byte
	kinds, subjects, payments, details []string
	amounts                            []int64
}

// Add gathers one item of a clinic.
func (i *Items) Add(clinic domain.ClinicID, now time.Time, c domain.Concern) {
	i.clinics, i.ids = append(i.clinics, int32(clinic)), append(i.ids, tenants.NewID(now))
	i.kinds, i.subjects = append(i.kinds, c.Kind), append(i.subjects, c.Subject)
	i.amounts = append(i.amounts, int64(c.Amount))
	i.payments, i.details = append(i.payments, c.Payment), append(i.details, c.Detail)
}

// Queue opens the items: one that is open, or was gone, gets what is true now; what a person decided stays decided.
func (i *Items) Queue(b *pgx.Batch, now time.Time) {
	if len(i.ids) == 0 {
		return
	}
	b.Queue(`INSERT INTO work_items AS w (clinic_id, id, kind, subject, amount, payment, detail, opened_at, updated_at)
		SELECT u.clinic, u.id, u.kind, u.subject, u.amount, u.payment, u.detail, $1, $1
		FROM unnest($2::integer[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[])
		  u(clinic, id, kind, subject, amount, payment, detail)
		ON CONFLICT (clinic_id, kind, subject) DO UPDATE SET amount = excluded.amount, detail = excluded.detail,
		  outcome = '', resolved_at = NULL, updated_at = $1, version = w.version + 1
		WHERE w.outcome = 'gone' OR w.outcome = '' AND w.amount <> excluded.amount`,
		now, i.clinics, i.ids, i.kinds, i.subjects, i.amounts, i.payments, i.details)
}

// raise opens items.
func raise(tx *tenants.Tx, now time.Time, list ...domain.Concern) error {
	var items Items
	for _, c := range list {
		items.Add(tx.Clinic(), now, c)
	}
	var b pgx.Batch
	items.Queue(&b, now.UTC())
	if b.Len() == 0 {
		return nil
	}
	return tenants.Translate(tx.Conn(func(conn *pgx.Conn) error {
		return conn.SendBatch(tx.Context(), &b).Close()
	}), "work item")
}

// WorkItemFilter selects work items; zero members select all.
type WorkItemFilter struct {
	Kind  string
	Owner string
	Open  bool        // only those
	After domain.UUID // older than this one
}

// WorkItems returns at most limit items, newest first.
func WorkItems(tx *tenants.Tx, f WorkItemFilter, limit int) (list []WorkItem, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+workItemColumns+` FROM work_items
			WHERE clinic_id = $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR owner = $3)
			AND (NOT $4 OR resolved_at IS NULL) AND ($5::uuid = '00000000-0000-0000-0000-000000000000' OR id < $5)
			ORDER BY id DESC LIMIT $6`,
			tx.Clinic(), f.Kind, f.Owner, f.Open, [16]byte(f.After), limit,
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanWorkItem)
		return err
	})
	return list, tenants.Translate(err, "work items")
}

// FindWorkItem returns one item, locked with its clinic. It fails with NotFound.
func FindWorkItem(tx *tenants.Tx, id domain.UUID) (w WorkItem, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT `+workItemColumns+` FROM work_items WHERE clinic_id = $1 AND id = $2`, tx.Clinic(),
			[16]byte(id),
		)
		if err != nil {
			return err
		}
		w, err = pgx.CollectExactlyOneRow(rows, scanWorkItem)
		return err
	})
	return w, tenants.Translate(err, "work item")
}

// AssignWorkItem says who looks into an open item; "" nobody. It fails with Conflict for
// one that is resolved.
func AssignWorkItem(tx *tenants.Tx, w WorkItem, owner string, now time.Time) (WorkItem, error) {
	if !w.ResolvedAt.IsZero() {
		return w, domain.Errorf(domain.Conflict, "the item is resolved")
	}
	w.Owner, w.UpdatedAt, w.Version = owner, now.UTC(), w.Version+1
	return w, saveWorkItem(tx, w)
}

// ResolveWorkItem books what the outcome says of the money that the item's subject has in
// suspense, and closes the item. It fails with Conflict for one that is resolved, and when
// the outcome would move money and none is in suspense.
func ResolveWorkItem(
	tx *tenants.Tx, chain Chain, w WorkItem, outcome, note, by string, now time.Time,
) (WorkItem, error) {
	to, known := Outcomes[outcome]
	if !known {
		return w, domain.Errorf(domain.Invalid, "no such outcome")
	}
	if !w.ResolvedAt.IsZero() {
		return w, domain.Errorf(domain.Conflict, "the item is resolved")
	}
	if to != "" {
		held, err := suspended(tx, w)
		if err != nil {
			return w, err
		}
		if held == 0 {
			return w, domain.Errorf(domain.Conflict, "nothing of it is in suspense")
		}
		f := domain.Fact{
			Key: domain.FactKey{Subject: w.ID.Public("wki"), Name: "adjust:" + outcome, Cycle: 1}, At: asaas.LocalTimeOf(now),
			Legs: decisionLegs(to, held),
		}
		if err := Post(tx, chain, now, Posting{KindWorkItem, f}); err != nil {
			return w, err
		}
		w.Amount = -held // what was decided of: later bookings go by it
	}
	w.Outcome, w.Note, w.ResolvedBy, w.ResolvedAt, w.UpdatedAt, w.Version = outcome, strings.TrimSpace(
		note,
	), by, now.UTC(), now.UTC(), w.Version+1
	return w, saveWorkItem(tx, w)
}

// decisionLegs are the two lines that a decision books of the money that is held in suspense.
func decisionLegs(to domain.Account, held domain.Money) []domain.Leg {
	return []domain.Leg{{Account: domain.AccountSuspense, Amount: -held}, {Account: to, Amount: held}}
}

// Decision is one outcome that an open item may be resolved with, and the lines that it would book.
type Decision struct {
	Outcome string
	Legs    []domain.Leg // none: nothing is moved
}

// Decisions returns what a person may decide of an item now, by the names of the outcomes: without money in suspense
// only that it stands right as it is, and nothing of an item that is resolved. It books nothing.
func Decisions(tx *tenants.Tx, w WorkItem) (list []Decision, err error) {
	if !w.ResolvedAt.IsZero() {
		return nil, nil
	}
	held, err := suspended(tx, w)
	for _, outcome := range slices.Sorted(maps.Keys(Outcomes)) {
		switch to := Outcomes[outcome]; {
		case to == "":
			list = append(list, Decision{Outcome: outcome})
		case held != 0:
			list = append(list, Decision{Outcome: outcome, Legs: decisionLegs(to, held)})
		}
	}
	return list, err
}

// suspended returns what the item's subject has in suspense, less what other items of it
// have taken out.
func suspended(tx *tenants.Tx, w WorkItem) (sum domain.Money, err error) {
	booked, err := bookedOf(tx, w.Subject)
	if err != nil {
		return 0, err
	}
	sum = domain.Balances(booked)[domain.AccountSuspense]
	items, err := itemsOf(tx, w.Subject)
	for _, id := range items {
		booked, failed := bookedOf(tx, id.Public("wki"))
		sum, err = sum+domain.Balances(booked)[domain.AccountSuspense], errors.Join(err, failed)
	}
	return sum, err
}

// itemsOf returns all items about a subject.
func itemsOf(tx *tenants.Tx, subject string) (ids []domain.UUID, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT id FROM work_items WHERE clinic_id = $1 AND subject = $2`, tx.Clinic(), subject,
		)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[domain.UUID])
		return err
	})
	return ids, tenants.Translate(err, "work items")
}

func saveWorkItem(tx *tenants.Tx, w WorkItem) error {
	err := tx.Gorm().Exec(
		`UPDATE work_items SET amount = $1, owner = $2, outcome = $3, note = $4, resolved_by = $5, resolved_at = $6,
		  updated_at = $7, version = $8 WHERE clinic_id = $9 AND id = $10`,
		int64(w.Amount), w.Owner, w.Outcome, w.Note, w.ResolvedBy, tenants.OrNull(w.ResolvedAt), w.UpdatedAt, w.Version,
		tx.Clinic(), tenants.DBUUID(w.ID),
	).Error
	return tenants.Translate(err, "work item")
}
