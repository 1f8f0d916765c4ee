package tenants

import (
	"context"
	"time"

	"patapay/domain"
)

// Alarm opens an alarm of a clinic (0: the platform), or counts it again while it is open.
func (db *DB) Alarm(ctx context.Context, clinic domain.ClinicID, kind, nextAction string, at time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT raise_alarm($1, $2, $3, $4)`, clinic, kind, at, nextAction)
	return translate(err, "alarm")
}

// OpenAlarms returns how many alarms are open, by kind, over all clinics.
func (db *DB) OpenAlarms(ctx context.Context) (map[string]int, error) {
	open := map[string]int{}
	err := db.Platform(ctx, func(tx *Tx) error {
		var rows []struct {
			Kind string
			N    int
		}
		err := tx.gorm.Raw(`SELECT kind, count(*) AS n FROM alarms WHERE closed_at IS NULL GROUP BY kind`).Scan(&rows).Error
		for _, r := range rows {
			open[r.Kind] = r.N
		}
		return translate(err, "alarms")
	})
	return open, err
}
