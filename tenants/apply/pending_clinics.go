package apply

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"

	"github.com/jackc/pgx/v5"
)

// DueClinic is a clinic with rows to apply, and since when the oldest waits.
type DueClinic struct {
	Clinic domain.ClinicID
	Oldest time.Time
}

// DueClinics returns clinics with rows due at instant at, the longest-waiting first. It is
// all that the sweeper role can see.
func DueClinics(db *tenants.DB, ctx context.Context, at time.Time, most int) ([]DueClinic, error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic_id, oldest FROM due_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, tenants.Translate(err, "due clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DueClinic])
	return found, tenants.Translate(err, "due clinics")
}

// ClinicsToRead returns clinics with entities to read from the gateway at instant at.
func ClinicsToRead(db *tenants.DB, ctx context.Context, at time.Time, most int) ([]domain.ClinicID, error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic_id FROM truth_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, tenants.Translate(err, "truth clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
	return found, tenants.Translate(err, "truth clinics")
}
