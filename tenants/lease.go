package tenants

import "time"

// TakeLease makes holder the only one to do what name stands for in the clinic, until an
// instant, and tells whether it did: false while another holder's lease lasts at now. Who
// holds it already prolongs it.
func (tx *Tx) TakeLease(name, holder string, now, until time.Time) (bool, error) {
	done := tx.gorm.Exec(`INSERT INTO leases AS l (clinic_id, name, holder, until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (clinic_id, name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE l.holder = excluded.holder OR l.until <= $5`,
		tx.clinic, name, holder, until, now)
	return done.RowsAffected > 0, Translate(done.Error, "lease")
}

// HoldsLease tells whether holder still has the lease, however late it is: a lease that
// nobody took over is still good.
func (tx *Tx) HoldsLease(name, holder string) (held bool, err error) {
	err = tx.gorm.Raw(
		`SELECT EXISTS (SELECT FROM leases WHERE clinic_id = $1 AND name = $2 AND holder = $3 FOR UPDATE)`, tx.clinic,
		name, holder,
	).Scan(&held).Error
	return held, Translate(err, "lease")
}

// DropLease gives the lease back, if it is holder's.
func (tx *Tx) DropLease(name, holder string) error {
	return Translate(
		tx.gorm.Exec(`DELETE FROM leases WHERE clinic_id = $1 AND name = $2 AND holder = $3`, tx.clinic, name, holder).Error,
		"lease",
	)
}
