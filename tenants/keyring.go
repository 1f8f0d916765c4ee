package tenants

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/vault"
)

// KeyRing holds a clinic's data keys, by number; the highest seals.
type KeyRing map[int32]*vault.Key

// Newest returns the key that seals; Unavailable for a clinic that has none.
func (r KeyRing) Newest() (*vault.Key, error) {
	var no int32
	for n := range r {
		no = max(no, n)
	}
	if no == 0 {
		return nil, domain.Errorf(domain.Unavailable, "clinic without a data key")
	}
	return r[no], nil
}

// Open opens a blob with the key it was sealed with.
func (r KeyRing) Open(kind, subject string, sealed []byte) ([]byte, error) {
	k := r[vault.KeyNo(sealed)]
	if k == nil {
		return nil, domain.Errorf(domain.Unavailable, "data key %d of the clinic is missing", vault.KeyNo(sealed))
	}
	return k.Open(kind, subject, sealed)
}

// keysOfClinic is what ReadKeys reads.
const keysOfClinic = `SELECT key_no, wrapped FROM clinic_keys WHERE clinic_id = $1`

// KeyRing returns the keys of the transaction's clinic.
func (tx *Tx) KeyRing(v *vault.Vault) (keyRing KeyRing, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, keysOfClinic, tx.clinic)
		if err != nil {
			return err
		}
		keyRing, err = ReadKeys(rows, tx.clinic, v)
		return err
	})
	return keyRing, Translate(err, "data keys")
}

// QueueKeyRing asks in a batch of the clinic's transaction for what Tx.KeyRing returns, and puts it into keyRing.
func QueueKeyRing(b *pgx.Batch, clinic domain.ClinicID, v *vault.Vault, keyRing *KeyRing) {
	b.Queue(keysOfClinic, clinic).Query(func(rows pgx.Rows) (err error) {
		*keyRing, err = ReadKeys(rows, clinic, v)
		return err
	})
}

// ReadKeys returns the data keys of a clinic, unwrapped, by number.
func ReadKeys(rows pgx.Rows, clinic domain.ClinicID, v *vault.Vault) (KeyRing, error) {
	keyRing := KeyRing{}
	var no int32
	var wrapped []byte
	_, err := pgx.ForEachRow(rows, []any{&no, &wrapped}, func() error {
		k, err := v.Key(clinic, no, wrapped)
		keyRing[no] = k
		return err
	})
	return keyRing, err
}

// Seal seals plain with the clinic's newest key for (kind, subject).
func (tx *Tx) Seal(v *vault.Vault, kind, subject string, plain []byte) ([]byte, error) {
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return nil, err
	}
	k, err := keyRing.Newest()
	if err != nil {
		return nil, err
	}
	return k.Seal(kind, subject, plain)
}

// Opener opens what was sealed for the transaction's clinic.
type Opener func(kind, subject string, sealed []byte) ([]byte, error)

// Opener returns a function that opens what was sealed for the transaction's clinic.
func (tx *Tx) Opener(v *vault.Vault) (Opener, error) {
	keyRing, err := tx.KeyRing(v)
	return keyRing.Open, err
}
