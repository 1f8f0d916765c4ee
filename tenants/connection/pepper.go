package connection

import (
	"time"

	"patapay/tenants"
	"patapay/tenants/vault"
)

// Peppers returns the names of the peppers that digests of webhook tokens may be made with, the oldest first. It
// speaks for the platform, as do all functions of peppers.
func Peppers(tx *tenants.Tx) (list []vault.PepperID, err error) {
	var rows [][]byte
	err = tx.Gorm().Raw(`SELECT id FROM peppers ORDER BY no`).Scan(&rows).Error
	for _, id := range rows {
		list = append(list, vault.PepperID(id))
	}
	return list, tenants.Translate(err, "peppers")
}

// NotePeppers notes peppers that are new, the oldest first.
func NotePeppers(tx *tenants.Tx, fresh []vault.PepperID, now time.Time) error {
	for _, id := range fresh {
		err := tx.Gorm().Exec(
			`INSERT INTO peppers (id, noted_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id[:], now,
		).Error
		if err != nil {
			return tenants.Translate(err, "peppers")
		}
	}
	return nil
}

// OldDigests is what is left under another pepper than the newest.
type OldDigests struct {
	Tokens, Clinics int
	Oldest          time.Time // when the oldest of the tokens was made, UTC
	Last            time.Time // when the last of those that end ends, UTC; zero: none ends by itself
}

const underOld = `pepper IS DISTINCT FROM $1 AND (ends_at IS NULL OR ends_at > $2)`

// LeftUnderOld returns what counts at now and is kept under another pepper than newest.
func LeftUnderOld(tx *tenants.Tx, newest vault.PepperID, now time.Time) (left OldDigests, err error) {
	var row struct {
		Tokens, Clinics int
		Oldest, Last    *time.Time
	}
	err = tx.Gorm().Raw(`SELECT count(*) AS tokens, count(DISTINCT clinic_id) AS clinics, min(created_at) AS oldest,
		max(ends_at) AS last FROM webhook_tokens WHERE `+underOld, newest[:], now).Take(&row).Error
	left = OldDigests{row.Tokens, row.Clinics, tenants.OrZero(row.Oldest), tenants.OrZero(row.Last)}
	return left, tenants.Translate(err, "webhook tokens")
}

// HasOldToken tells whether the transaction's clinic has a token without an end under another pepper than newest.
func HasOldToken(tx *tenants.Tx, newest vault.PepperID) (has bool, err error) {
	err = tx.Gorm().Raw(`SELECT EXISTS (SELECT FROM webhook_tokens
		WHERE clinic_id = $1 AND pepper IS DISTINCT FROM $2 AND ends_at IS NULL)`, tx.Clinic(), newest[:]).Scan(&has).Error
	return has, tenants.Translate(err, "webhook tokens")
}

// RetirePeppers forgets every pepper but the newest, and every digest under another one; it changes nothing when a
// token that counts at now is left under one, and returns what is. No other token can be made under a retired pepper
// from then on: Postgres holds each token to a pepper that is noted.
func RetirePeppers(tx *tenants.Tx, newest vault.PepperID, now time.Time) (left OldDigests, err error) {
	g := tx.Gorm()
	if err := g.Exec(`SELECT FROM peppers FOR UPDATE`).Error; err != nil { // whoever makes a token waits
		return left, tenants.Translate(err, "peppers")
	}
	if left, err = LeftUnderOld(tx, newest, now); err != nil || left.Tokens > 0 {
		return left, err
	}
	err = g.Exec(`DELETE FROM webhook_tokens WHERE pepper IS DISTINCT FROM $1`, newest[:]).Error
	if err == nil {
		err = g.Exec(`UPDATE webhook_tokens SET old_digest = NULL WHERE old_digest IS NOT NULL`).Error
	}
	if err == nil {
		err = g.Exec(`DELETE FROM peppers WHERE id <> $1`, newest[:]).Error
	}
	return left, tenants.Translate(err, "peppers")
}
