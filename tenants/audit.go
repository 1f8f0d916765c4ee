package tenants

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"patapay/domain"
)

// Chain seals the audit log: each row's hash is a MAC over the row and the hash before it,
// under a key that the database does not have. A changed, inserted or missing row breaks
// it. What it cannot show is a database put back, rows and head together, to an older day.
type Chain struct{ key ChainKey }

// NewChain derives the chain's key from a secret of the deployment, at least 32 bytes.
func NewChain(secret []byte) Chain {
	return Chain{Derived(secret, AuditChain)}
}

// ChainOf returns the chain under its own key.
func ChainOf(keys *ChainKeys) Chain {
	return Chain{keys.Of(AuditChain)}
}

// AuditEntry is one thing that a person or a program changed or revealed.
type AuditEntry struct {
	No      int64 // 1, 2 … in its clinic; Audit gives it
	At      time.Time
	Actor   string // subject of the principal
	Role    string
	Action  string // connection.set, tenant.suspend …
	Subject string // public id of what was touched
	Detail  map[string]any
	Source  string // address the request came from
}

type auditRow struct {
	ClinicID domain.ClinicID `gorm:"primaryKey"`
	No       int64           `gorm:"primaryKey;autoIncrement:false"`
	At       time.Time
	Actor    string
	Role     string
	Action   string
	Subject  string
	Detail   json.RawMessage `gorm:"type:jsonb"`
	Source   string
	Hash     []byte
}

// TableName tells gorm the table.
func (auditRow) TableName() string { return "audit" }

// Audit appends e to the log of the transaction's clinic (of the platform itself in
// Platform), so that the change and its entry stand or fall together. Detail never holds
// a secret or personal data. It locks the clinic's head until the transaction ends.
func (tx *Tx) Audit(c Chain, e AuditEntry) error {
	no, last, err := tx.lockHead()
	if err != nil {
		return err
	}
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("audit detail of %s: %w", e.Action, err)
	}
	row := auditRow{
		ClinicID: tx.clinic,
		No:       no + 1,
		At:       e.At.UTC().Truncate(time.Microsecond),
		Actor:    e.Actor,
		Role:     e.Role,
		Action:   e.Action,
		Subject:  e.Subject,
		Detail:   detail,
		Source:   e.Source,
	}
	if row.Hash, err = c.hash(last, row); err != nil {
		return err
	}
	if err := tx.gorm.Create(&row).Error; err != nil {
		return Translate(err, "audit")
	}
	return Translate(
		tx.gorm.Exec(
			`UPDATE clinic_heads SET audit_no = $1, audit_hash = $2 WHERE clinic_id = $3`, row.No, row.Hash, tx.clinic,
		).Error,
		"audit head",
	)
}

// lockHead locks the clinic's head, the lock of every change of a clinic, and returns the
// end of its audit chain.
func (tx *Tx) lockHead() (no int64, hash []byte, err error) {
	var head struct {
		AuditNo   int64
		AuditHash []byte
	}
	err = tx.gorm.Raw(
		`SELECT audit_no, audit_hash FROM clinic_heads WHERE clinic_id = $1 FOR UPDATE`, tx.clinic,
	).Take(&head).Error
	return head.AuditNo, head.AuditHash, Translate(err, "clinic head")
}

// Lock makes the transaction wait for, and then keep out, every other change of its
// clinic. It must come before what it protects is read.
func (tx *Tx) Lock() error {
	_, _, err := tx.lockHead()
	return err
}

// hash returns the MAC of row after the hash last. Every part has its length in front, so
// that nothing can move from one column to the next.
func (c Chain) hash(last []byte, row auditRow) ([]byte, error) {
	detail, err := canonical(row.Detail)
	if err != nil {
		return nil, err
	}
	key, err := c.key.Get()
	if err != nil {
		return nil, err
	}
	m := hmac.New(sha256.New, key)
	for _, part := range [][]byte{
		last, fmt.Append(nil, row.ClinicID), fmt.Append(nil, row.No), fmt.Append(nil, row.At.UTC().UnixMicro()),
		[]byte(row.Actor), []byte(row.Role), []byte(row.Action), []byte(row.Subject), detail, []byte(row.Source),
	} {
		m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		m.Write(part)
	}
	return m.Sum(nil), nil
}

// canonical returns JSON with sorted members and no blanks: jsonb keeps neither.
func canonical(raw []byte) ([]byte, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("audit detail: %w", err)
	}
	return json.Marshal(v)
}

// AuditLog returns entries of the transaction's clinic, newest first, from the one below
// before on (0: from the newest), at most limit.
func (tx *Tx) AuditLog(before int64, limit int) ([]AuditEntry, error) {
	q := tx.gorm.Order("no DESC").Limit(limit).Where("clinic_id = ?", tx.clinic)
	if before > 0 {
		q = q.Where("no < ?", before)
	}
	var rows []auditRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, Translate(err, "audit")
	}
	list := make([]AuditEntry, len(rows))
	for i, r := range rows {
		list[i] = AuditEntry{
			No:      r.No,
			At:      r.At.UTC(),
			Actor:   r.Actor,
			Role:    r.Role,
			Action:  r.Action,
			Subject: r.Subject,
			Source:  r.Source,
		}
		if err := json.Unmarshal(r.Detail, &list[i].Detail); err != nil {
			return nil, fmt.Errorf("audit %d: %w", r.No, err)
		}
	}
	return list, nil
}

// NewestAuditHolds tells whether the log of the transaction's clinic has an entry, and whether its newest one is what
// was written under the chain's key.
func NewestAuditHolds(tx *Tx, c Chain) (there, holds bool, err error) {
	var rows []auditRow
	err = tx.gorm.Where("clinic_id = ?", tx.clinic).Order("no DESC").Limit(2).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return false, false, Translate(err, "audit")
	}
	var before []byte
	if len(rows) > 1 {
		before = rows[1].Hash
	}
	hash, err := c.hash(before, rows[0])
	if domain.CodeOf(err) == domain.Unavailable {
		return true, false, err
	}
	return true, err == nil && hmac.Equal(hash, rows[0].Hash), nil
}

// VerifyAudit checks the whole chain of the transaction's clinic (of the platform itself in
// Platform). It returns how many entries are what was written, and the number of the first
// that is not: one above the last when entries are missing at the end, 0 when the chain is
// whole.
func (tx *Tx) VerifyAudit(c Chain) (entries, broken int64, err error) {
	end, endHash, err := tx.lockHead()
	if err != nil {
		return 0, 0, err
	}
	rows, err := tx.gorm.Model(&auditRow{}).Where("clinic_id = ?", tx.clinic).Order("no").Rows()
	if err != nil {
		return 0, 0, Translate(err, "audit")
	}
	defer rows.Close()
	var no int64
	var last []byte
	for rows.Next() {
		var row auditRow
		if err := tx.gorm.ScanRows(rows, &row); err != nil {
			return 0, 0, Translate(err, "audit")
		}
		hash, err := c.hash(last, row)
		if domain.CodeOf(err) == domain.Unavailable {
			return 0, 0, err
		}
		if err != nil || row.No != no+1 || !hmac.Equal(hash, row.Hash) {
			return no, no + 1, nil
		}
		no, last = row.No, row.Hash
	}
	if err := rows.Err(); err != nil { // rows that were not read are not rows that are missing
		return 0, 0, Translate(err, "audit")
	}
	if no != end || !hmac.Equal(last, endHash) {
		return no, no + 1, nil
	}
	return no, 0, nil
}
