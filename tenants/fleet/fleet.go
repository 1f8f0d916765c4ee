// Package fleet tells operators of all clinics at once: one row a clinic of what they are sorted and filtered by, and
// what the rows come to. It reads no event, no invoice and no payer.
package fleet

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Clinic is one row of the fleet. Its counts are as old as the last Count.
type Clinic struct {
	ClinicID     domain.ClinicID
	ID           domain.UUID // public id, `ten_…` outside
	ExternalID   string      // the platform's id of the clinic; "" none
	Name         string
	Sandbox      bool
	State        string    // active, suspended
	Connection   string    // state of its connection
	LossAt       time.Time // when Asaas throws its first undelivered event away, UTC; zero: its queue runs
	WaitingSince time.Time // when the oldest event was received that waits to be applied, UTC; zero: none does
	ComparedAt   time.Time // end of the last comparison, UTC; zero: none yet
	QuotaCalls   *int64    // of the gateway in the account's present 12 hours; nil: not counted
	Counts
}

// Counts are how many things of each kind a clinic, or the whole fleet, has that somebody may have to look at.
type Counts struct {
	Dead, Quarantined, Alarms, Operations, Endpoints, Mails int64
}

// quotaNear is how many calls are four fifths of an account's 25,000.
const quotaNear = "20000"

// concerns are the conditions that a list can be narrowed to, by public name.
var concerns = map[string]string{
	"loss": "t.loss_at IS NOT NULL", "waiting": "t.waiting_since IS NOT NULL", "dead": "t.dead > 0",
	"quarantined": "t.quarantined > 0", "alarms": "t.alarms > 0", "operations": "t.operations > 0",
	"endpoints": "t.endpoints > 0", "mails": "t.mails > 0", "quota": "t.quota_calls >= " + quotaNear,
}

// Filter says which clinics are wanted.
type Filter struct {
	State      string        // active, suspended; "": all
	Connection []string      // any of these states of a connection; none: all
	Concern    string        // loss, waiting, dead, quarantined, alarms, operations, endpoints, mails, quota; "": all
	IDs        []domain.UUID // only these; nil: all
	Search     string        // a part of the name whatever its case, or an id, `ten_…` or the platform's; "": all
}

func (f Filter) where() *tenants.Where {
	w := &tenants.Where{Parts: []string{"true"}}
	w.Is("t.state", f.State)
	w.In("t.connection", f.Connection)
	if condition := concerns[f.Concern]; condition != "" {
		w.Parts = append(w.Parts, condition)
	}
	if f.IDs != nil {
		w.And("t.public_id = ANY (?)", f.IDs)
	}
	text := strings.TrimSpace(f.Search)
	if id, ok := domain.ParseUUID("ten", text); ok {
		w.And("t.public_id = ?", tenants.DBUUID(id))
	} else if text != "" {
		w.And("(strpos(lower(t.name), lower(?)) > 0 OR t.external_id = ?)", text, text)
	}
	return w
}

var list = tenants.Listing[Clinic]{
	What:   "fleet",
	From:   "fleet t",
	Newest: "loss",
	Scan:   scan,
	Columns: `t.clinic_id, t.public_id, t.external_id, t.name, t.sandbox, t.state, t.connection, t.loss_at,
		t.waiting_since, t.compared_at, t.dead, t.quarantined, t.alarms, t.operations, t.endpoints, t.mails, t.quota_calls`,
	Sorts: map[string][]tenants.SortKey{
		"loss": sortBy(
			"(CASE WHEN t.loss_at IS NULL THEN 'infinity'::timestamptz ELSE t.loss_at END)", "timestamptz",
		),
		"oldestWaiting": sortBy(
			"(CASE WHEN t.waiting_since IS NULL THEN 'infinity'::timestamptz ELSE t.waiting_since END)", "timestamptz",
		),
		"comparedAt": sortBy(
			"(CASE WHEN t.compared_at IS NULL THEN '-infinity'::timestamptz ELSE t.compared_at END)", "timestamptz",
		),
		"name":   sortBy(`t.name COLLATE "C"`, "text"),
		"dead":   sortBy("t.dead", "bigint"),
		"alarms": sortBy("t.alarms", "bigint"),
		"quota":  sortBy("(CASE WHEN t.quota_calls IS NULL THEN -1 ELSE t.quota_calls END)", "bigint"),
	},
}

func sortBy(expr, typ string) []tenants.SortKey {
	return []tenants.SortKey{tenants.SortBy(expr, typ), tenants.SortBy("t.clinic_id", "integer")}
}

func scan(row pgx.CollectableRow, more ...any) (c Clinic, err error) {
	var loss, waiting, compared *time.Time
	err = row.Scan(append([]any{
		&c.ClinicID, &c.ID, &c.ExternalID, &c.Name, &c.Sandbox, &c.State, &c.Connection, &loss, &waiting, &compared,
		&c.Dead, &c.Quarantined, &c.Alarms, &c.Operations, &c.Endpoints, &c.Mails, &c.QuotaCalls,
	}, more...)...)
	c.LossAt, c.WaitingSince, c.ComparedAt = tenants.OrZero(loss), tenants.OrZero(waiting), tenants.OrZero(compared)
	return c, err
}

// Clinics returns a page of the fleet, in Platform. Its sorts are loss (the first loss first, and last the clinics that
// lose nothing), oldestWaiting, comparedAt (never first), name, dead, alarms and quota.
func Clinics(tx *tenants.Tx, f Filter, p tenants.Page) (tenants.List[Clinic], error) {
	return list.Page(tx, f.where(), f, p)
}

// Explain returns Postgres's plan of a page, line by line.
func Explain(tx *tenants.Tx, f Filter, p tenants.Page) ([]string, error) {
	return list.Explain(tx, f.where(), f, p)
}

// Count counts, for every clinic, what no trigger keeps, and returns how many rows changed. The database lets one count
// at a time: the others return 0.
func Count(db *tenants.DB, ctx context.Context, now time.Time) (changed int64, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT count_fleet($1)`, now).Scan(&changed)
	return changed, tenants.Translate(err, "fleet")
}
