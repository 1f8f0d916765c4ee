package endpoints

import (
	"cmp"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
	"patapay/tenants/query"
)

// PresentEnd returns the place behind everything that the feed of the transaction's clinic, or of the
// platform, has now: where a new endpoint begins.
func PresentEnd(tx *tenants.Tx) (p query.Place, err error) {
	if tx.Clinic() == 0 {
		now, err := query.BoundsIn(tx)
		return now.Head, err
	}
	return placeOf(tx, `SELECT '0', 0, h.feed_seq FROM clinic_heads h WHERE h.clinic_id = $1`, tx.Clinic())
}

// PlaceSince returns the place that everything from an instant on is behind, of what is kept.
func PlaceSince(tx *tenants.Tx, since time.Time) (p query.Place, err error) {
	if tx.Clinic() > 0 {
		return placeOf(tx, `SELECT '0', 0,
			  coalesce((SELECT c.seq - 1 FROM changes c WHERE c.clinic_id = h.clinic_id AND c.at >= $2
			    ORDER BY c.seq LIMIT 1), h.feed_seq)
			FROM clinic_heads h WHERE h.clinic_id = $1`, tx.Clinic(), since)
	}
	now, err := query.BoundsIn(tx)
	if err != nil {
		return p, err
	}
	// The least place at or behind the floor: a replay may ask for everything that is kept.
	p, err = placeOf(tx, `SELECT feed_place_before($1)::text, 0, 0`, since)
	if p.Epoch = now.Epoch; p.Before(now.Floor) {
		p = now.Floor
	}
	return p, err
}

func placeOf(tx *tenants.Tx, sql string, args ...any) (p query.Place, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), sql, args...).Scan(&p.Tx, &p.Clinic, &p.Seq)
	})
	return p, tenants.Translate(err, "feed")
}

// Replay moves an endpoint's cursor to a place of its feed: everything behind it is sent again, what
// waited is forgotten for it comes anew. Its state stays. query.ErrExpired: what follows the place is no
// longer kept; tenants.ErrCursor: the feed has not got there yet.
func Replay(tx *tenants.Tx, e Endpoint, to query.Place, now time.Time) error {
	bounds, err := query.BoundsIn(tx)
	if err == nil && tx.Clinic() == 0 {
		to, err = bounds.Of(to)
	}
	if err != nil {
		return err
	}
	end, err := PresentEnd(tx)
	if err != nil {
		return err
	}
	if tx.Clinic() > 0 && (to.Seq > end.Seq || to.Seq < 0) || tx.Clinic() == 0 && end.Before(to) {
		return tenants.ErrCursor
	}
	if _, err := query.Behind(tx, to, 1); err != nil {
		return err
	}
	if _, err := run(tx, `DELETE FROM endpoint_entries
		WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), e.ID); err != nil {
		return err
	}
	_, err = run(tx, `UPDATE endpoints
		SET place_tx = $3::text::xid8, place_clinic = $4, place_seq = $5, waiting = 0, due_at = NULL,
			handed = handed + 1, failures = 0, next_at = $6, epoch = $7, version = version + 1
		WHERE clinic_id = $1 AND endpoint_id = $2`,
		tx.Clinic(), e.ID, cmp.Or(to.Tx, "0"), to.Clinic, to.Seq, now, bounds.No)
	return err
}
