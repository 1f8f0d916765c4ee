package connection

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ReconciliationReport is what one comparison of a clinic with the gateway found.
type ReconciliationReport struct {
	ID          domain.UUID // of the operation; `opr_…` outside
	From, To    domain.Day  // the window that was listed
	Read        int         // entities compared: equal, repaired and unexplained together
	Equal       int
	Repaired    int // differed, and agree since the gateway's answer was folded
	Unexplained int // still differ, or could not be read in time
	EndedAt     time.Time
	Objects     []Finding // what was repaired or stays unexplained, the first thousand
}

// Finding is one object of a report.
type Finding struct {
	Kind  domain.Kind `json:"kind"`
	ID    string      `json:"id"`    // the gateway's
	Found string      `json:"found"` // repaired, unexplained
}

const maxFindings = 1000

// AddReconciliationReport stores a report.
func AddReconciliationReport(tx *tenants.Tx, c ReconciliationReport) error {
	if c.Objects == nil {
		c.Objects = []Finding{}
	}
	objects, err := json.Marshal(c.Objects[:min(len(c.Objects), maxFindings)])
	if err != nil {
		return err
	}
	return tenants.Translate(
		tx.Gorm().Exec(
			`INSERT INTO certificates (clinic_id, id, from_day, to_day, read, equal, repaired, unexplained, ended_at, objects)
			VALUES ($1, $2, $3::date, $4::date, $5, $6, $7, $8, $9, $10::jsonb)`,
			tx.Clinic(), tenants.DBUUID(c.ID), string(c.From), string(c.To), c.Read, c.Equal, c.Repaired,
			c.Unexplained, c.EndedAt, string(objects),
		).Error,
		"certificate",
	)
}

// ReconciliationReports returns the clinic's newest reconciliation reports, at most limit.
func ReconciliationReports(tx *tenants.Tx, limit int) (list []ReconciliationReport, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT id, from_day::text, to_day::text, read, equal, repaired, unexplained, ended_at, objects FROM certificates
			WHERE clinic_id = $1 ORDER BY id DESC LIMIT $2`,
			tx.Clinic(), limit,
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c ReconciliationReport, err error) {
			var from, to string
			err = row.Scan(&c.ID, &from, &to, &c.Read, &c.Equal, &c.Repaired, &c.Unexplained, &c.EndedAt, &c.Objects)
			c.From, c.To, c.EndedAt = domain.Day(from), domain.Day(to), c.EndedAt.UTC()
			return c, err
		})
		return err
	})
	return list, tenants.Translate(err, "certificates")
}
