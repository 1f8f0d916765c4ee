package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

const (
	// VisitLife is how long an operator's visit lasts at most.
	VisitLife = 30 * time.Minute

	visitKept = 24 * time.Hour // after its end: the clinic's audit log has it for good
)

// Visit is an operator's look at a clinic's pages, for one reason.
type Visit struct {
	Clinic          domain.ClinicID
	ID              domain.UUID // `vis_…` outside
	Session         string      // of the login that began it
	Operator        string      // subject
	Reason          string
	BegunAt, EndsAt time.Time // UTC
}

// BeginVisit opens v in the transaction's clinic for VisitLife from BegunAt, and
// forgets visits that were over a day ago.
func BeginVisit(tx *tenants.Tx, v Visit) (Visit, error) {
	v.Clinic, v.EndsAt = tx.Clinic(), v.BegunAt.Add(VisitLife)
	if err := tx.Gorm().Exec(
		`DELETE FROM visits WHERE clinic_id = $1 AND ends_at < $2`, v.Clinic, v.BegunAt.Add(-visitKept),
	).Error; err != nil {
		return v, tenants.Translate(err, "visit")
	}
	return v, tenants.Translate(tx.Gorm().Exec(
		`INSERT INTO visits (clinic_id, visit_id, session, operator, reason, begun_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.Clinic, tenants.DBUUID(v.ID), v.Session, v.Operator, v.Reason, v.BegunAt, v.EndsAt,
	).Error, "visit")
}

// OpenVisit returns the visit of an id that an operator began in a session and that is not over. It fails with NotFound
// for any other.
func OpenVisit(
	db *tenants.DB, ctx context.Context, id domain.UUID, session, operator string, now time.Time,
) (v Visit, err error) {
	var row struct {
		ClinicID        domain.ClinicID
		Reason          string
		BegunAt, EndsAt time.Time
	}
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(tx.Gorm().Raw(
			`SELECT clinic_id, reason, begun_at, ends_at FROM visits
			WHERE visit_id = $1 AND session = $2 AND operator = $3 AND ended_at IS NULL AND ends_at > $4`,
			tenants.DBUUID(id), session, operator, now,
		).Take(&row).Error, "visit")
	})
	return Visit{row.ClinicID, id, session, operator, row.Reason, row.BegunAt.UTC(), row.EndsAt.UTC()}, err
}

// EndVisit ends a visit of the transaction's clinic, and tells whether it was open.
func EndVisit(tx *tenants.Tx, id domain.UUID, now time.Time) (bool, error) {
	done := tx.Gorm().Exec(
		`UPDATE visits SET ended_at = $1 WHERE clinic_id = $2 AND visit_id = $3 AND ended_at IS NULL`,
		now, tx.Clinic(), tenants.DBUUID(id),
	)
	return done.RowsAffected > 0, tenants.Translate(done.Error, "visit")
}
