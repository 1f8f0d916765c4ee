package endpoints

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Delivery is one try, as it is kept for DeliveriesKept.
type Delivery struct {
	ID       domain.UUID
	Message  string // webhook-id
	Type     string
	ObjectID domain.UUID // zero: a test
	Try      int         // 1, 2 …
	At       time.Time
	Code     int    // of the answer; 0: there was none
	Reason   string // why it failed; "": it arrived
	Latency  time.Duration
	Answer   []byte // its first KiB; nil: empty

	sealed []byte
}

// DeliveryFilter says which deliveries are wanted.
type DeliveryFilter struct{ Failed bool } // only those that failed

var deliveries = tenants.Listing[Delivery]{
	What: "deliveries", From: "endpoint_deliveries t", Newest: "-at", Scan: scanDelivery,
	Columns: "t.delivery_id, t.message, t.type, t.object_id, t.try, t.at, t.code, t.reason, t.latency_ms, t.answer",
	Sorts: map[string][]tenants.SortKey{
		"at": {tenants.SortBy("t.at", "timestamptz"), tenants.SortBy("t.delivery_id", "uuid")},
	},
}

func scanDelivery(row pgx.CollectableRow, more ...any) (d Delivery, err error) {
	var object *domain.UUID
	var took int
	err = row.Scan(append([]any{
		&d.ID, &d.Message, &d.Type, &object, &d.Try, &d.At, &d.Code, &d.Reason, &took, &d.sealed,
	}, more...)...)
	if object != nil {
		d.ObjectID = *object
	}
	d.At, d.Latency = d.At.UTC(), time.Duration(took)*time.Millisecond
	return d, err
}

// Deliveries returns a page of an endpoint's tries, newest first, with what was answered.
func Deliveries(
	tx *tenants.Tx, v *vault.Vault, id domain.UUID, f DeliveryFilter, p tenants.Page,
) (list tenants.List[Delivery], err error) {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	w.And("t.endpoint_id = ?", id)
	if f.Failed {
		w.And("t.reason <> ''")
	}
	if list, err = deliveries.Page(tx, w, struct {
		ID domain.UUID
		F  DeliveryFilter
	}{id, f}, p); err != nil {
		return list, err
	}
	open, err := opener(tx, v)
	if err != nil {
		return list, err
	}
	for i := range list.Rows {
		d := &list.Rows[i]
		if d.sealed == nil {
			continue
		}
		d.Answer, err = open(sealedKind, deliveryName(d.ID), d.sealed)
		if err != nil && !errors.Is(err, vault.ErrSealed) {
			return list, err
		}
	}
	return list, nil
}

// TrimDeliveries drops tries from before an instant, of every clinic, some thousands a call; it returns
// how many.
func TrimDeliveries(db *tenants.DB, ctx context.Context, before time.Time) (n int64, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT trim_endpoint_deliveries($1, 5000)`, before).Scan(&n)
	return n, tenants.Translate(err, "deliveries")
}
