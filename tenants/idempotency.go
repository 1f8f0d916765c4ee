package tenants

import (
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/vault"
)

// Attempt names a request that its sender may repeat.
type Attempt struct {
	Owner   [32]byte // who asks: a key is one token's
	Key     [32]byte // of the Idempotency-Key
	Request [32]byte // of what is asked for
}

// Earlier is what is known of an attempt before this one; the zero value is nothing.
type Earlier struct {
	Running bool   // the first attempt has no answer yet
	Other   bool   // the key came with another request
	Answer  []byte // the first attempt's, as KeepAnswer was given it
}

const (
	answersKept  = 24 * time.Hour
	attemptLimit = 2 * time.Minute // a request that runs longer has died with its process
)

// Attempt notes that a request begins, unless its key is known: then it tells of the
// earlier one. A key whose day is over, or whose process died, is as good as new.
func (tx *Tx) Attempt(a Attempt, v *vault.Vault, now time.Time) (e Earlier, err error) {
	var sealed []byte
	err = tx.Conn(func(c *pgx.Conn) error {
		tag, err := c.Exec(
			tx.ctx,
			`INSERT INTO idempotency_keys AS k (clinic_id, owner, key, request, started_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (clinic_id, owner, key) DO UPDATE SET request = excluded.request, started_at = excluded.started_at,
			  ends_at = excluded.ends_at, answer = NULL
			WHERE k.ends_at <= $5 OR k.answer IS NULL AND k.started_at <= $7`,
			tx.clinic, a.Owner[:], a.Key[:], a.Request[:], now, now.Add(answersKept), now.Add(-attemptLimit),
		)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			_, err = c.Exec(tx.ctx, `DELETE FROM idempotency_keys WHERE (clinic_id, owner, key) IN (
				SELECT clinic_id, owner, key FROM idempotency_keys WHERE clinic_id = $1 AND ends_at <= $2 LIMIT 100)`,
				tx.clinic, now)
			return err
		}
		return c.QueryRow(
			tx.ctx,
			`SELECT request <> $4, answer IS NULL, answer FROM idempotency_keys
			WHERE clinic_id = $1 AND owner = $2 AND key = $3`,
			tx.clinic, a.Owner[:], a.Key[:], a.Request[:],
		).Scan(&e.Other, &e.Running, &sealed)
	})
	if domain.CodeOf(Translate(err, "")) == domain.NotFound { // given up between the two statements
		return Earlier{Running: true}, nil
	}
	if err == nil && sealed != nil && !e.Other {
		e.Answer, err = tx.openAnswer(v, a, sealed)
	}
	return e, Translate(err, "idempotency key")
}

// KeepAnswer stores the answer to an attempt, sealed, for a day from its beginning.
func (tx *Tx) KeepAnswer(a Attempt, answer []byte, v *vault.Vault) error {
	var sealed []byte
	var err error
	if tx.clinic == 0 {
		sealed, err = v.SealPlatform("answer", a.subject(), answer)
	} else {
		sealed, err = tx.Seal(v, "answer", a.subject(), answer)
	}
	if err != nil {
		return err
	}
	return Translate(
		tx.gorm.Exec(
			`UPDATE idempotency_keys SET answer = $1 WHERE clinic_id = $2 AND owner = $3 AND key = $4`, sealed, tx.clinic,
			a.Owner[:], a.Key[:],
		).Error,
		"idempotency key",
	)
}

// Forget makes an attempt's key as good as new: it did nothing.
func (tx *Tx) Forget(a Attempt) error {
	return Translate(
		tx.gorm.Exec(
			`DELETE FROM idempotency_keys WHERE clinic_id = $1 AND owner = $2 AND key = $3 AND answer IS NULL`,
			tx.clinic, a.Owner[:], a.Key[:],
		).Error,
		"idempotency key",
	)
}

func (tx *Tx) openAnswer(v *vault.Vault, a Attempt, sealed []byte) ([]byte, error) {
	if tx.clinic == 0 {
		return v.OpenPlatform("answer", a.subject(), sealed)
	}
	open, err := tx.Opener(v)
	if err != nil {
		return nil, err
	}
	return open("answer", a.subject(), sealed)
}

func (a Attempt) subject() string {
	return hex.EncodeToString(a.Owner[:]) + hex.EncodeToString(a.Key[:]) + hex.EncodeToString(a.Request[:])
}
