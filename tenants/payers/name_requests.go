package payers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// WantPayers asks for reads of payers that a page shows without a name, or with an old one.
// One that is asked for already, and one whose clinic was refused, keeps its time; one that
// was read meanwhile is not read again.
func WantPayers(tx *tenants.Tx, v *vault.Vault, ids []string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := makeNameIndex(tx, v); err != nil {
		return err
	}
	err := tx.Conn(func(c *pgx.Conn) error {
		b := &pgx.Batch{}
		b.Queue(`INSERT INTO payers AS p (clinic_id, asaas_id, due_at) SELECT $1, id, $2 FROM unnest($3::text[]) id ORDER BY id
			ON CONFLICT (clinic_id, asaas_id) DO UPDATE SET due_at = excluded.due_at WHERE p.due_at = 'infinity' AND p.fetched_at < $4`, tx.Clinic(), now, ids, now.Add(-payerAge))
		b.Queue(`UPDATE payer_lists SET due_at = least(due_at, greatest(wait_until, $2)) WHERE clinic_id = $1`, tx.Clinic(), now)
		return c.SendBatch(tx.Context(), b).Close()
	})
	return tenants.Translate(err, "payers")
}

// PayersDue returns the connected clinics whose payers are to be read, at most limit, those
// that waited longest first.
func PayersDue(db *tenants.DB, ctx context.Context, now time.Time, limit int) (list []domain.ClinicID, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(tx.Gorm().Raw(`SELECT p.clinic_id FROM payer_lists p JOIN connections n ON n.clinic_id = p.clinic_id JOIN clinics c ON c.clinic_id = p.clinic_id
			WHERE p.due_at <= ? AND n.key_sealed IS NOT NULL AND n.state <> 'disconnected' AND c.state = 'active' ORDER BY p.due_at, p.clinic_id LIMIT ?`, now, limit).Scan(&list).Error, "payers")
	})
	return list, err
}

// TakePayers takes at most limit payers that are due, for a minute: another process does
// not see them meanwhile: first those without a name, then the old ones. None while the
// gateway is to be left alone.
func TakePayers(tx *tenants.Tx, now time.Time, limit int) (ids []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `UPDATE payers p SET due_at = $2 FROM (SELECT w.asaas_id FROM payers w JOIN payer_lists l ON l.clinic_id = w.clinic_id
			WHERE w.clinic_id = $1 AND w.due_at <= $3 AND l.wait_until <= $3 ORDER BY w.fetched_at IS NOT NULL, w.due_at, w.asaas_id LIMIT $4 FOR UPDATE OF w SKIP LOCKED) t
			WHERE p.clinic_id = $1 AND p.asaas_id = t.asaas_id RETURNING p.asaas_id`, tx.Clinic(), now.Add(payerLease), now, limit)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids, tenants.Translate(err, "payers")
}

// PayersRead notes that the gateway answers: what still waits is read when it is due. A
// refusal that another process met meanwhile stands.
func PayersRead(tx *tenants.Tx, now time.Time) error {
	return setPayerList(tx, func(l *payerList) {
		if !l.WaitUntil.After(now) {
			l.Tries = 0
		}
	})
}

// PayersAgain ends the pause of a refusal: another key may be allowed what the last one was
// not.
func PayersAgain(tx *tenants.Tx) error {
	return setPayerList(tx, func(l *payerList) { *l = payerList{} })
}

// How long the gateway is left alone with a clinic's payers at first and at most, unless it
// asks for more.
const (
	firstPause   = 5 * time.Second
	longestPause = 6 * time.Hour
)

// PayersRefused notes that the gateway did not answer: it is left alone for five seconds,
// after each further refusal twice as long, up to six hours, and for atLeast.
func PayersRefused(tx *tenants.Tx, atLeast time.Duration, now time.Time) error {
	return setPayerList(tx, func(l *payerList) {
		l.WaitUntil = now.Add(max(atLeast, min(firstPause<<min(l.Tries, 20), longestPause)))
		l.Tries++
	})
}

// payerList is when a clinic's payers may be read.
type payerList struct {
	WaitUntil time.Time // UTC; no read before
	Tries     int       // refusals in a row
}

// setPayerList changes the clinic's row, if there is one, and sets when its first payer is
// due. It locks the row before it looks: who asks for a payer writes to it too, and would
// else be overlooked.
func setPayerList(tx *tenants.Tx, change func(*payerList)) error {
	var rows []payerList
	if err := tx.Gorm().Raw(`SELECT wait_until, tries FROM payer_lists WHERE clinic_id = ? FOR UPDATE`, tx.Clinic()).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return tenants.Translate(err, "payers")
	}
	change(&rows[0])
	return tenants.Translate(tx.Gorm().Exec(`UPDATE payer_lists l SET wait_until = ?, tries = ?,
		due_at = greatest(?::timestamptz, coalesce((SELECT min(p.due_at) FROM payers p WHERE p.clinic_id = l.clinic_id AND p.due_at < 'infinity'), 'infinity')) WHERE l.clinic_id = ?`,
		rows[0].WaitUntil, rows[0].Tries, rows[0].WaitUntil, tx.Clinic()).Error, "payers")
}
