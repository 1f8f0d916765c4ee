package apply

import (
	"context"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// clinicKeys reads a clinic's data keys on a connection that is scoped to it.
type clinicKeys struct {
	*Applier
	ctx    context.Context
	conn   *pgx.Conn
	clinic domain.ClinicID
}

// keys returns what reads the clinic's keys in this transaction.
func (w *run) keys() clinicKeys { return clinicKeys{w.Applier, w.ctx, w.conn, w.clinic} }

// sealing returns the key that sealed a blob.
func (k clinicKeys) sealing(sealed []byte) (*vault.Key, error) {
	no := vault.KeyNo(sealed)
	keyRing, err := k.keyRing(func(r tenants.KeyRing) bool { return r[no] != nil })
	if err != nil {
		return nil, err
	}
	return keyRing[no], nil
}

// newest returns the key that seals.
func (k clinicKeys) newest() (*vault.Key, error) {
	keyRing, err := k.keyRing(func(r tenants.KeyRing) bool { return len(r) > 0 })
	if err != nil {
		return nil, err
	}
	return keyRing.Newest()
}

// keyRing returns the clinic's keys as last read, or reads them again when they do not do.
func (k clinicKeys) keyRing(does func(tenants.KeyRing) bool) (tenants.KeyRing, error) {
	if r, ok := k.keyRings.Load(k.clinic); ok && does(r.(tenants.KeyRing)) {
		return r.(tenants.KeyRing), nil
	}
	keyRing, err := k.read()
	if err != nil {
		return nil, err
	}
	if !does(keyRing) {
		return nil, domain.Errorf(domain.Unavailable, "a data key of the clinic is missing")
	}
	k.keyRings.Store(k.clinic, keyRing)
	return keyRing, nil
}

// read reads the clinic's keys.
func (k clinicKeys) read() (tenants.KeyRing, error) {
	rows, err := k.conn.Query(k.ctx, `SELECT key_no, wrapped FROM clinic_keys WHERE clinic_id = $1`, k.clinic)
	if err != nil {
		return nil, err
	}
	return tenants.ReadKeys(rows, k.clinic, k.Vault)
}
