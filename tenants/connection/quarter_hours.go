package connection

import (
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// Quarter is a quarter of an hour of a clinic's deliveries.
type Quarter struct {
	At         time.Time // its beginning, UTC
	Deliveries int       // with the clinic's token: events, and what the log has beside their first deliveries
	Refused    int       // of them, not answered 200; and those that came with another token
	Slow       int       // of them, answered after a second or later
}

const (
	quarter = 15 * time.Minute
	// quarters are a day's.
	quarters = 96
	// slowMicros is when an answer is slow: the gateway waits ten seconds, and a door that
	// needs one of them is in trouble.
	slowMicros = 1_000_000
	// quarterRows bounds what a strip reads; a clinic with more than that in a day has a
	// strip of its newest deliveries.
	quarterRows = 200_000
)

// Quarters returns the 96 quarters of an hour that end with the one of now, oldest first.
func Quarters(tx *tenants.Tx, now time.Time) ([]Quarter, error) {
	first := now.UTC().Truncate(quarter).Add(-(quarters - 1) * quarter)
	list := make([]Quarter, quarters)
	for i := range list {
		list[i].At = first.Add(time.Duration(i) * quarter)
	}
	var rows []struct{ Nth, Deliveries, Refused, Slow int }
	err := tx.Gorm().Raw(
		`SELECT floor(extract(epoch FROM at - $1::timestamptz) / 900)::int AS nth, sum(n) AS deliveries,
			count(*) FILTER (WHERE code <> 200) AS refused, count(*) FILTER (WHERE micros >= $2) AS slow FROM (
			(SELECT received_at AS at, 200 AS code, 0 AS micros, 1 AS n FROM events
			  WHERE clinic_id = $3 AND received_at >= $4 AND received_at <= $5 AND source = 1
			  ORDER BY received_at DESC LIMIT $6)
			UNION ALL (SELECT d.at, d.code, d.micros, CASE WHEN e.clinic_id IS NULL THEN 1 ELSE 0 END FROM deliveries d
			  LEFT JOIN events e ON e.clinic_id = d.clinic_id AND e.environment = d.environment AND e.seq = d.seq
			    AND e.id_hash = d.id_hash AND e.received_at = d.at -- its first delivery, which the event stands for
			  WHERE d.clinic_id = $7 AND d.at >= $8 AND d.at <= $9 ORDER BY d.at DESC LIMIT $10)
			UNION ALL SELECT received_at, 401, 0, 0 FROM hints
			WHERE clinic_id = $11 AND received_at >= $12 AND received_at <= $13) d GROUP BY 1`,
		first, slowMicros, tx.Clinic(), first, now, quarterRows,
		tx.Clinic(), first, now, quarterRows, tx.Clinic(), first, now,
	).Scan(&rows).Error
	for _, r := range rows {
		if r.Nth >= 0 && r.Nth < quarters {
			list[r.Nth].Deliveries, list[r.Nth].Refused, list[r.Nth].Slow = r.Deliveries, r.Refused, r.Slow
		}
	}
	return list, tenants.Translate(err, "deliveries")
}

// OtherToken tells when a delivery about this entity came that did not carry the clinic's
// token; zero: none did. Whoever asks got the entity's id through the clinic's own key, so
// nobody learns of another's deliveries.
func OtherToken(tx *tenants.Tx, kind domain.Kind, entity string) (time.Time, error) {
	var row struct{ At *time.Time }
	err := tx.Gorm().Raw(
		`SELECT max(at) AS at FROM (SELECT received_at AS at FROM hints WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3
		UNION ALL SELECT fetched_at FROM truth_wants
		WHERE clinic_id = $4 AND kind = $5 AND entity_id = $6 AND reason = 'hint') d`,
		tx.Clinic(), string(kind), entity, tx.Clinic(), string(kind), entity,
	).Take(&row).Error
	return tenants.OrZero(row.At), tenants.Translate(err, "hints")
}
