package agenda

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/tenants"
)

// Entry is one entry of a clinic's agenda as it is kept.
type Entry struct {
	ID domain.UUID // `ddl_…` outside
	agenda.Deadline
	Version   int
	OpenedAt  time.Time // when the derivation first found it, UTC
	UpdatedAt time.Time
	ClosedAt  time.Time // when its fact was gone, UTC; zero: it stands
}

const columns = `t.id, t.kind, t.subject, t.since, t.due_at, t.amount, t.count, t.actor, t.action, t.ends,
	t.version, t.opened_at, t.updated_at, t.closed_at`

func scan(row pgx.CollectableRow, more ...any) (e Entry, err error) {
	var since, due, closed *time.Time
	var amount *domain.Money
	err = row.Scan(append([]any{
		&e.ID, &e.Kind, &e.Subject, &since, &due, &amount, &e.Count, &e.Actor, &e.Action, &e.Ends, &e.Version,
		&e.OpenedAt, &e.UpdatedAt, &closed,
	}, more...)...)
	e.Since, e.Due, e.ClosedAt = tenants.OrZero(since), tenants.OrZero(due), tenants.OrZero(closed)
	e.Amount = orNone(amount)
	e.OpenedAt, e.UpdatedAt = e.OpenedAt.UTC(), e.UpdatedAt.UTC()
	return e, err
}

// noDue stands for a due time that nobody told: last in order.
const noDue = `(CASE WHEN t.due_at IS NULL THEN 'infinity'::timestamptz ELSE t.due_at END)`

var list = tenants.Listing[Entry]{
	What:    "deadlines",
	From:    "deadlines t",
	Newest:  "due",
	Scan:    scan,
	Columns: columns,
	Sorts: map[string][]tenants.SortKey{
		"due": {tenants.SortBy(noDue, "timestamptz"), tenants.SortBy("t.id", "uuid")},
	},
}

// Filter says which entries are wanted.
type Filter struct {
	Kinds          []string
	Open, Closed   bool    // only those that stand; only those that ended
	DueGTE, DueLTE *string // bounds of the due instant, RFC 3339, both inclusive; what has none is in no bounds
}

func (f Filter) where(clinic domain.ClinicID) *tenants.Where {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", clinic)
	w.In("t.kind", f.Kinds)
	if f.Open {
		w.And("t.closed_at IS NULL")
	}
	if f.Closed {
		w.And("t.closed_at IS NOT NULL")
	}
	w.Known("t.due_at", noDue, "timestamptz", f.DueGTE, f.DueLTE)
	return w
}

// List returns a page of the clinic's agenda. Its one sort is due, the first due first.
func List(tx *tenants.Tx, f Filter, p tenants.Page) (tenants.List[Entry], error) {
	return list.Page(tx, f.where(tx.Clinic()), f, p)
}

// Open returns all that stands of the clinic's agenda, in the agenda's order.
func Open(tx *tenants.Tx) (entries []Entry, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT `+columns+` FROM deadlines t WHERE t.clinic_id = $1 AND t.closed_at IS NULL
			ORDER BY `+noDue+`, t.id`, tx.Clinic())
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Entry, error) { return scan(row) })
		return err
	})
	return entries, tenants.Translate(err, "deadlines")
}

// Sum is what the open entries of one kind come to over all clinics.
type Sum struct {
	Kind          agenda.Kind
	Count         int
	Clinics, Late int // clinics that have one; entries whose time is over
	Amount        domain.Opt[domain.Money]
	NextDue       time.Time // the first that is not over, UTC; zero: none
}

// Sums returns what all clinics' open entries come to, in the order of the kinds; kinds
// of which none is open are left out.
func Sums(db *tenants.DB, ctx context.Context, now time.Time) (sums []Sum, err error) {
	rows, err := db.Pool().Query(ctx, `SELECT kind, open, clinics, late, amount::bigint, next_due
		FROM deadline_sums($1)`, now)
	if err != nil {
		return nil, tenants.Translate(err, "deadlines")
	}
	sums, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Sum, err error) {
		var amount *domain.Money
		var next *time.Time
		err = row.Scan(&s.Kind, &s.Count, &s.Clinics, &s.Late, &amount, &next)
		s.Amount, s.NextDue = orNone(amount), tenants.OrZero(next)
		return s, err
	})
	order := agenda.Kind("").Values()
	slices.SortFunc(sums, func(a, b Sum) int { return slices.Index(order, a.Kind) - slices.Index(order, b.Kind) })
	return sums, tenants.Translate(err, "deadlines")
}
