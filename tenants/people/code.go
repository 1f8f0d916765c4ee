package people

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// recoveryCodes is how many a person is given at once.
const recoveryCodes = 10

// plainCode is a code without what people type between its groups.
var plainCode = strings.NewReplacer(" ", "", "-", "", "\t", "", "\u00a0", "")

// TakeCode tells whether code is one of a person's authenticator apps at now, or one of their recovery codes, and takes
// it: the same code is right once. It is to be committed in either case.
func TakeCode(tx *tenants.Tx, v *vault.Vault, user domain.UUID, code string, now time.Time) (bool, error) {
	code = strings.ToLower(plainCode.Replace(code))
	if len(code) != 6 {
		return takeRecoveryCode(tx, user, code, now)
	}
	apps, err := appsOf(tx, `confirmed_at IS NOT NULL`, tenants.DBUUID(user))
	for _, a := range apps {
		if good, err := a.take(tx, v, code, now); err != nil || good {
			return good, err
		}
	}
	return false, err
}

func takeRecoveryCode(tx *tenants.Tx, user domain.UUID, code string, now time.Time) (bool, error) {
	digest := sha256.Sum256([]byte(code))
	done := tx.Gorm().Exec(
		`UPDATE recovery_codes SET used_at = $1 WHERE clinic_id = $2 AND user_id = $3 AND digest = $4 AND used_at IS NULL`,
		now, tx.Clinic(), tenants.DBUUID(user), digest[:])
	return done.RowsAffected == 1, tenants.Translate(done.Error, "recovery code")
}

// NewRecoveryCodes gives a person ten recovery codes in place of those they had, and returns them: 80 bits each in four
// groups. They are shown to nobody again.
func NewRecoveryCodes(tx *tenants.Tx, user domain.UUID, now time.Time) ([]string, error) {
	err := tx.Gorm().Exec(`DELETE FROM recovery_codes
		WHERE clinic_id = $1 AND user_id = $2`, tx.Clinic(), tenants.DBUUID(user)).Error
	codes := make([]string, recoveryCodes)
	for i := 0; err == nil && i < len(codes); i++ {
		text := strings.ToLower(rand.Text()[:16])
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
		digest := sha256.Sum256([]byte(text))
		err = tx.Gorm().Exec(`INSERT INTO recovery_codes (clinic_id, user_id, digest, created_at) VALUES ($1, $2, $3, $4)`,
			tx.Clinic(), tenants.DBUUID(user), digest[:], now).Error
	}
	return codes, tenants.Translate(err, "recovery codes")
}

// RecoveryCodesLeft returns how many recovery codes of a person of the transaction's clinic were not used.
func RecoveryCodesLeft(tx *tenants.Tx, user domain.UUID) (int, error) {
	var row struct{ N int }
	err := tx.Gorm().Raw(`SELECT count(*) AS n FROM recovery_codes
		WHERE clinic_id = $1 AND user_id = $2 AND used_at IS NULL`,
		tx.Clinic(), tenants.DBUUID(user)).Take(&row).Error
	return row.N, tenants.Translate(err, "recovery codes")
}
