package people

import (
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// PasskeyChallengeLife is how long the challenge of a passkey may be answered.
const PasskeyChallengeLife = 5 * time.Minute

// Passkey is what is kept of a passkey: its public half.
type Passkey struct {
	ID         domain.UUID // `fac_…` outside
	Credential []byte      // the id that its authenticator gave it
	PublicKey  []byte      // a COSE key (RFC 9052)
	SignCount  uint32      // of its last use; 0 for good: its authenticator counts nothing
	BackedUp   bool        // its maker may copy it between devices
	Transports string      // how browsers reach it, with blanks between
}

// Passkeys locks and returns the passkeys of a person of the transaction's clinic, the oldest first.
func Passkeys(tx *tenants.Tx, user domain.UUID) (list []Passkey, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT factor_id, credential, public_key, sign_count, backed_up, transports
			FROM factors WHERE clinic_id = $1 AND user_id = $2 AND kind = 'passkey' AND confirmed_at IS NOT NULL
			ORDER BY created_at, factor_id FOR UPDATE`,
			tx.Clinic(), tenants.DBUUID(user))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Passkey, err error) {
			var id [16]byte
			err = row.Scan(&id, &p.Credential, &p.PublicKey, &p.SignCount, &p.BackedUp, &p.Transports)
			p.ID = id
			return p, err
		})
		return err
	})
	return list, tenants.Translate(err, "passkeys")
}

// AddPasskey stores a passkey of a person's, which counts from now on. It fails with ErrTooManyFactors, and with
// Conflict when it is somebody's already.
func AddPasskey(tx *tenants.Tx, user domain.UUID, name string, p Passkey, now time.Time) error {
	if err := roomForFactor(tx, user); err != nil {
		return err
	}
	return tenants.Translate(tx.Gorm().Exec(
		`INSERT INTO factors (clinic_id, factor_id, user_id, kind, name, credential, public_key, sign_count, backed_up,
			transports, created_at, confirmed_at) VALUES ($1, $2, $3, 'passkey', $4, $5, $6, $7, $8, $9, $10, $10)`,
		tx.Clinic(), tenants.DBUUID(p.ID), tenants.DBUUID(user), name, p.Credential, p.PublicKey, int64(p.SignCount),
		p.BackedUp, p.Transports, now,
	).Error, "passkey")
}

// UsePasskey notes a use of a passkey of the transaction's clinic, with the count that its authenticator gave.
func UsePasskey(tx *tenants.Tx, id domain.UUID, count uint32, now time.Time) error {
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE factors SET sign_count = $1, last_used_at = $2 WHERE clinic_id = $3 AND factor_id = $4`,
		int64(count), now, tx.Clinic(), tenants.DBUUID(id)).Error, "passkey")
}

// PasskeyPurpose is what a passkey's challenge is for.
type PasskeyPurpose string

// The purposes of a passkey's challenge.
const (
	ToAddPasskey  PasskeyPurpose = "add"
	ToShowPasskey PasskeyPurpose = "show"
)

// PasskeyChallenge is a challenge for a person's passkey, good for whom it was given to: a session, by its id, or a
// login that waits for its second factor, by the digest of its secret.
type PasskeyChallenge struct {
	User    domain.UUID
	Purpose PasskeyPurpose
	Holder  []byte
	Text    string // random, as the browser gives it back
}

// AddPasskeyChallenge stores a challenge of the transaction's clinic for five minutes; the one that its holder had for
// the same purpose ends.
func AddPasskeyChallenge(tx *tenants.Tx, c PasskeyChallenge, now time.Time) error {
	err := tx.Gorm().Exec(
		`DELETE FROM passkey_challenges
		WHERE clinic_id = $1 AND user_id = $2 AND (ends_at <= $3 OR purpose = $4 AND holder = $5)`,
		tx.Clinic(), tenants.DBUUID(c.User), now, c.Purpose, c.Holder).Error
	if err != nil {
		return tenants.Translate(err, "passkey challenges")
	}
	digest := sha256.Sum256([]byte(c.Text))
	return tenants.Translate(tx.Gorm().Exec(
		`INSERT INTO passkey_challenges (clinic_id, digest, user_id, purpose, holder, created_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.Clinic(), digest[:], tenants.DBUUID(c.User), c.Purpose, c.Holder, now, now.Add(PasskeyChallengeLife),
	).Error, "passkey challenge")
}

// TakePasskeyChallenge forgets a challenge of the transaction's clinic, and tells whether it stood: it
// is answered once, rightly or not.
func TakePasskeyChallenge(tx *tenants.Tx, c PasskeyChallenge, now time.Time) (bool, error) {
	digest := sha256.Sum256([]byte(c.Text))
	done := tx.Gorm().Exec(
		`DELETE FROM passkey_challenges WHERE clinic_id = $1 AND digest = $2 AND user_id = $3 AND purpose = $4 AND holder = $5
			AND ends_at > $6`, tx.Clinic(), digest[:], tenants.DBUUID(c.User), c.Purpose, c.Holder, now)
	return done.RowsAffected == 1, tenants.Translate(done.Error, "passkey challenge")
}
