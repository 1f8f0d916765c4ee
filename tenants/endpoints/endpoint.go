// Package endpoints keeps the addresses that entries of the change feed are pushed to: how far each
// has got, what it has not acknowledged yet, and how every delivery went. Its one rule: the cursor
// passes an entry in the transaction that notes that it was acknowledged, or makes it a row that waits
// until it is, so that whoever dies between loses nothing.
package endpoints

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

// Endpoint is one address, of a clinic or of the platform.
type Endpoint struct {
	ID          domain.UUID
	URL         string
	Description string
	Types       []string // of the entries that are wanted; none: all
	Payload     string   // endpoint.Whole or endpoint.Thin
	Personal    bool     // whether names and documents of people are shown
	State       string   // endpoint.Active or endpoint.Paused
	Reason      string   // why it is paused; "" it is not
	StateSince  time.Time
	Place       query.Place // the last entry that was handed out; of a clinic's endpoint only Seq counts
	Waiting     int         // entries handed out and not acknowledged
	Failures    int         // deliveries that failed in a row
	NextAt      time.Time   // left alone until then
	SucceededAt time.Time   // zero: never
	FailedAt    time.Time   // zero: never
	Version     int
	CreatedAt   time.Time
	CreatedBy   string // subject of the principal

	epoch   int // of the feed, that Place is of
	handed  int64
	testAt  time.Time
	secrets []byte
	holder  string // the process that sends; "": none
}

// ErrTooMany is the refusal of one endpoint more than endpoint.MostEndpoints.
var ErrTooMany = &domain.Error{Code: domain.Conflict, Detail: "too many endpoints"}

const columns = `t.endpoint_id, t.url, t.description, t.types, t.payload, t.personal, t.state, t.reason, t.state_since,
	t.place_tx::text, t.place_clinic, t.place_seq, t.waiting, t.failures, t.next_at, t.succeeded_at, t.failed_at,
	t.version, t.created_at, t.created_by, t.handed, t.test_at, t.secrets, t.epoch, coalesce(t.holder, '')`

func scan(row pgx.CollectableRow, more ...any) (e Endpoint, err error) {
	var types string
	var succeeded, failed, test *time.Time
	err = row.Scan(append([]any{
		&e.ID, &e.URL, &e.Description, &types, &e.Payload, &e.Personal, &e.State, &e.Reason, &e.StateSince, &e.Place.Tx,
		&e.Place.Clinic, &e.Place.Seq, &e.Waiting, &e.Failures, &e.NextAt, &succeeded, &failed, &e.Version, &e.CreatedAt,
		&e.CreatedBy, &e.handed, &test, &e.secrets, &e.epoch, &e.holder,
	}, more...)...)
	e.Types = strings.Fields(types)
	e.StateSince, e.NextAt, e.CreatedAt = e.StateSince.UTC(), e.NextAt.UTC(), e.CreatedAt.UTC()
	e.SucceededAt, e.FailedAt, e.testAt = tenants.OrZero(succeeded), tenants.OrZero(failed), tenants.OrZero(test)
	return e, err
}

func scanOne(row pgx.CollectableRow) (Endpoint, error) { return scan(row) }

// one returns the only row of a query of columns; NotFound when there is none.
func one(tx *tenants.Tx, sql string, args ...any) (e Endpoint, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		e, err = pgx.CollectExactlyOneRow(rows, scanOne)
		return err
	})
	return e, tenants.Translate(err, "endpoint")
}

// run executes a statement, and returns how many rows it touched.
func run(tx *tenants.Tx, sql string, args ...any) (n int64, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		tag, err := c.Exec(tx.Context(), sql, args...)
		n = tag.RowsAffected()
		return err
	})
	return n, tenants.Translate(err, "endpoint")
}

// Add makes an endpoint of the transaction's clinic, or of the platform, whose first entry is the one
// behind e.Place, and returns it with its secret, which is shown to nobody again. It fails with
// ErrTooMany.
func Add(tx *tenants.Tx, v *vault.Vault, e Endpoint, now time.Time) (Endpoint, vault.Secret, error) {
	e.ID, e.State, e.StateSince, e.CreatedAt, e.Version = tenants.NewID(now), endpoint.Active, now, now, 1
	secret := newSecret()
	sealed, err := seal(tx, v, e.ID, []signing{{Text: secret.Reveal()}})
	if err != nil {
		return e, secret, err
	}
	bounds, err := query.BoundsIn(tx)
	if err != nil {
		return e, secret, err
	}
	// One at a time, so that two at once are counted one after the other.
	if _, err = run(tx, `SELECT pg_advisory_xact_lock(7204406, $1)`, tx.Clinic()); err != nil {
		return e, secret, err
	}
	n, err := run(tx, `INSERT INTO endpoints (clinic_id, endpoint_id, url, description, types, payload, personal, secrets,
			state, state_since, place_tx, place_clinic, place_seq, next_at, turn_at, created_at, created_by, epoch)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10::text::xid8, $11, $12, $9, $9, $9, $13, $15
		WHERE (SELECT count(*) FROM endpoints WHERE clinic_id = $1) < $14`,
		tx.Clinic(), e.ID, e.URL, e.Description, strings.Join(e.Types, " "), e.Payload, e.Personal, sealed, now,
		cmp.Or(e.Place.Tx, "0"), e.Place.Clinic, e.Place.Seq, e.CreatedBy, endpoint.MostEndpoints, bounds.No)
	if err == nil && n == 0 {
		err = ErrTooMany
	}
	return e, secret, err
}

// Find returns an endpoint of the transaction's clinic, or of the platform, locked for a change if
// asked; NotFound for any other.
func Find(tx *tenants.Tx, id domain.UUID, lock bool) (Endpoint, error) {
	sql := `SELECT ` + columns + ` FROM endpoints t WHERE t.clinic_id = $1 AND t.endpoint_id = $2`
	if lock {
		sql += ` FOR UPDATE`
	}
	return one(tx, sql, tx.Clinic(), id)
}

var list = tenants.Listing[Endpoint]{
	What: "endpoints", From: "endpoints t", Newest: "-createdAt", Scan: scan, Columns: columns,
	Sorts: map[string][]tenants.SortKey{
		"createdAt": {tenants.SortBy("t.created_at", "timestamptz"), tenants.SortBy("t.endpoint_id", "uuid")},
	},
}

// List returns a page of the endpoints of the transaction's clinic, or of the platform, newest first.
func List(tx *tenants.Tx, p tenants.Page) (tenants.List[Endpoint], error) {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	return list.Page(tx, w, "", p)
}

// Save writes what a person may change of an endpoint: address, description, types, payload, and
// whether personal data are shown. The version grows by one. Of another address nothing is known: what
// the one before took or refused says nothing of it.
func Save(tx *tenants.Tx, e Endpoint) error {
	_, err := run(tx, `UPDATE endpoints SET url = $3, description = $4, types = $5, payload = $6, personal = $7,
			version = version + 1, next_at = least(next_at, turn_at), failures = CASE WHEN url = $3 THEN failures ELSE 0 END,
			succeeded_at = CASE WHEN url = $3 THEN succeeded_at END, failed_at = CASE WHEN url = $3 THEN failed_at END
			WHERE clinic_id = $1 AND endpoint_id = $2`,
		tx.Clinic(), e.ID, e.URL, e.Description, strings.Join(e.Types, " "), e.Payload, e.Personal)
	return err
}

// Delete forgets an endpoint, with what waits for it and what is known of its deliveries. NotFound
// when there is none.
func Delete(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	n, err := run(tx, `DELETE FROM endpoints WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), id)
	if err == nil && n == 0 {
		return domain.Errorf(domain.NotFound, "endpoint not found")
	}
	if err != nil {
		return err
	}
	return solved(tx, now)
}

// RequestTest asks for one delivery that carries nothing, whatever the endpoint's state is.
func RequestTest(tx *tenants.Tx, id domain.UUID, now time.Time) error {
	n, err := run(tx, `UPDATE endpoints SET test_at = coalesce(test_at, $3) WHERE clinic_id = $1 AND endpoint_id = $2`,
		tx.Clinic(), id, now)
	if err == nil && n == 0 {
		return domain.Errorf(domain.NotFound, "endpoint not found")
	}
	return err
}

// Name is what an endpoint is called outside.
func Name(id domain.UUID) string { return id.Public("end") }

// String names the endpoint, for logs: never its address, which may hold a secret.
func (e Endpoint) String() string { return fmt.Sprintf("endpoint %s", Name(e.ID)) }
