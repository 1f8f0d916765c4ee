package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// EndPlatformToken ends the token that the platform signed with this id (jti), whatever its end says.
func EndPlatformToken(tx *tenants.Tx, id string, now time.Time) error {
	return endPlatformTokens(tx, "jti", id, now)
}

// EndPlatformSubject ends every token that the platform issued for a subject until now, by its iat; a token without one
// counts as issued before.
func EndPlatformSubject(tx *tenants.Tx, subject string, now time.Time) error {
	return endPlatformTokens(tx, "sub", subject, now)
}

func endPlatformTokens(tx *tenants.Tx, claim, value string, now time.Time) error {
	err := tx.Gorm().Exec(`INSERT INTO platform_token_ends (kind, value, until) VALUES ($1, $2, $3)
		ON CONFLICT (kind, value) DO UPDATE SET until = excluded.until`, claim, value, now).Error
	return tenants.Translate(err, "the platform's token")
}

// PlatformTokenStands returns NotFound for a token that the platform signed and that was ended here, by its id or by
// its subject; id "" has none, and issued zero was not said.
func PlatformTokenStands(db *tenants.DB, ctx context.Context, subject, id string, issued time.Time) error {
	return db.Platform(ctx, func(tx *tenants.Tx) error {
		var ended bool
		err := tx.Gorm().Raw(`SELECT EXISTS (SELECT FROM platform_token_ends
			WHERE kind = 'jti' AND value = $1 OR kind = 'sub' AND value = $2 AND until >= $3)`,
			id, subject, issued).Scan(&ended).Error
		if err == nil && ended {
			return domain.Errorf(domain.NotFound, "the platform's token")
		}
		return tenants.Translate(err, "the platform's token")
	})
}
