package people

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

const (
	// FactorsKept is how many second factors a person may have.
	FactorsKept = 5
	// FactorFresh is how long a session may do what asks for a second factor after one was shown in it.
	FactorFresh = 10 * time.Minute

	setUpLife    = 30 * time.Minute // for the first code of a new app
	secondsAStep = 30
	sealedFactor = "factor"
)

// ErrTooManyFactors refuses one second factor more than a person may have.
var ErrTooManyFactors = &domain.Error{Code: domain.Conflict, Detail: "too many second factors"}

// Factor is a second factor of a person's.
type Factor struct {
	ID        domain.UUID // `fac_…` outside
	Kind      string      // app, passkey
	Name      string      // as its person calls it
	CreatedAt time.Time   // UTC
	LastUsed  *time.Time  // UTC; nil: never since its set-up
}

// codeOptions are what every authenticator app knows: six digits by SHA-1 (RFC 6238).
var codeOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// BeginFactor stores a new app of a person's, which asks nothing until ConfirmFactor, and returns its id and its
// secret, 160 bits in base 32, which is shown to nobody again. One that was begun and not confirmed goes. It fails
// with ErrTooManyFactors.
func BeginFactor(
	tx *tenants.Tx, v *vault.Vault, user domain.UUID, name string, now time.Time,
) (id domain.UUID, secret vault.Secret, err error) {
	err = tx.Gorm().Exec(`DELETE FROM factors WHERE clinic_id = $1 AND user_id = $2 AND confirmed_at IS NULL`,
		tx.Clinic(), tenants.DBUUID(user)).Error
	if err != nil {
		return id, secret, tenants.Translate(err, "factors")
	}
	if err := roomForFactor(tx, user); err != nil {
		return id, secret, err
	}
	var random [20]byte
	_, _ = rand.Read(random[:]) // never fails (Go 1.24)
	id, secret = tenants.NewID(now), vault.NewSecret(base32.StdEncoding.EncodeToString(random[:]))
	sealed, err := sealFactor(tx, v, id, []byte(secret.Reveal()))
	if err != nil {
		return id, secret, err
	}
	return id, secret, tenants.Translate(tx.Gorm().Exec(
		`INSERT INTO factors (clinic_id, factor_id, user_id, name, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.Clinic(), tenants.DBUUID(id), tenants.DBUUID(user), name, sealed, now,
	).Error, "factor")
}

// roomForFactor fails with ErrTooManyFactors when a person has as many as they may.
func roomForFactor(tx *tenants.Tx, user domain.UUID) error {
	list, err := Factors(tx, user)
	if err == nil && len(list) >= FactorsKept {
		err = ErrTooManyFactors
	}
	return err
}

// ConfirmFactor makes an app count by its first code, and tells whether the code is right. It fails with NotFound for
// an app that is not the person's, that counts already or that was begun half an hour ago.
func ConfirmFactor(
	tx *tenants.Tx, v *vault.Vault, user, id domain.UUID, code string, now time.Time,
) (bool, error) {
	apps, err := appsOf(tx, `factor_id = $3 AND confirmed_at IS NULL AND created_at > $4`,
		tenants.DBUUID(user), tenants.DBUUID(id), now.Add(-setUpLife))
	if err == nil && len(apps) == 0 {
		err = domain.Errorf(domain.NotFound, "factor")
	}
	if err != nil {
		return false, err
	}
	if good, err := apps[0].take(tx, v, code, now); err != nil || !good {
		return false, err
	}
	return true, tenants.Translate(tx.Gorm().Exec(
		`UPDATE factors SET confirmed_at = $1, last_used_at = NULL WHERE clinic_id = $2 AND factor_id = $3`,
		now, tx.Clinic(), tenants.DBUUID(id)).Error, "factor")
}

// Factors returns the second factors of a person of the transaction's clinic that count, the oldest first.
func Factors(tx *tenants.Tx, user domain.UUID) (list []Factor, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT factor_id, kind, name, created_at, last_used_at FROM factors
			WHERE clinic_id = $1 AND user_id = $2 AND confirmed_at IS NOT NULL ORDER BY created_at, factor_id`,
			tx.Clinic(), tenants.DBUUID(user))
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Factor, err error) {
			var id [16]byte
			err = row.Scan(&id, &f.Kind, &f.Name, &f.CreatedAt, &f.LastUsed)
			f.ID, f.CreatedAt = id, f.CreatedAt.UTC()
			if f.LastUsed != nil {
				*f.LastUsed = f.LastUsed.UTC()
			}
			return f, err
		})
		return err
	})
	return list, tenants.Translate(err, "factors")
}

// RemoveFactor forgets a second factor of a person's, and with the last one their recovery
// codes; NotFound when it is not theirs.
func RemoveFactor(tx *tenants.Tx, user, id domain.UUID) error {
	done := tx.Gorm().Exec(
		`DELETE FROM factors WHERE clinic_id = $1 AND user_id = $2 AND factor_id = $3 AND confirmed_at IS NOT NULL`,
		tx.Clinic(), tenants.DBUUID(user), tenants.DBUUID(id))
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.NotFound, "factor")
	}
	if done.Error != nil {
		return tenants.Translate(done.Error, "factor")
	}
	return tenants.Translate(tx.Gorm().Exec(`DELETE FROM recovery_codes r WHERE r.clinic_id = $1 AND r.user_id = $2
		AND NOT EXISTS (SELECT FROM factors f WHERE f.clinic_id = r.clinic_id AND f.user_id = r.user_id)`,
		tx.Clinic(), tenants.DBUUID(user)).Error, "recovery codes")
}

// ResetFactors forgets every second factor and recovery code of a person of the transaction's clinic, and
// returns how many factors counted.
func ResetFactors(tx *tenants.Tx, user domain.UUID) (int, error) {
	list, err := Factors(tx, user)
	if err != nil {
		return 0, err
	}
	for _, table := range []string{"factors", "recovery_codes"} {
		err := tx.Gorm().Exec(
			`DELETE FROM `+table+` WHERE clinic_id = $1 AND user_id = $2`, tx.Clinic(), tenants.DBUUID(user),
		).Error
		if err != nil {
			return 0, tenants.Translate(err, table)
		}
	}
	return len(list), nil
}

// app is an authenticator app as a code is compared with it.
type app struct {
	id     domain.UUID
	secret []byte // sealed
	step   int64  // of the last code that was taken
}

// appsOf locks and returns apps of a person of the transaction's clinic; the condition's arguments begin at $3.
func appsOf(tx *tenants.Tx, condition string, user tenants.DBUUID, args ...any) (list []app, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT factor_id, secret, last_step FROM factors
			WHERE clinic_id = $1 AND user_id = $2 AND kind = 'app' AND `+
			condition+` ORDER BY factor_id FOR UPDATE`, append([]any{tx.Clinic(), user}, args...)...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a app, err error) {
			var id [16]byte
			err = row.Scan(&id, &a.secret, &a.step)
			a.id = id
			return a, err
		})
		return err
	})
	return list, tenants.Translate(err, "factors")
}

// take tells whether code is the app's of now or of the step before or after, and newer than the last one that was
// taken, and notes that it was.
func (a app) take(tx *tenants.Tx, v *vault.Vault, code string, now time.Time) (bool, error) {
	plain, err := openFactor(tx, v, a.id, a.secret)
	if err != nil {
		return false, err
	}
	at := now.Unix() / secondsAStep
	for step := max(at-1, a.step+1); step <= at+1; step++ {
		good, err := hotp.ValidateCustom(code, uint64(step), string(plain), codeOptions)
		if err != nil && !errors.Is(err, otp.ErrValidateInputInvalidLength) {
			return false, err
		}
		if good {
			return true, tenants.Translate(tx.Gorm().Exec(
				`UPDATE factors SET last_step = $1, last_used_at = $2 WHERE clinic_id = $3 AND factor_id = $4`,
				step, now, tx.Clinic(), tenants.DBUUID(a.id)).Error, "factor")
		}
	}
	return false, nil
}

func sealFactor(tx *tenants.Tx, v *vault.Vault, id domain.UUID, plain []byte) ([]byte, error) {
	if tx.Clinic() == 0 {
		return v.SealPlatform(sealedFactor, id.Public("fac"), plain)
	}
	return tx.Seal(v, sealedFactor, id.Public("fac"), plain)
}

func openFactor(tx *tenants.Tx, v *vault.Vault, id domain.UUID, sealed []byte) ([]byte, error) {
	if tx.Clinic() == 0 {
		return v.OpenPlatform(sealedFactor, id.Public("fac"), sealed)
	}
	open, err := tx.Opener(v)
	if err != nil {
		return nil, err
	}
	return open(sealedFactor, id.Public("fac"), sealed)
}

// ResealFactors seals the secrets of operators' apps by the primary master key, and returns how many another one
// sealed before; dry only counts. Those of a clinic's people are sealed by its data key.
func ResealFactors(tx *tenants.Tx, v *vault.Vault, dry bool) (n int, err error) {
	var list []app
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT factor_id, secret FROM factors WHERE clinic_id = 0 AND kind = 'app'
			FOR UPDATE`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a app, err error) {
			var id [16]byte
			err = row.Scan(&id, &a.secret)
			a.id = id
			return a, err
		})
		return err
	})
	for i := 0; err == nil && i < len(list); i++ {
		if v.ByPrimary(list[i].secret) {
			continue
		}
		if n++; !dry {
			err = reseal(tx, v, list[i])
		}
	}
	return n, tenants.Translate(err, "factors")
}

func reseal(tx *tenants.Tx, v *vault.Vault, a app) error {
	plain, err := v.OpenPlatform(sealedFactor, a.id.Public("fac"), a.secret)
	if err != nil {
		return err
	}
	sealed, err := v.SealPlatform(sealedFactor, a.id.Public("fac"), plain)
	if err != nil {
		return err
	}
	return tx.Gorm().Exec(`UPDATE factors SET secret = $1
		WHERE clinic_id = 0 AND factor_id = $2`, sealed, tenants.DBUUID(a.id)).Error
}
