package connection

import (
	"encoding/json"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// Check is one thing that was looked at of a connection.
type Check struct {
	Name   string    `json:"name"`
	Status string    `json:"status"`           // ok, warning, failed, unknown
	Since  time.Time `json:"since"`            // of this status, UTC
	Detail string    `json:"detail,omitempty"` // for people, pt-BR
	Action string    `json:"action,omitempty"` // what to do, a code
	Cause  string    `json:"cause,omitempty"`  // of a paused queue: token, firewall, url, slow, ours, manual, unreached
}

// Checks returns the last look at the clinic's connection; NotFound when there was none.
func Checks(tx *tenants.Tx) (list []Check, at time.Time, err error) {
	var row struct {
		CheckedAt time.Time
		Checks    []byte
	}
	if err = tx.Gorm().Raw(
		`SELECT checked_at, checks FROM connection_checks WHERE clinic_id = $1`, tx.Clinic(),
	).Take(
		&row,
	).Error; err != nil {
		return nil, at, tenants.Translate(err, "checks")
	}
	return list, row.CheckedAt.UTC(), json.Unmarshal(row.Checks, &list)
}

// SaveChecks stores a health check; a check whose status is what it was keeps its since.
func SaveChecks(tx *tenants.Tx, list []Check, now time.Time) error {
	before, _, err := Checks(tx)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	for i := range list {
		list[i].Since = now
		for _, old := range before {
			if old.Name == list[i].Name && old.Status == list[i].Status {
				list[i].Since = old.Since
			}
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return tenants.Translate(
		tx.Gorm().Exec(`INSERT INTO connection_checks (clinic_id, checked_at, checks) VALUES ($1, $2, $3::jsonb)
		ON CONFLICT (clinic_id) DO UPDATE SET checked_at = excluded.checked_at, checks = excluded.checks`,
			tx.Clinic(), now, string(raw)).Error,
		"checks",
	)
}
