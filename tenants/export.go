package tenants

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"patapay/domain"
	"patapay/tenants/vault"
)

const (
	// ExportLife is how long a file can be fetched.
	ExportLife = 24 * time.Hour
	// ExportsKept is how many files a clinic may have at once.
	ExportsKept = 20

	partMost = 64 << 20 // bytes of a part that are read: more was never written
)

// Export is a file that a person asked for. It is kept in parts, each sealed for the clinic,
// so that neither making nor sending it needs the whole.
type Export struct {
	ID        domain.UUID     // `exp_…` outside; its operation has the same
	Kind      string          // invoices, checkouts, anticipations, ledger, events or statement
	Format    string          // csv or ofx; "" is csv
	Filter    json.RawMessage // the list's own parameters, by name
	Rows      int             // in the file so far
	Parts     int             // that are kept
	Done      bool
	By        string    // subject of who asked
	CreatedAt time.Time // UTC
	EndsAt    time.Time // UTC; from then on it is not there
}

type exportRow struct {
	ID                DBUUID
	Kind, Format      string
	Filter            []byte
	Rows, Parts       int
	Done              bool
	CreatedBy         string
	CreatedAt, EndsAt time.Time
}

// AddExport keeps a file that has no part yet. It fails with Conflict when the clinic has
// ExportsKept files already.
func (tx *Tx) AddExport(e Export) error {
	if err := tx.Lock(); err != nil {
		return err
	}
	var live int
	if err := tx.gorm.Raw(
		`SELECT count(*) FROM exports WHERE clinic_id = $1 AND ends_at > $2`, tx.clinic, e.CreatedAt,
	).Row().Scan(&live); err != nil {
		return Translate(err, "exports")
	}
	if live >= ExportsKept {
		return domain.Errorf(domain.Conflict, "%d exports are kept", live)
	}
	return Translate(
		tx.gorm.Exec(
			`INSERT INTO exports (clinic_id, id, kind, format, filter, created_by, created_at, ends_at)
			VALUES ($1, $2, $3, $4, $5::json, $6, $7, $8)`,
			tx.clinic, DBUUID(e.ID), e.Kind, cmp.Or(e.Format, "csv"), string(e.Filter), e.By, e.CreatedAt, e.EndsAt,
		).Error,
		"export",
	)
}

// Export returns a file as it stands at now. It fails with NotFound for one that has ended.
func (tx *Tx) Export(id domain.UUID, now time.Time) (Export, error) {
	var r exportRow
	err := tx.gorm.Raw(
		`SELECT id, kind, format, filter, rows, parts, done, created_by, created_at, ends_at FROM exports
		WHERE clinic_id = $1 AND id = $2 AND ends_at > $3`,
		tx.clinic, DBUUID(id), now,
	).Take(&r).Error
	return Export{
		ID: domain.UUID(r.ID), Kind: r.Kind, Format: r.Format, Filter: r.Filter, Rows: r.Rows, Parts: r.Parts, Done: r.Done,
		By: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(), EndsAt: r.EndsAt.UTC(),
	}, Translate(err, "export")
}

// AddExportPart keeps the next part of a file, of so many rows; last says that it is whole.
func (tx *Tx) AddExportPart(v *vault.Vault, e *Export, body []byte, rows int, last bool) error {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, err := zip.Write(body)
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		return err
	}
	e.Parts, e.Rows, e.Done = e.Parts+1, e.Rows+rows, last
	sealed, err := tx.Seal(v, "export", e.part(e.Parts), packed.Bytes())
	if err != nil {
		return err
	}
	err = tx.gorm.Exec(
		`INSERT INTO export_parts (clinic_id, id, part, body) VALUES ($1, $2, $3, $4)`, tx.clinic, DBUUID(e.ID), e.Parts,
		sealed,
	).Error
	if err == nil {
		err = tx.gorm.Exec(
			`UPDATE exports SET rows = $1, parts = $2, done = $3 WHERE clinic_id = $4 AND id = $5`, e.Rows, e.Parts,
			e.Done, tx.clinic, DBUUID(e.ID),
		).Error
	}
	return Translate(err, "export part")
}

// ExportPart returns part n of a file, from 1.
func (tx *Tx) ExportPart(v *vault.Vault, e Export, n int) ([]byte, error) {
	var sealed struct{ Body []byte }
	if err := tx.gorm.Raw(
		`SELECT body FROM export_parts WHERE clinic_id = $1 AND id = $2 AND part = $3`, tx.clinic, DBUUID(e.ID), n,
	).Take(
		&sealed,
	).Error; err != nil {
		return nil, Translate(err, "export part")
	}
	open, err := tx.Opener(v)
	if err != nil {
		return nil, err
	}
	packed, err := open("export", e.part(n), sealed.Body)
	if err != nil {
		return nil, err
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(zip, partMost))
}

// part names part n for the seal: no part can stand in another's place.
func (e Export) part(n int) string { return e.ID.Public("exp") + " " + strconv.Itoa(n) }

// ExpireExports removes the exports that ended at an instant or before, of every clinic.
func (db *DB) ExpireExports(ctx context.Context, before time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT expire_exports($1)`, before)
	return Translate(err, "exports")
}
