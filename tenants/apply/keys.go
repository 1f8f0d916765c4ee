package apply

import (
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// key returns the clinic's data key that sealed a blob.
func (w *run) key(sealed []byte) (*vault.Key, error) {
	no := vault.KeyNo(sealed)
	keyRing, err := w.keyRing(func(r tenants.KeyRing) bool { return r[no] != nil })
	if err != nil {
		return nil, err
	}
	return keyRing[no], nil
}

// newestKey returns the key that seals.
func (w *run) newestKey() (*vault.Key, error) {
	keyRing, err := w.keyRing(func(r tenants.KeyRing) bool { return len(r) > 0 })
	if err != nil {
		return nil, err
	}
	return keyRing.Newest()
}

// keyRing returns the clinic's keys as last read, or reads them again when they do not do.
func (w *run) keyRing(does func(tenants.KeyRing) bool) (tenants.KeyRing, error) {
	if r, ok := w.keyRings.Load(w.clinic); ok && does(r.(tenants.KeyRing)) {
		return r.(tenants.KeyRing), nil
	}
	rows, err := w.conn.Query(w.ctx, `SELECT key_no, wrapped FROM clinic_keys WHERE clinic_id = $1`, w.clinic)
	if err != nil {
		return nil, err
	}
	keyRing, err := tenants.ReadKeys(rows, w.clinic, w.Vault)
	if err != nil {
		return nil, err
	}
	if !does(keyRing) {
		return nil, domain.Errorf(domain.Unavailable, "a data key of the clinic is missing")
	}
	w.keyRings.Store(w.clinic, keyRing)
	return keyRing, nil
}
