package tenants

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// DueClinic is a clinic with rows to apply, and since when the oldest waits.
type DueClinic struct {
	Clinic domain.ClinicID
	Oldest time.Time
}

// DueClinics returns clinics with rows due at instant at, the longest-waiting first. It is
// all that the sweeper role can see.
func (db *DB) DueClinics(ctx context.Context, at time.Time, most int) ([]DueClinic, error) {
	rows, err := db.pool.Query(ctx, `SELECT clinic_id, oldest FROM due_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, translate(err, "due clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DueClinic])
	return found, translate(err, "due clinics")
}

// TruthClinics returns clinics with entities to read from the gateway at instant at.
func (db *DB) TruthClinics(ctx context.Context, at time.Time, most int) ([]domain.ClinicID, error) {
	rows, err := db.pool.Query(ctx, `SELECT clinic_id FROM truth_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, translate(err, "truth clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
	return found, translate(err, "truth clinics")
}

// KeepBodies makes the partitions of this month and the next three, and drops those that
// ended more than keepDays before today. It gives up after 100 ms without the lock.
func (db *DB) KeepBodies(ctx context.Context, today time.Time, keepDays int) error {
	_, err := db.pool.Exec(ctx, `SELECT keep_event_bodies($1::date, $2)`, today.Format(time.DateOnly), keepDays)
	return translate(err, "partitions")
}

// BodiesReady reports whether bodies received at instant at have a partition.
func (db *DB) BodiesReady(ctx context.Context, at time.Time) (ready bool, err error) {
	err = db.pool.QueryRow(ctx, `SELECT event_bodies_ready($1::date)`, at.Format(time.DateOnly)).Scan(&ready)
	return ready, translate(err, "partitions")
}

// SyncCommit returns Postgres's synchronous_commit as this role has it: anything but "off"
// keeps what was answered 200.
func (db *DB) SyncCommit(ctx context.Context) (setting string, err error) {
	err = db.pool.QueryRow(ctx, `SHOW synchronous_commit`).Scan(&setting)
	return setting, translate(err, "synchronous_commit")
}

// TrimDeliveries keeps the last 20 deliveries of each event that had one since an instant,
// and drops all from before another.
func (db *DB) TrimDeliveries(ctx context.Context, since, before time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT trim_deliveries($1, $2)`, since, before)
	return translate(err, "delivery log")
}

// ExpireStrays drops unproved deliveries received before an instant.
func (db *DB) ExpireStrays(ctx context.Context, before time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT expire_strays($1)`, before)
	return translate(err, "quarantine")
}

// ExpireExports removes the exports that ended at an instant or before, of every clinic.
func (db *DB) ExpireExports(ctx context.Context, before time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT expire_exports($1)`, before)
	return translate(err, "exports")
}

// SchemaVersion returns the number of the newest migration the database has.
func (db *DB) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = db.pool.QueryRow(ctx, `SELECT schema_version()`).Scan(&version)
	return version, translate(err, "schema version")
}
