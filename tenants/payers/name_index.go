package payers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// nameIndex files and finds names without showing them: a key of a name becomes eight bytes
// of its HMAC under a secret of the clinic's own, which is sealed with the clinic's data
// key. Whoever has the database alone learns how many names share a beginning, and none of
// them; where the data key is destroyed, in every copy of the database, nobody learns more.
type nameIndex struct {
	secret  []byte
	keyRing tenants.KeyRing // nil for one that only finds
}

// hashes returns what keys are filed under.
func (i nameIndex) hashes(keys []string) []int64 {
	list := make([]int64, len(keys))
	for n, key := range keys {
		m := hmac.New(sha256.New, i.secret)
		m.Write([]byte(key))
		list[n] = int64(binary.BigEndian.Uint64(m.Sum(nil)))
	}
	return list
}

// loadNameIndex returns the clinic's index; NotFound for a clinic that has none yet.
func loadNameIndex(tx *tenants.Tx, open tenants.Opener) (i nameIndex, err error) {
	var sealed []byte
	err = tx.Gorm().Raw(`SELECT word_key FROM payer_lists WHERE clinic_id = $1`, tx.Clinic()).Row().Scan(&sealed)
	if err != nil {
		return i, tenants.Translate(err, "name index")
	}
	i.secret, err = tenants.OpenNameIndexKey(open, sealed)
	return i, err
}

// makeNameIndex is loadNameIndex for who keeps names: a clinic that was made before clinics
// were made with an index gets one.
func makeNameIndex(tx *tenants.Tx, v *vault.Vault) (nameIndex, error) {
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return nameIndex{}, err
	}
	i, err := loadNameIndex(tx, keyRing.Open)
	if domain.CodeOf(err) == domain.NotFound {
		if err = tenants.AddNameIndexKey(tx, keyRing); err == nil {
			i, err = loadNameIndex(tx, keyRing.Open) // another one's, if that was faster
		}
	}
	i.keyRing = keyRing
	return i, err
}
