package tenants

import (
	"crypto/rand"

	"patapay/tenants/vault"
)

// nameIndexKind is what the key of a name index is sealed as.
const nameIndexKind = "payer words"

// SealNameIndexKey returns a fresh key for a clinic's name index (tenants/payers), sealed with
// the clinic's data key: where that is destroyed, nobody learns what the index tells.
func SealNameIndexKey(k *vault.Key) ([]byte, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return k.Seal(nameIndexKind, "", secret)
}

// OpenNameIndexKey opens what SealNameIndexKey returned.
func OpenNameIndexKey(open Opener, sealed []byte) ([]byte, error) {
	return open(nameIndexKind, "", sealed)
}

// AddNameIndexKey gives the transaction's clinic a key for its name index, unless it has one.
// A clinic is made with it; those made before that get theirs from the first transaction of a
// worker that asks for a payer's name or stores one.
func AddNameIndexKey(tx *Tx, keyRing KeyRing) error {
	k, err := keyRing.Newest()
	if err != nil {
		return err
	}
	sealed, err := SealNameIndexKey(k)
	if err != nil {
		return err
	}
	err = tx.gorm.Exec(
		`INSERT INTO payer_lists (clinic_id, word_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, tx.clinic, sealed,
	).Error
	return Translate(err, "name index")
}
