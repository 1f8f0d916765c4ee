package payers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// listDue ends a statement that notes in clinics' rows that payers are due. The sealed key of the name index is for a
// clinic that has no row; it is thrown away where there is one.
const listDue = `
	ON CONFLICT (clinic_id) DO UPDATE SET due_at = greatest(l.wait_until, excluded.due_at)
	WHERE l.due_at > greatest(l.wait_until, excluded.due_at)`

// NameRequests gathers payers of several clinics whose names are wanted, as columns, for one statement.
type NameRequests struct {
	clinics, payers []int32 // each once; of each payer
	indexKeys       [][]byte
	ids             []string
}

// Add asks for the names of payers of a clinic. newest is the clinic's newest data key.
func (n *NameRequests) Add(clinic domain.ClinicID, newest *vault.Key, ids []string) error {
	indexKey, err := tenants.SealNameIndexKey(newest)
	if err != nil {
		return err
	}
	n.clinics, n.indexKeys = append(n.clinics, int32(clinic)), append(n.indexKeys, indexKey)
	for _, id := range ids {
		n.payers, n.ids = append(n.payers, int32(clinic)), append(n.ids, id)
	}
	return nil
}

// Queue asks, as part of a batch, for the names of those that nobody has asked for yet.
func (n *NameRequests) Queue(b *pgx.Batch, now time.Time) {
	if len(n.ids) == 0 {
		return
	}
	b.Queue(
		`WITH asked AS (INSERT INTO payers (clinic_id, asaas_id, due_at)
		    SELECT u.clinic, u.id, $1 FROM unnest($2::integer[], $3::text[]) u(clinic, id)
		  ORDER BY u.clinic, u.id ON CONFLICT DO NOTHING RETURNING clinic_id)
		INSERT INTO payer_lists AS l (clinic_id, word_key, due_at)
		  SELECT k.clinic, k.key, $1 FROM unnest($4::integer[], $5::bytea[]) k(clinic, key)
		  WHERE EXISTS (SELECT FROM asked a WHERE a.clinic_id = k.clinic) ORDER BY k.clinic`+listDue,
		now, n.payers, n.ids, n.clinics, n.indexKeys,
	)
}

// RequestNames asks for the names of those who pay the clinic's invoices and checkouts, at most
// so many: first of those whom nobody has asked for yet, then of those whose name is old, the
// oldest first. One that waits to be read, and a clinic whose gateway refuses, keeps its time.
func RequestNames(tx *tenants.Tx, v *vault.Vault, most int, now time.Time) error {
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return err
	}
	newest, err := keyRing.Newest()
	if err != nil {
		return err
	}
	indexKey, err := tenants.SealNameIndexKey(newest)
	if err != nil {
		return err
	}
	if err := tx.Lock(); err != nil { // apply asks as well, for one payer after another: they would wait in a circle
		return err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `WITH paying AS (
				SELECT customer AS id FROM invoices WHERE clinic_id = $1 AND customer <> ''
				UNION SELECT state->>'Customer' FROM checkouts WHERE clinic_id = $1 AND state->>'Customer' <> ''
			), nameless AS (
				SELECT u.id FROM paying u LEFT JOIN payers p ON p.clinic_id = $1 AND p.asaas_id = u.id
				WHERE p.asaas_id IS NULL OR p.due_at = 'infinity' AND p.fetched_at < $4
				ORDER BY p.fetched_at NULLS FIRST, u.id LIMIT $5
			), asked AS (
				INSERT INTO payers AS p (clinic_id, asaas_id, due_at) SELECT $1, id, $2 FROM nameless ORDER BY id
				ON CONFLICT (clinic_id, asaas_id) DO UPDATE SET due_at = excluded.due_at
				WHERE p.due_at = 'infinity' AND p.fetched_at < $4
				RETURNING asaas_id
			) INSERT INTO payer_lists AS l (clinic_id, word_key, due_at)
			SELECT $1, $3, $2 WHERE EXISTS (SELECT FROM asked)`+listDue, tx.Clinic(), now, indexKey, now.Add(-payerAge), most)
		return err
	})
	return tenants.Translate(err, "payers")
}

// PayersDue returns the connected clinics whose payers are to be read, at most limit, those
// that waited longest first.
func PayersDue(db *tenants.DB, ctx context.Context, now time.Time, limit int) (list []domain.ClinicID, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(
			tx.Gorm().Raw(
				`SELECT p.clinic_id FROM payer_lists p JOIN connections n ON n.clinic_id = p.clinic_id
			JOIN clinics c ON c.clinic_id = p.clinic_id
			WHERE p.due_at <= $1 AND n.key_sealed IS NOT NULL AND n.state <> 'disconnected' AND c.state = 'active'
			ORDER BY p.due_at, p.clinic_id LIMIT $2`,
				now, limit,
			).Scan(&list).Error,
			"payers",
		)
	})
	return list, err
}

// TakePayers takes at most limit payers that are due, for a minute: another process does
// not see them meanwhile: first those without a name, then the old ones. None while the
// gateway is to be left alone.
func TakePayers(tx *tenants.Tx, now time.Time, limit int) (ids []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`UPDATE payers p SET due_at = $2
			FROM (SELECT w.asaas_id FROM payers w JOIN payer_lists l ON l.clinic_id = w.clinic_id
			WHERE w.clinic_id = $1 AND w.due_at <= $3 AND l.wait_until <= $3
			ORDER BY w.fetched_at IS NOT NULL, w.due_at, w.asaas_id LIMIT $4 FOR UPDATE OF w SKIP LOCKED) t
			WHERE p.clinic_id = $1 AND p.asaas_id = t.asaas_id RETURNING p.asaas_id`,
			tx.Clinic(), now.Add(payerLease), now, limit,
		)
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
	if err := tx.Gorm().Raw(
		`SELECT wait_until, tries FROM payer_lists WHERE clinic_id = $1 FOR UPDATE`, tx.Clinic(),
	).Scan(&rows).Error; err != nil ||
		len(rows) == 0 {
		return tenants.Translate(err, "payers")
	}
	change(&rows[0])
	return tenants.Translate(tx.Gorm().Exec(`UPDATE payer_lists l SET wait_until = $1, tries = $2,
		due_at = greatest($3::timestamptz,
		  coalesce((SELECT min(p.due_at) FROM payers p WHERE p.clinic_id = l.clinic_id AND p.due_at < 'infinity'),
		    'infinity'))
		WHERE l.clinic_id = $4`,
		rows[0].WaitUntil, rows[0].Tries, rows[0].WaitUntil, tx.Clinic()).Error, "payers")
}
