package alarm

import (
	"context"
	"time"

	"patapay/tenants"
)

// Figures are what is told of all clinics together, and of none by name.
type Figures struct {
	MonitorLate      time.Duration // how long the health check that is due longest has waited
	MailsUnsent      int64
	MailsOldest      time.Duration // since the oldest of them was written
	MailsFailing     int64         // of them, those that were tried three times
	ComparisonOldest time.Duration // since the last comparison of the active clinic that was compared longest ago
	FeedHeld         time.Duration // how long a transaction has kept entries out of the platform's feed
	EndpointsPaused  int64         // that stopped by themselves
	PushRefused      time.Duration // since the entry that an endpoint has refused longest was refused first
}

// FleetFigures reads them in one statement. It fails as every query does.
func FleetFigures(db *tenants.DB, ctx context.Context, now time.Time) (f Figures, err error) {
	var late, oldest, compared, held, refused float64
	err = db.Pool().QueryRow(
		ctx,
		`SELECT monitor_late, mails_unsent, mails_oldest, mails_failing, comparison_oldest, feed_held, paused, refused_oldest
			FROM fleet_figures($1), push_figures($1)`,
		now,
	).Scan(&late, &f.MailsUnsent, &oldest, &f.MailsFailing, &compared, &held, &f.EndpointsPaused, &refused)
	seconds := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	f.MonitorLate, f.MailsOldest, f.ComparisonOldest = seconds(late), seconds(oldest), seconds(compared)
	f.FeedHeld, f.PushRefused = seconds(held), seconds(refused)
	return f, tenants.Translate(err, "figures")
}
