package tenants

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"patapay/domain"
	"patapay/tenants/vault"
)

// Clinic is a tenant.
type Clinic struct {
	ID         domain.ClinicID
	PublicID   domain.UUID // `ten_…` outside
	ExternalID string      // the platform's id; "" none
	Name       string
	TaxID      string // CNPJ or CPF, digits and capitals; "" unknown
	Sandbox    bool
	State      string // active, suspended, deleted
	StateSince time.Time
	Version    int
	CreatedAt  time.Time
	Production domain.UUID // public id of the tenant that took a sandbox one's place; zero: none did
}

type clinicRow struct {
	ClinicID     domain.ClinicID `gorm:"primaryKey;autoIncrement"`
	PublicID     DBUUID          `gorm:"type:uuid"`
	ExternalID   *string
	Name         string
	TaxID        string
	Sandbox      bool
	State        string
	StateSince   time.Time
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ProductionID *DBUUID `gorm:"type:uuid"`
}

// TableName tells gorm the table.
func (clinicRow) TableName() string { return "clinics" }

func (r clinicRow) clinic() Clinic {
	c := Clinic{
		ID: r.ClinicID, PublicID: domain.UUID(r.PublicID), Name: r.Name, TaxID: r.TaxID, Sandbox: r.Sandbox,
		State: r.State, StateSince: r.StateSince.UTC(), Version: r.Version, CreatedAt: r.CreatedAt.UTC(),
	}
	if r.ExternalID != nil {
		c.ExternalID = *r.ExternalID
	}
	if r.ProductionID != nil {
		c.Production = domain.UUID(*r.ProductionID)
	}
	return c
}

// NewID returns a fresh UUIDv7 made at t.
func NewID(t time.Time) domain.UUID {
	var tail [10]byte
	_, _ = rand.Read(tail[:]) // never fails (Go 1.24)
	return domain.UUIDv7(t, tail)
}

// AddClinic makes a clinic with all that prepare makes, and returns it. The same external
// id gives the clinic that has it already, with created false.
func (db *DB) AddClinic(
	ctx context.Context, c Clinic, v *vault.Vault, now time.Time,
) (made Clinic, created bool, err error) {
	return db.OpenClinic(ctx, c, v, now, nil)
}

// OpenClinic is AddClinic with what else must be there from the beginning: fn runs
// inside the new clinic, in the same transaction. It does not run for a clinic that is
// there already.
func (db *DB) OpenClinic(
	ctx context.Context, c Clinic, v *vault.Vault, now time.Time, fn func(*Tx, Clinic) error,
) (made Clinic, created bool, err error) {
	err = db.Platform(ctx, func(tx *Tx) error {
		if made, created, err = tx.insertClinic(c, now); err != nil || !created {
			return err
		}
		if err := tx.enter(made.ID); err != nil {
			return err
		}
		if err := tx.prepare(v, now); err != nil || fn == nil {
			return err
		}
		return fn(tx, made)
	})
	if err != nil {
		return Clinic{}, false, err
	}
	return made, created, nil
}

func (tx *Tx) insertClinic(c Clinic, now time.Time) (made Clinic, created bool, err error) {
	row := clinicRow{
		PublicID:   DBUUID(NewID(now)),
		Name:       c.Name,
		TaxID:      c.TaxID,
		Sandbox:    c.Sandbox,
		State:      "active",
		StateSince: now,
		Version:    1,
		CreatedAt:  now,
		UpdatedAt:  now,
	}
	if c.ExternalID != "" {
		row.ExternalID = &c.ExternalID
	}
	done := tx.gorm.Clauses(
		clause.OnConflict{Columns: []clause.Column{{Name: "external_id"}}, DoNothing: true},
	).Create(&row)
	if done.Error != nil {
		return made, false, Translate(done.Error, "clinic")
	}
	if done.RowsAffected == 0 {
		var old clinicRow
		err := tx.gorm.Where("external_id = ?", c.ExternalID).Take(&old).Error
		return old.clinic(), false, Translate(err, "clinic")
	}
	return row.clinic(), true, nil
}

// enter turns a transaction of the platform into one of a clinic that it has just made.
func (tx *Tx) enter(clinic domain.ClinicID) error {
	tx.clinic = clinic
	return Translate(
		tx.gorm.Exec(`SELECT set_config('app.clinic_id', $1, true)`, strconv.Itoa(int(clinic))).Error, "clinic scope",
	)
}

// prepare makes the clinic's head, first data key and name index, if they are missing.
func (tx *Tx) prepare(v *vault.Vault, now time.Time) error {
	if err := tx.gorm.Exec(
		`INSERT INTO clinic_heads (clinic_id) VALUES ($1) ON CONFLICT DO NOTHING`, tx.clinic,
	).Error; err != nil {
		return Translate(err, "clinic head")
	}
	wrapped, err := v.NewKey(tx.clinic, 1)
	if err != nil {
		return err
	}
	err = tx.gorm.Exec(
		`INSERT INTO clinic_keys (clinic_id, key_no, wrapped, created_at) VALUES ($1, 1, $2, $3) ON CONFLICT DO NOTHING`,
		tx.clinic, wrapped, now,
	).Error
	if err != nil {
		return Translate(err, "data key")
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return err
	}
	return AddNameIndexKey(tx, keyRing)
}

// Clinics returns clinics, newest first, after the one with id before (zero: from the
// newest), at most limit; with a state only those in it.
func (tx *Tx) Clinics(before domain.UUID, state string, limit int) ([]Clinic, error) {
	q := tx.gorm.Order("public_id DESC").Limit(limit)
	if before != (domain.UUID{}) {
		q = q.Where("public_id < ?", DBUUID(before))
	}
	if state != "" {
		q = q.Where("state = ?", state)
	}
	var rows []clinicRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, Translate(err, "clinics")
	}
	list := make([]Clinic, len(rows))
	for i, r := range rows {
		list[i] = r.clinic()
	}
	return list, nil
}

// ClinicBy returns the clinic with a public id, or with the platform's external id;
// NotFound when there is none.
func (db *DB) ClinicBy(ctx context.Context, id domain.UUID, externalID string) (c Clinic, err error) {
	err = db.Platform(ctx, func(tx *Tx) error {
		var row clinicRow
		q := tx.gorm.Where("public_id = ?", DBUUID(id))
		if externalID != "" {
			q = tx.gorm.Where("external_id = ?", externalID)
		}
		err := q.Take(&row).Error
		c = row.clinic()
		return Translate(err, "tenant")
	})
	return c, err
}

// Self returns the transaction's own clinic, as it stands in the transaction.
func (tx *Tx) Self() (Clinic, error) {
	var row clinicRow
	err := tx.gorm.Where("clinic_id = ?", tx.clinic).Take(&row).Error
	return row.clinic(), Translate(err, "tenant")
}

// ReleaseExternalID lets the platform's id of the transaction's clinic name another one.
func (tx *Tx) ReleaseExternalID() error {
	return Translate(tx.gorm.Exec(`UPDATE clinics SET external_id = NULL WHERE clinic_id = $1`, tx.clinic).Error, "clinic")
}

// SetClinicState moves the transaction's clinic to active, suspended or deleted. Events
// that wait are held while it is suspended, and due again when it is active.
//
// It takes the clinic's lock first: an apply under way would else hold its events after
// this looked for held ones.
func (tx *Tx) SetClinicState(state string, now time.Time) error {
	if err := tx.Lock(); err != nil {
		return err
	}
	done := tx.gorm.Exec(
		`UPDATE clinics SET state = $1, state_since = $2, version = version + 1, updated_at = $3
		WHERE clinic_id = $4 AND state <> $5 AND state <> 'deleted'`,
		state, now, now, tx.clinic, state,
	)
	if done.Error != nil || state != "active" {
		return Translate(done.Error, "clinic")
	}
	err := tx.gorm.Exec(`UPDATE events e SET outcome = 'received', reason = '' FROM due d
		WHERE e.clinic_id = $1 AND d.clinic_id = e.clinic_id AND d.environment = e.environment AND d.seq = e.seq
		  AND d.id_hash = e.id_hash AND e.outcome = 'held'`, tx.clinic).Error
	if err != nil {
		return Translate(err, "held events")
	}
	err = tx.gorm.Exec(`UPDATE due d SET next_at = $1 FROM events e
		WHERE d.clinic_id = $2 AND d.next_at = 'infinity' AND e.clinic_id = d.clinic_id AND e.environment = d.environment
		  AND e.seq = d.seq AND e.id_hash = d.id_hash
		AND e.outcome = 'received'`, now, tx.clinic).Error
	return Translate(err, "held events")
}

// DestroyKeys forgets the data keys of the transaction's clinic: what was sealed for it can
// be opened by nobody any more.
func (tx *Tx) DestroyKeys() error {
	return Translate(tx.gorm.Exec(`DELETE FROM clinic_keys WHERE clinic_id = $1`, tx.clinic).Error, "data keys")
}

// EachClinic runs fn inside up to most clinics that are not deleted, the newest first, and
// stops at its first error.
func (db *DB) EachClinic(ctx context.Context, most int, fn func(*Tx) error) error {
	var list []Clinic
	err := db.Platform(ctx, func(tx *Tx) (err error) {
		list, err = tx.Clinics(domain.UUID{}, "", most)
		return err
	})
	for _, c := range list {
		if err == nil && c.State != "deleted" {
			err = db.In(ctx, c.ID, fn)
		}
	}
	return err
}
