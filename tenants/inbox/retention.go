package inbox

import (
	"context"
	"time"

	"patapay/tenants"
)

// KeepBodies makes the partitions of this month and the next three, and drops those that
// ended more than keepDays before today. It gives up after 100 ms without the lock.
func KeepBodies(db *tenants.DB, ctx context.Context, today time.Time, keepDays int) error {
	_, err := db.Pool().Exec(ctx, `SELECT keep_event_bodies($1::date, $2)`, today.Format(time.DateOnly), keepDays)
	return tenants.Translate(err, "partitions")
}

// BodiesReady reports whether bodies received at instant at have a partition.
func BodiesReady(db *tenants.DB, ctx context.Context, at time.Time) (ready bool, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT event_bodies_ready($1::date)`, at.Format(time.DateOnly)).Scan(&ready)
	return ready, tenants.Translate(err, "partitions")
}

// TrimDeliveries keeps the last 20 deliveries of each event that had one since an instant,
// and drops all from before another.
func TrimDeliveries(db *tenants.DB, ctx context.Context, since, before time.Time) error {
	_, err := db.Pool().Exec(ctx, `SELECT trim_deliveries($1, $2)`, since, before)
	return tenants.Translate(err, "delivery log")
}

// UnclaimedKeep is how long unproved deliveries are kept, as long as Asaas keeps the event.
const UnclaimedKeep = 14 * 24 * time.Hour

// ExpireUnclaimed drops unproved deliveries received before an instant.
func ExpireUnclaimed(db *tenants.DB, ctx context.Context, before time.Time) error {
	_, err := db.Pool().Exec(ctx, `SELECT expire_strays($1)`, before)
	return tenants.Translate(err, "quarantine")
}
