package ledger

import (
	"time"

	"patapay/domain"
	"patapay/tenants"

	"github.com/jackc/pgx/v5"
)

// ExpectedPayment is money that the billing module waits for.
type ExpectedPayment struct {
	Reference string                   // billing's own: the gateway's externalReference
	Amount    domain.Opt[domain.Money] // of one payment, without interest and fine; none: any
	Payment   string                   // gateway id of a payment without the reference that is meant; "" none
	Cancelled bool                     // no longer due: money for it is unexpected
	Version   int
	CreatedAt time.Time // UTC
	UpdatedAt time.Time // UTC
}

// Same tells whether y says of its reference what x does, whatever their versions.
func (x ExpectedPayment) Same(y ExpectedPayment) bool {
	return x.Reference == y.Reference && x.Amount == y.Amount && x.Payment == y.Payment && x.Cancelled == y.Cancelled
}

// ExpectedColumns are the columns that ScanExpected reads, of expected_payments.
const ExpectedColumns = `external_reference, amount, asaas_id, cancelled, version, created_at, updated_at`

// ScanExpected reads one row of ExpectedColumns.
func ScanExpected(row pgx.CollectableRow) (x ExpectedPayment, err error) {
	var amount *int64
	err = row.Scan(&x.Reference, &amount, &x.Payment, &x.Cancelled, &x.Version, &x.CreatedAt, &x.UpdatedAt)
	if amount != nil {
		x.Amount = domain.Some(domain.Money(*amount))
	}
	x.CreatedAt, x.UpdatedAt = x.CreatedAt.UTC(), x.UpdatedAt.UTC()
	return x, err
}

// FindExpectedPayment returns what billing said of a reference. It fails with NotFound when it
// said nothing.
func FindExpectedPayment(tx *tenants.Tx, reference string) (x ExpectedPayment, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+ExpectedColumns+` FROM expected_payments WHERE clinic_id = $1 AND external_reference = $2`,
			tx.Clinic(), reference,
		)
		if err != nil {
			return err
		}
		x, err = pgx.CollectExactlyOneRow(rows, ScanExpected)
		return err
	})
	return x, tenants.Translate(err, "expected payment")
}

// Expect keeps what billing says of a reference, and tells whether that changed anything.
// Payments that it concerns are read anew from the gateway, and booked anew with it.
func Expect(tx *tenants.Tx, x ExpectedPayment, now time.Time) (changed bool, err error) {
	if err := tx.Lock(); err != nil {
		return false, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		tag, err := c.Exec(
			tx.Context(),
			`INSERT INTO expected_payments AS e (clinic_id, external_reference, amount,
			  asaas_id, cancelled, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6)
			ON CONFLICT (clinic_id, external_reference) DO UPDATE SET amount = excluded.amount, asaas_id = excluded.asaas_id,
			  cancelled = excluded.cancelled, version = e.version + 1, updated_at = $6
			WHERE (e.amount, e.asaas_id, e.cancelled) IS DISTINCT FROM (excluded.amount, excluded.asaas_id, excluded.cancelled)`,
			tx.Clinic(), x.Reference, (*int64)(x.Amount.Ptr()), x.Payment, x.Cancelled, now.UTC(),
		)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		changed = true
		if _, err = c.Exec(
			tx.Context(), `UPDATE clinic_heads SET expects = true WHERE clinic_id = $1 AND NOT expects`, tx.Clinic(),
		); err != nil {
			return err
		}
		_, err = c.Exec(
			tx.Context(),
			`SELECT want_truth($1, 'payment', asaas_id, $5, $4) FROM invoices
			WHERE clinic_id = $1 AND (external_reference = $2 OR asaas_id = $3)`,
			tx.Clinic(), x.Reference, x.Payment, now.UTC(), domain.ReadExpected,
		)
		return err
	})
	return changed, tenants.Translate(err, "expected payment")
}
