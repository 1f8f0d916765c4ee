package tenants

import (
	"context"
	"strings"
	"time"

	"patapay/domain"
)

// ServiceToken is the registration of a program's token: without it, or once it is
// revoked, the token opens nothing.
type ServiceToken struct {
	ID     string // jti
	Name   string // of the program
	Scopes []string
	EndsAt time.Time
}

// AddServiceToken registers a token for the transaction's clinic, or for the platform.
func (tx *Tx) AddServiceToken(t ServiceToken, now time.Time) error {
	err := tx.gorm.Exec(`INSERT INTO service_tokens (clinic_id, token_id, name, scopes, created_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)`,
		tx.clinic, t.ID, t.Name, strings.Join(t.Scopes, " "), now, t.EndsAt).Error
	return translate(err, "service token")
}

// RevokeServiceToken ends a token, whoever it is for; NotFound when it is not registered.
func (db *DB) RevokeServiceToken(ctx context.Context, id string, now time.Time) error {
	return db.Platform(ctx, func(tx *Tx) error {
		done := tx.gorm.Exec(`UPDATE service_tokens SET revoked_at = coalesce(revoked_at, ?) WHERE token_id = ?`, now, id)
		if done.Error == nil && done.RowsAffected == 0 {
			return domain.Errorf(domain.NotFound, "service token")
		}
		return translate(done.Error, "service token")
	})
}

// ServiceToken returns nil for a token that is registered, not revoked and not of a
// deleted clinic, NotFound for any other.
func (db *DB) ServiceToken(ctx context.Context, id string) error {
	return db.Platform(ctx, func(tx *Tx) error {
		var row struct{ TokenID string }
		err := tx.gorm.Raw(`SELECT t.token_id FROM service_tokens t LEFT JOIN clinics c ON c.clinic_id = t.clinic_id
			WHERE t.token_id = ? AND t.revoked_at IS NULL AND (t.clinic_id = 0 OR c.state <> 'deleted')`, id).Take(&row).Error
		return translate(err, "service token")
	})
}
