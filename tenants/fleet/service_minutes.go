package fleet

import (
	"context"
	"time"

	"patapay/tenants"
)

// minutesAtOnce is how many minutes one call of CountMinutes counts at most.
const minutesAtOnce = 30

// Service is how many deliveries were stored, and how many of them were not applied within a minute; both only grow.
type Service struct{ Received, Late int64 }

// CountMinutes counts the minutes that ended two minutes before now and were not counted yet, the oldest first and
// thirty at most, and returns how many. The database lets one count at a time: the others return 0.
func CountMinutes(db *tenants.DB, ctx context.Context, now time.Time) (minutes int, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT count_service_minutes($1, $2)`, now, minutesAtOnce).Scan(&minutes)
	return minutes, tenants.Translate(err, "service minutes")
}

// Totals returns what all counted minutes come to. It fails with NotFound while none is counted.
func Totals(db *tenants.DB, ctx context.Context) (s Service, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT received, late FROM service_totals()`).Scan(&s.Received, &s.Late)
	return s, tenants.Translate(err, "service minutes")
}
