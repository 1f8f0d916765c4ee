package payers

import (
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Payer is who pays, as the gateway named them.
type Payer struct {
	ID      string // the gateway's
	Name    string // personal data: never logged; "": unknown
	Version int    // names it had so far
}

const (
	payerAge     = 7 * 24 * time.Hour // an older name is read again after the next comparison
	payerLease   = time.Minute        // a read that was begun is nobody else's for so long
	mostNameSize = 300                // letters of a name that are kept
)

// Payers returns what is known of these payers, by id.
func Payers(tx *tenants.Tx, open tenants.Opener, ids []string) (known map[string]Payer, err error) {
	known = map[string]Payer{}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT asaas_id, name, version FROM payers WHERE clinic_id = $1 AND asaas_id = ANY($2)`,
			tx.Clinic(), ids,
		)
		if err != nil {
			return err
		}
		var p Payer
		var sealed []byte
		_, err = pgx.ForEachRow(rows, []any{&p.ID, &sealed, &p.Version}, func() (err error) {
			p.Name, err = openName(open, p.ID, sealed)
			known[p.ID] = p
			return err
		})
		return err
	})
	return known, tenants.Translate(err, "payers")
}

func openName(open tenants.Opener, id string, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	name, err := open("payer", id, sealed)
	return string(name), err
}

// PayersNamed returns the payers whose names have all these keys (domain.SearchedName), at
// most so many, and whether there are more.
func PayersNamed(tx *tenants.Tx, open tenants.Opener, keys []string, most int) (ids []string, more bool, err error) {
	index, err := loadNameIndex(tx, open)
	if domain.CodeOf(err) == domain.NotFound || len(keys) == 0 {
		return nil, false, nil // nobody's name was ever read
	}
	if err != nil {
		return nil, false, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT asaas_id FROM payer_words WHERE clinic_id = $1 AND word = ANY($2) GROUP BY asaas_id HAVING count(*) = $3
			ORDER BY asaas_id LIMIT $4`,
			tx.Clinic(), index.hashes(keys), len(keys), most+1,
		)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return ids[:min(len(ids), most)], len(ids) > most, tenants.Translate(err, "payers")
}

// KeepPayers stores names that the gateway told and files them; a name that changed is
// found by its new words alone, and one that the gateway tells no more stays. It returns how
// many said something new.
func KeepPayers(tx *tenants.Tx, v *vault.Vault, told []Payer, now time.Time) (fresh int, err error) {
	if len(told) == 0 {
		return 0, nil
	}
	index, err := makeNameIndex(tx, v)
	if err != nil {
		return 0, err
	}
	told, ids := payersInOrder(told)
	had, err := lockPayers(tx, index.keyRing, ids)
	if err != nil {
		return 0, err
	}
	b := &pgx.Batch{}
	for _, p := range told {
		p.Name = cutName(p.Name)
		old, there := had[p.ID]
		if there && (p.Name == old.Name || p.Name == "") {
			b.Queue(
				`UPDATE payers SET fetched_at = $3, due_at = 'infinity' WHERE clinic_id = $1 AND asaas_id = $2`,
				tx.Clinic(), p.ID, now,
			)
			continue
		}
		fresh++
		if err := queuePayer(tx, b, index, p, now); err != nil {
			return 0, err
		}
	}
	err = tx.Conn(func(c *pgx.Conn) error { return c.SendBatch(tx.Context(), b).Close() })
	return fresh, tenants.Translate(err, "payers")
}

// payersInOrder returns payers by id, each once, and their ids: who locks in one order never waits
// in a circle.
func payersInOrder(told []Payer) (list []Payer, ids []string) {
	list = slices.SortedFunc(slices.Values(told), func(a, b Payer) int { return strings.Compare(a.ID, b.ID) })
	list = slices.CompactFunc(list, func(a, b Payer) bool { return a.ID == b.ID })
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return list, ids
}

// lockPayers returns those of ids that were read before, locked until the transaction ends.
func lockPayers(tx *tenants.Tx, keyRing tenants.KeyRing, ids []string) (map[string]Payer, error) {
	had := map[string]Payer{}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT asaas_id, name, version FROM payers WHERE clinic_id = $1 AND asaas_id = ANY($2) AND fetched_at IS NOT NULL
			ORDER BY asaas_id FOR UPDATE`,
			tx.Clinic(), ids,
		)
		if err != nil {
			return err
		}
		var p Payer
		var sealed []byte
		_, err = pgx.ForEachRow(rows, []any{&p.ID, &sealed, &p.Version}, func() (err error) {
			p.Name, err = openName(keyRing.Open, p.ID, sealed)
			had[p.ID] = p
			return err
		})
		return err
	})
	return had, tenants.Translate(err, "payers")
}

// queuePayer writes a name and files it anew.
func queuePayer(tx *tenants.Tx, b *pgx.Batch, index nameIndex, p Payer, now time.Time) error {
	var sealed []byte
	if p.Name != "" {
		k, err := index.keyRing.Newest()
		if err != nil {
			return err
		}
		if sealed, err = k.Seal("payer", p.ID, []byte(p.Name)); err != nil {
			return err
		}
	}
	b.Queue(`INSERT INTO payers AS p (clinic_id, asaas_id, name, version, fetched_at) VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (clinic_id, asaas_id) DO UPDATE SET name = excluded.name, version = p.version + 1,
		  fetched_at = excluded.fetched_at, due_at = 'infinity'`,
		tx.Clinic(), p.ID, sealed, now)
	b.Queue(`DELETE FROM payer_words WHERE clinic_id = $1 AND asaas_id = $2`, tx.Clinic(), p.ID)
	b.Queue(
		`INSERT INTO payer_words (clinic_id, word, asaas_id)
		SELECT $1, w, $3 FROM unnest($2::bigint[]) w ON CONFLICT DO NOTHING`,
		tx.Clinic(), index.hashes(domain.NameKeys(p.Name)), p.ID,
	)
	return nil
}

// cutName returns a name of bounded length, its blanks tidied.
func cutName(name string) string {
	letters := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " "))
	return string(letters[:min(len(letters), mostNameSize)])
}
