package query

import (
	"cmp"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

// Behind returns at most so many entries behind a place of the transaction's feed, its clinic's or the platform's, in
// their order and with what they say; fewer when they are long (Full). ErrExpired: what follows the place was dropped
// for its age.
func Behind(tx *tenants.Tx, place Place, most int) (entries []Entry, err error) {
	sql, args := entriesBehind, []any{tx.Clinic(), place.Seq, most}
	if tx.Clinic() == 0 {
		sql = `SELECT f.place_tx::text, f.clinic, f.tenant, f.seq, f.kind, f.object_id,
			  f.asaas_id, f.version, f.at, f.state, f.texts
			FROM feed_after($1::text::xid8, $2, $3, $4) f
			WHERE NOT EXISTS (SELECT FROM feed_bounds() b
			  WHERE (b.floor_tx, b.floor_clinic, b.floor_seq) > ($1::text::xid8, $2, $3))`
		args = []any{cmp.Or(place.Tx, "0"), place.Clinic, place.Seq, most}
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		entries, _, err = tenants.CollectPage(rows, func(row pgx.CollectableRow) (Entry, error) {
			e, at, err := scanEntry(row)
			e.placed(place.Epoch, at)
			return e, err
		})
		return err
	})
	if err != nil {
		return nil, tenants.Translate(err, "feed")
	}
	expired, err := dropped(tx, place, entries)
	if expired {
		return nil, ErrExpired
	}
	return entries, err
}

// placed gives an entry of the platform's feed its place; at is its transaction there, "" in a clinic's feed.
func (e *Entry) placed(epoch, at string) {
	if e.Tx = at; at != "" {
		e.Place = Place{epoch, at, e.Clinic, e.Seq}.String()
	}
}

// dropped tells whether what follows a place is no longer kept, or the place is one of another epoch.
func dropped(tx *tenants.Tx, place Place, entries []Entry) (expired bool, err error) {
	if tx.Clinic() > 0 {
		next := int64(0)
		if len(entries) > 0 {
			next = entries[0].Seq
		} else if next, err = behindHead(tx, place); err != nil {
			return false, err
		}
		follows, err := Follows(tx, place.Seq, next)
		return !follows, err
	}
	if len(entries) > 0 {
		return false, nil
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT (floor_tx, floor_clinic, floor_seq) > ($1::text::xid8, $2, $3)
			FROM feed_bounds()`,
			cmp.Or(place.Tx, "0"), place.Clinic, place.Seq).Scan(&expired)
	})
	return expired, tenants.Translate(err, "feed")
}

// behindHead returns the number that the clinic's next entry will have. It is asked for after the entries
// behind a place, of which there were none: if some were written between the two, they are there at the
// next look, and nothing is missing.
func behindHead(tx *tenants.Tx, place Place) (next int64, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT CASE
			  WHEN EXISTS (SELECT FROM changes c WHERE c.clinic_id = $1 AND c.seq > $2) THEN $2 ELSE h.feed_seq END + 1
			FROM clinic_heads h WHERE h.clinic_id = $1`, tx.Clinic(), place.Seq).Scan(&next)
	})
	return next, tenants.Translate(err, "feed")
}

// EntriesAt returns the entries of the transaction's feed at these places, in their order and in one statement; the
// zero Entry for one that is no longer kept. It returns fewer than places when they are long (Full).
func EntriesAt(tx *tenants.Tx, places []Place) (entries []Entry, err error) {
	clinics, seqs := make([]int32, len(places)), make([]int64, len(places))
	for i, p := range places {
		clinics[i], seqs[i] = int32(p.Clinic), p.Seq
	}
	const members = `tenant, seq, kind, object_id, asaas_id, version, at, state, texts`
	sql, args := `SELECT n, '', clinic, `+members+` FROM feed_entries_of($1, $2)`, []any{clinics, seqs}
	if tx.Clinic() > 0 {
		sql = `SELECT u.n, '', c.clinic_id, t.public_id, c.seq, c.kind, c.object_id,
			  c.asaas_id, c.version, c.at, c.state, c.texts
			FROM unnest($2::bigint[]) WITH ORDINALITY u(seq, n) JOIN changes c ON c.clinic_id = $1 AND c.seq = u.seq
			JOIN clinics t ON t.clinic_id = c.clinic_id ORDER BY u.n`
		args = []any{tx.Clinic(), seqs}
	}
	full := false
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		_, full, err = tenants.CollectPage(rows, func(row pgx.CollectableRow) (e Entry, err error) {
			var n int64
			e, _, err = scanEntry(row, &n)
			if err != nil {
				return e, err
			}
			entries = append(entries, make([]Entry, int(n)-1-len(entries))...)
			e.placed(places[n-1].Epoch, places[n-1].Tx)
			entries = append(entries, e)
			return e, nil
		})
		return err
	})
	if !full && err == nil {
		entries = append(entries, make([]Entry, len(places)-len(entries))...)
	}
	return entries, tenants.Translate(err, "feed")
}
