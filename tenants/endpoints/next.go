package endpoints

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/query"
)

// ErrLost says that the endpoint is gone, or another process holds it.
var ErrLost = errors.New("the endpoint's lease is lost")

const (
	fillBelow = 128 // entries that wait: with fewer, more are handed out
	fillMost  = 256 // entries of the feed that are looked at in one step
)

// Next prolongs the hold, hands out what the feed has behind the cursor, and returns at most so many
// entries that may be sent now: of each object the first that waits, in order. It returns none for a
// paused endpoint, and pauses one whose next entry is no longer kept. ErrLost: somebody else sends.
func (h *Hold) Next(tx *tenants.Tx, now, until time.Time, most int) (entries []Entry, err error) {
	e, err := one(tx, `UPDATE endpoints t SET lease_until = $4 WHERE t.clinic_id = $1 AND t.endpoint_id = $2 AND t.holder = $3
		RETURNING `+columns, tx.Clinic(), h.ID, h.holder, until)
	if domain.CodeOf(err) == domain.NotFound {
		return nil, ErrLost
	}
	if err != nil {
		return nil, err
	}
	h.Endpoint = e
	if err := h.open(tx, now); err != nil || e.State != endpoint.Active || e.NextAt.After(now) {
		return nil, err
	}
	standing, err := query.StandingIn(tx)
	if err != nil {
		return nil, err
	}
	if e.epoch != standing.No {
		return nil, h.beginEpoch(tx, standing, now)
	}
	h.Place.Epoch = standing.Epoch
	if e.Waiting < fillBelow {
		err := h.fill(tx, now, min(fillMost, endpoint.MostWaiting-e.Waiting))
		if errors.Is(err, query.ErrExpired) {
			h.State = endpoint.Paused
			return nil, Pause(tx, h.ID, endpoint.CursorExpired, now)
		}
		if err != nil {
			return nil, err
		}
	}
	return h.sendable(tx, now, most)
}

// beginEpoch pauses an endpoint whose receiver may have read what is gone: it is to read everything anew
// before it goes on. Of the platform's feed everything that is kept comes again, since a place of another
// history means nothing in this one.
func (h *Hold) beginEpoch(tx *tenants.Tx, now query.Standing, at time.Time) error {
	h.State = endpoint.Paused
	_, err := run(tx, `UPDATE endpoints SET epoch = $3, place_tx = CASE WHEN clinic_id = 0 THEN $4::text::xid8 ELSE place_tx END,
			place_clinic = CASE WHEN clinic_id = 0 THEN $5 ELSE place_clinic END, place_seq = CASE WHEN clinic_id = 0 THEN $6 ELSE place_seq END
		WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), h.ID, now.No, now.Floor.Tx, now.Floor.Clinic, now.Floor.Seq)
	if err != nil {
		return err
	}
	return Pause(tx, h.ID, endpoint.NewEpoch, at)
}

// sendable returns the first entry of each object, unless it waits for another try.
func (h *Hold) sendable(tx *tenants.Tx, now time.Time, most int) (entries []Entry, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT f.no, f.of_clinic, f.seq, f.tx::text, f.kind, f.object_id, f.tries, f.failed_at
			FROM (SELECT DISTINCT ON (w.of_clinic, w.object_id) w.* FROM endpoint_entries w
				WHERE w.clinic_id = $1 AND w.endpoint_id = $2 ORDER BY w.of_clinic, w.object_id, w.no) f
			WHERE f.next_at <= $3 ORDER BY f.no LIMIT $4`, tx.Clinic(), h.ID, now, most)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Entry, err error) {
			var failed *time.Time
			err = row.Scan(&e.No, &e.Clinic, &e.Seq, &e.Tx, &e.Kind, &e.ObjectID, &e.Tries, &failed)
			e.FailedAt, e.Epoch = tenants.OrZero(failed), h.Place.Epoch
			return e, err
		})
		return err
	})
	return entries, tenants.Translate(err, "endpoint")
}

// handedOut is what one step takes from the feed, by column.
type handedOut struct {
	clinics []int32
	seqs    []int64
	txs     []string
	kinds   []string
	objects []domain.UUID
}

// fill moves the cursor over at most so many entries of the feed, and keeps those that are wanted.
func (h *Hold) fill(tx *tenants.Tx, now time.Time, most int) error {
	entries, err := behind(tx, h.Place, most)
	if err != nil || len(entries) == 0 {
		return err
	}
	var out handedOut
	for _, e := range entries {
		if !endpoint.Wants(h.Types, endpoint.TypeOf(e.Kind)) {
			continue
		}
		out.clinics, out.seqs, out.txs = append(out.clinics, int32(e.Clinic)), append(out.seqs, e.Seq), append(out.txs, e.Tx)
		out.kinds, out.objects = append(out.kinds, string(e.Kind)), append(out.objects, e.ObjectID)
	}
	last := entries[len(entries)-1]
	h.Place.Tx, h.Place.Clinic, h.Place.Seq, h.Waiting = "0", 0, last.Seq, h.Waiting+len(out.seqs)
	if tx.Clinic() == 0 {
		h.Place.Tx, h.Place.Clinic = last.Tx, last.Clinic
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE endpoints SET place_tx = $3::text::xid8, place_clinic = $4, place_seq = $5, handed = handed + $6, waiting = waiting + $6
			WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), h.ID, h.Place.Tx, h.Place.Clinic, h.Place.Seq, len(out.seqs))
		b.Queue(`INSERT INTO endpoint_entries (clinic_id, endpoint_id, no, of_clinic, seq, tx, kind, object_id, next_at)
			SELECT $1, $2, $3 + u.n, u.clinic, u.seq, u.tx::xid8, u.kind, u.object, $4
			FROM unnest($5::integer[], $6::bigint[], $7::text[], $8::text[], $9::uuid[]) WITH ORDINALITY u(clinic, seq, tx, kind, object, n)`,
			tx.Clinic(), h.ID, h.handed, now, out.clinics, out.seqs, out.txs, out.kinds, out.objects)
		return c.SendBatch(tx.Context(), b).Close()
	}), "endpoint")
}

// behind returns what the transaction's feed has behind a place; query.ErrExpired when what follows it
// was dropped for its age.
func behind(tx *tenants.Tx, place query.Place, most int) (entries []Entry, err error) {
	sql := `SELECT c.clinic_id, c.seq, '0', c.kind, c.object_id FROM changes c
		WHERE c.clinic_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3`
	args := []any{tx.Clinic(), place.Seq, most}
	if tx.Clinic() == 0 {
		sql = `SELECT f.clinic, f.seq, f.place_tx::text, f.kind, f.object_id FROM feed_after($1::text::xid8, $2, $3, $4) f
			WHERE NOT EXISTS (SELECT FROM feed_bounds() b WHERE (b.floor_tx, b.floor_clinic, b.floor_seq) > ($1::text::xid8, $2, $3))`
		args = []any{orZero(place.Tx), place.Clinic, place.Seq, most}
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Entry, err error) {
			return e, row.Scan(&e.Clinic, &e.Seq, &e.Tx, &e.Kind, &e.ObjectID)
		})
		return err
	})
	if err != nil {
		return nil, tenants.Translate(err, "feed")
	}
	expired, err := dropped(tx, place, entries)
	if expired {
		return nil, query.ErrExpired
	}
	return entries, err
}

// dropped tells whether what follows a place is no longer kept, or the place is one of another epoch.
func dropped(tx *tenants.Tx, place query.Place, entries []Entry) (expired bool, err error) {
	if tx.Clinic() > 0 {
		next := int64(0)
		if len(entries) > 0 {
			next = entries[0].Seq
		} else if next, err = behindHead(tx, place); err != nil {
			return false, err
		}
		follows, err := query.Follows(tx, place.Seq, next)
		return !follows, err
	}
	if len(entries) > 0 {
		return false, nil
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT (floor_tx, floor_clinic, floor_seq) > ($1::text::xid8, $2, $3) FROM feed_bounds()`,
			orZero(place.Tx), place.Clinic, place.Seq).Scan(&expired)
	})
	return expired, tenants.Translate(err, "feed")
}

// behindHead returns the number that the clinic's next entry will have. It is asked for after the entries
// behind a place, of which there were none: if some were written between the two, they are there at the
// next look, and nothing is missing.
func behindHead(tx *tenants.Tx, place query.Place) (next int64, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), `SELECT CASE WHEN EXISTS (SELECT FROM changes c WHERE c.clinic_id = $1 AND c.seq > $2) THEN $2 ELSE h.feed_seq END + 1
			FROM clinic_heads h WHERE h.clinic_id = $1`, tx.Clinic(), place.Seq).Scan(&next)
	})
	return next, tenants.Translate(err, "feed")
}
