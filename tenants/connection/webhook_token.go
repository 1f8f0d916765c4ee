package connection

import (
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// AddToken stores the digest of a webhook token of the transaction's clinic. The token
// itself is shown once and kept nowhere. It fails with Unavailable when the digest's pepper has been retired: nobody
// would find the token.
func AddToken(tx *tenants.Tx, d vault.Digest, env domain.Environment, hint string, now time.Time) error {
	done := tx.Gorm().Exec(
		`INSERT INTO webhook_tokens (clinic_id, digest, pepper, old_digest, environment, hint, created_at)
		SELECT $1, $2, p.id, $4, $5, $6, $7 FROM (VALUES (1)) one LEFT JOIN peppers p ON p.id = $3
		WHERE p.id IS NOT NULL OR NOT EXISTS (SELECT FROM peppers)`,
		tx.Clinic(), d.Sum[:], d.Pepper[:], d.Old, env, hint, now,
	)
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.Unavailable, "webhook token: this process's pepper has been retired")
	}
	return tenants.Translate(done.Error, "webhook token")
}

// EndTokens lets every token of the clinic that has no end yet count until at.
func EndTokens(tx *tenants.Tx, at time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE webhook_tokens SET ends_at = $1 WHERE clinic_id = $2 AND ends_at IS NULL`, at, tx.Clinic(),
		).Error,
		"webhook token",
	)
}

// Touch counts a new version of the clinic's connection: what is shown of it
// changed, though no column of its own did.
func Touch(tx *tenants.Tx, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE connections SET version = version + 1, updated_at = $1 WHERE clinic_id = $2`, now, tx.Clinic(),
		).Error,
		"connection",
	)
}

// HasToken reports whether the clinic has a token that counts without an end.
func HasToken(tx *tenants.Tx) (has bool, err error) {
	err = tx.Gorm().Raw(
		`SELECT EXISTS (SELECT FROM webhook_tokens WHERE clinic_id = $1 AND ends_at IS NULL)`, tx.Clinic(),
	).Scan(&has).Error
	return has, tenants.Translate(err, "webhook token")
}

// AdoptUnclaimed turns what an account sent before the clinic had it into reads with the
// clinic's key, and returns how many deliveries there were.
func AdoptUnclaimed(tx *tenants.Tx, account string, now time.Time) (n int, err error) {
	err = tx.Gorm().Raw(`SELECT adopt_strays($1, $2, $3)`, tx.Clinic(), account, now).Scan(&n).Error
	return n, tenants.Translate(err, "quarantine")
}

// Token is what is known of a webhook token: never the token.
type Token struct {
	Hint      string // last four characters
	CreatedAt time.Time
	EndsAt    time.Time // zero: no end in sight
}

// Tokens returns the tokens of the clinic that count at now, newest first.
func Tokens(tx *tenants.Tx, now time.Time) ([]Token, error) {
	var rows []struct {
		Hint      string
		CreatedAt time.Time
		EndsAt    *time.Time
	}
	err := tx.Gorm().Raw(
		`SELECT hint, created_at, ends_at FROM webhook_tokens WHERE clinic_id = $1 AND (ends_at IS NULL OR ends_at > $2)
		ORDER BY created_at DESC, digest`,
		tx.Clinic(), now,
	).Find(&rows).Error
	list := make([]Token, len(rows))
	for i, r := range rows {
		list[i] = Token{Hint: r.Hint, CreatedAt: r.CreatedAt.UTC(), EndsAt: tenants.OrZero(r.EndsAt)}
	}
	return list, tenants.Translate(err, "webhook tokens")
}

// EndToken ends one token now: the gateway refused the configuration that was to carry it.
func EndToken(tx *tenants.Tx, d vault.Digest, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE webhook_tokens SET ends_at = $1 WHERE clinic_id = $2 AND (digest = $3 OR old_digest = $3)`,
			now, tx.Clinic(), d.Sum[:],
		).Error,
		"webhook token",
	)
}

// CarriesToken reports whether the configuration with this id carries a token that counts
// without an end.
func CarriesToken(tx *tenants.Tx, webhook string) (carries bool, err error) {
	err = tx.Gorm().Raw(
		`SELECT EXISTS (SELECT FROM webhook_tokens
		  WHERE clinic_id = $1 AND webhook_id = $2 AND webhook_id <> '' AND ends_at IS NULL)`,
		tx.Clinic(), webhook,
	).Scan(&carries).Error
	return carries, tenants.Translate(err, "webhook token")
}

// ConfirmToken notes that a configuration carries the token; every other one counts until
// an instant, for retries that the gateway queued with it.
func ConfirmToken(tx *tenants.Tx, d vault.Digest, webhook string, others time.Time) error {
	err := tx.Gorm().Exec(
		`UPDATE webhook_tokens SET webhook_id = $1 WHERE clinic_id = $2 AND (digest = $3 OR old_digest = $3)`,
		webhook, tx.Clinic(), d.Sum[:],
	).Error
	if err != nil {
		return tenants.Translate(err, "webhook token")
	}
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE webhook_tokens SET ends_at = $1
			WHERE clinic_id = $2 AND digest <> $3 AND old_digest IS DISTINCT FROM $3 AND ends_at IS NULL`,
			others, tx.Clinic(), d.Sum[:],
		).Error,
		"webhook token",
	)
}

// RevokeTokens ends at once the tokens that were replaced and still counted, and returns
// how many: from now on they are wrong ones.
func RevokeTokens(tx *tenants.Tx, now time.Time) (int64, error) {
	done := tx.Gorm().Exec(
		`UPDATE webhook_tokens SET ends_at = $1 WHERE clinic_id = $2 AND ends_at > $3`, now, tx.Clinic(), now,
	)
	return done.RowsAffected, tenants.Translate(done.Error, "webhook token")
}
