package apply

import (
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// key returns the clinic's data key that sealed a blob.
func (w *wake) key(sealed []byte) (*vault.Key, error) {
	no := vault.KeyNo(sealed)
	ring, err := w.ring(func(r tenants.KeyRing) bool { return r[no] != nil })
	if err != nil {
		return nil, err
	}
	return ring[no], nil
}

// newestKey returns the key that seals.
func (w *wake) newestKey() (*vault.Key, error) {
	ring, err := w.ring(func(r tenants.KeyRing) bool { return len(r) > 0 })
	if err != nil {
		return nil, err
	}
	return ring.Newest()
}

// ring returns the clinic's keys as last read, or reads them again when they do not do.
func (w *wake) ring(does func(tenants.KeyRing) bool) (tenants.KeyRing, error) {
	if r, ok := w.rings.Load(w.clinic); ok && does(r.(tenants.KeyRing)) {
		return r.(tenants.KeyRing), nil
	}
	rows, err := w.conn.Query(w.ctx, `SELECT key_no, wrapped FROM clinic_keys WHERE clinic_id = $1`, w.clinic)
	if err != nil {
		return nil, err
	}
	ring, err := tenants.ReadKeys(rows, w.clinic, w.Vault)
	if err != nil {
		return nil, err
	}
	if !does(ring) {
		return nil, domain.Errorf(domain.Unavailable, "a data key of the clinic is missing")
	}
	w.rings.Store(w.clinic, ring)
	return ring, nil
}
