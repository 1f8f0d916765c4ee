package connection

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// Schedule is what the connection monitor remembers of a clinic.
type Schedule struct {
	NextAt       time.Time // of the next health check; zero: now
	GapSince     time.Time // events may have been missed since; zero: all was compared
	BackfilledAt time.Time // the first import ended; zero: not yet
}

// LoadSchedule returns the clinic's round; the zero one for a clinic that was never looked at.
func LoadSchedule(tx *tenants.Tx) (Schedule, error) {
	var row struct{ NextAt, GapSince, BackfilledAt *time.Time }
	err := tx.Gorm().Raw(
		`SELECT next_at, gap_since, backfilled_at FROM guard_rounds WHERE clinic_id = $1`, tx.Clinic(),
	).Scan(&row).Error
	return Schedule{
		tenants.OrZero(row.NextAt),
		tenants.OrZero(row.GapSince),
		tenants.OrZero(row.BackfilledAt),
	}, tenants.Translate(err, "round")
}

// ScheduleNext sets when the clinic is looked at next.
func ScheduleNext(tx *tenants.Tx, at time.Time) error {
	return updateSchedule(tx, `next_at`, `excluded.next_at`, at, time.Time{}, time.Time{})
}

// ScheduleNow brings the next look forward to now.
func ScheduleNow(tx *tenants.Tx, now time.Time) error {
	return updateSchedule(tx, `next_at`, `least(r.next_at, excluded.next_at)`, now, time.Time{}, time.Time{})
}

// OpenGap notes that events may have been missed since an instant, so that the next health check
// compares. Of two gaps the older counts.
func OpenGap(tx *tenants.Tx, since, now time.Time) error {
	return updateSchedule(
		tx, `next_at = least(r.next_at, excluded.next_at), gap_since`, `least(r.gap_since, excluded.gap_since)`, now,
		since, time.Time{},
	)
}

// CloseGap notes that the clinic was compared: what was missed before begun is there.
func CloseGap(tx *tenants.Tx, begun time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE guard_rounds SET gap_since = NULL WHERE clinic_id = $1 AND gap_since <= $2`, tx.Clinic(), begun,
		).Error,
		"round",
	)
}

// Backfilled notes that the first import ended.
func Backfilled(tx *tenants.Tx, now time.Time) error {
	return updateSchedule(tx, `backfilled_at`, `excluded.backfilled_at`, now, time.Time{}, now)
}

// updateSchedule writes one column of the clinic's round, whose row may be missing.
func updateSchedule(tx *tenants.Tx, column, value string, next, gap, backfilled time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`INSERT INTO guard_rounds AS r (clinic_id, next_at, gap_since, backfilled_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (clinic_id) DO UPDATE SET `+column+` = `+value,
			tx.Clinic(), next, tenants.OrNull(gap), tenants.OrNull(backfilled),
		).Error,
		"round",
	)
}

// forgetSchedule lets a clinic that is disconnected begin anew with its next account.
func forgetSchedule(tx *tenants.Tx) error {
	for _, table := range []string{"guard_rounds", "traffic_hours"} {
		if err := tx.Gorm().Exec(`DELETE FROM `+table+` WHERE clinic_id = $1`, tx.Clinic()).Error; err != nil {
			return tenants.Translate(err, "round")
		}
	}
	return nil
}

// DueForCheck returns the connected clinics to be looked at, at most limit, those that waited
// longest first.
func DueForCheck(db *tenants.DB, ctx context.Context, now time.Time, limit int) (list []domain.ClinicID, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(
			tx.Gorm().Raw(
				`SELECT n.clinic_id FROM connections n JOIN clinics c ON c.clinic_id = n.clinic_id
			LEFT JOIN guard_rounds g ON g.clinic_id = n.clinic_id
			WHERE n.key_sealed IS NOT NULL AND n.state <> 'disconnected' AND c.state IN ('active', 'suspended')
			  AND (g.next_at IS NULL OR g.next_at <= $1)
			ORDER BY g.next_at NULLS FIRST, n.clinic_id LIMIT $2`,
				now, limit,
			).Scan(&list).Error,
			"rounds",
		)
	})
	return list, err
}
