package query

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Stored is a projection as it stands, with what the store adds to it.
type Stored[T any] struct {
	ID        domain.UUID // public id without its prefix
	Version   int
	Value     T
	Texts     []byte // sealed free text; nil none
	CreatedAt time.Time
	UpdatedAt time.Time
}

// storedColumns are the columns that every projection has.
const storedColumns = `id, version, state, texts, created_at, updated_at`

// scanStored reads storedColumns, and more columns behind them.
func scanStored[T any](row pgx.CollectableRow, more ...any) (s Stored[T], err error) {
	var state []byte
	if err = row.Scan(
		append([]any{&s.ID, &s.Version, &state, &s.Texts, &s.CreatedAt, &s.UpdatedAt}, more...)...); err != nil {
		return s, err
	}
	s.CreatedAt, s.UpdatedAt = s.CreatedAt.UTC(), s.UpdatedAt.UTC()
	return s, tenants.DecodeState(state, &s.Value)
}

// one returns the projection that the condition names; NotFound when there is none.
func one[T any](tx *tenants.Tx, kind domain.Kind, what, condition string, arg any) (s Stored[T], err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT `+storedColumns+` FROM `+tenants.Table(kind)+` WHERE clinic_id = $1 AND `+condition,
			tx.Clinic(), arg,
		)
		if err != nil {
			return err
		}
		s, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Stored[T], error) { return scanStored[T](row) })
		return err
	})
	return s, tenants.Translate(err, what)
}

// Invoice returns the clinic's invoice with this id; NotFound for another clinic's.
func Invoice(tx *tenants.Tx, id domain.UUID) (Stored[domain.Invoice], error) {
	return one[domain.Invoice](tx, domain.KindPayment, "invoice", "id = $2", id)
}

// InvoiceByAsaasID returns the clinic's invoice of a gateway payment.
func InvoiceByAsaasID(tx *tenants.Tx, id string) (Stored[domain.Invoice], error) {
	return one[domain.Invoice](tx, domain.KindPayment, "invoice", "asaas_id = $2", id)
}

// Checkout returns the clinic's checkout with this id.
func Checkout(tx *tenants.Tx, id domain.UUID) (Stored[domain.Checkout], error) {
	return one[domain.Checkout](tx, domain.KindCheckout, "checkout", "id = $2", id)
}

// CheckoutByAsaasID returns the clinic's checkout of a gateway session.
func CheckoutByAsaasID(tx *tenants.Tx, id string) (Stored[domain.Checkout], error) {
	return one[domain.Checkout](tx, domain.KindCheckout, "checkout", "asaas_id = $2", id)
}

// Anticipation returns the clinic's anticipation with this id.
func Anticipation(tx *tenants.Tx, id domain.UUID) (Stored[domain.Anticipation], error) {
	return one[domain.Anticipation](tx, domain.KindAnticipation, "anticipation", "id = $2", id)
}

// AnticipationByAsaasID returns the clinic's anticipation of a gateway one.
func AnticipationByAsaasID(tx *tenants.Tx, id string) (Stored[domain.Anticipation], error) {
	return one[domain.Anticipation](tx, domain.KindAnticipation, "anticipation", "asaas_id = $2", id)
}

// Subject is the invoice or anticipation that bookings are about.
type Subject struct {
	ID       domain.UUID
	Kind     domain.Kind
	Customer string // the gateway's id of who pays; "" for an anticipation
}

// Subjects returns the invoices and anticipations among the gateway's ids, by id; what nobody has heard of is left out.
func Subjects(tx *tenants.Tx, ids []string) (map[string]Subject, error) {
	found := map[string]Subject{}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT 'payment', asaas_id, id, customer FROM invoices WHERE clinic_id = $1 AND asaas_id = ANY($2)
			UNION ALL SELECT 'anticipation', asaas_id, id, '' FROM anticipations WHERE clinic_id = $1 AND asaas_id = ANY($2)`,
			tx.Clinic(), ids,
		)
		if err != nil {
			return err
		}
		var s Subject
		var id string
		_, err = pgx.ForEachRow(rows, []any{&s.Kind, &id, &s.ID, &s.Customer}, func() error {
			found[id] = s
			return nil
		})
		return err
	})
	return found, tenants.Translate(err, "subjects")
}
