package connection

import (
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// EntityDelivery is the first delivery of an event: when it came and how long our answer took.
type EntityDelivery struct {
	At     time.Time
	Micros int64
}

// EntityEvent returns the delivery of an event of this type about this entity among the
// newest events; NotFound while there is none.
func EntityEvent(tx *tenants.Tx, kind domain.Kind, entity, typ string) (d EntityDelivery, err error) {
	var row struct {
		At     time.Time
		Micros int64
	}
	err = tx.Gorm().Raw(
		`SELECT e.received_at AS at,
		    coalesce((SELECT min(micros) FROM deliveries l WHERE l.clinic_id = e.clinic_id AND l.environment = e.environment
		  AND l.seq = e.seq AND l.id_hash = e.id_hash), 0) AS micros
		FROM (SELECT * FROM events WHERE clinic_id = $1 AND environment IN (1, 2)
		  ORDER BY environment DESC, seq DESC LIMIT $2) e
		WHERE e.kind = $3 AND e.entity_id = $4 AND e.type = $5 AND e.source = 1 LIMIT 1`,
		tx.Clinic(), sampled, string(kind), entity, typ,
	).Take(&row).Error
	return EntityDelivery{row.At.UTC(), row.Micros}, tenants.Translate(err, "event")
}

// LastRefusal returns what we answered to the clinic's last delivery since an instant that
// was not answered 200; 0: there was none that named a known event.
func LastRefusal(tx *tenants.Tx, since time.Time) (code int, err error) {
	err = tx.Gorm().Raw(
		`SELECT coalesce((SELECT code FROM deliveries WHERE clinic_id = $1 AND at > $2 AND code <> 200
		  ORDER BY at DESC LIMIT 1), 0)`,
		tx.Clinic(), since,
	).Scan(&code).Error
	return code, tenants.Translate(err, "deliveries")
}

// ReceivedSince returns how many events of the clinic came since an instant, and when the
// last one did.
func ReceivedSince(tx *tenants.Tx, at time.Time) (n int, last time.Time, err error) {
	var row struct {
		N    int
		Last *time.Time
	}
	err = tx.Gorm().Raw(
		`SELECT count(*) AS n, max(received_at) AS last
		FROM (SELECT received_at FROM events
		  WHERE clinic_id = $1 AND environment IN (1, 2) AND source = 1 AND type <> '`+domain.SelfCheck+`'
		ORDER BY environment DESC, seq DESC LIMIT 5000) e WHERE received_at >= $2`,
		tx.Clinic(), at,
	).Take(&row).Error
	return row.N, tenants.OrZero(row.Last), tenants.Translate(err, "events")
}
