package query

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// FeedBounds is where the platform's feed begins and ends now, in its present epoch: a restore or a
// failover begins another one (docs/decisions/0039-epochs-of-the-feed.md).
type FeedBounds struct {
	Epoch string // part of every place, so that one of another history is known
	No    int    // 1: the first
	Floor Place  // entries up to here were dropped for their age
	Head  Place  // the present end
}

// BoundsIn returns where the platform's feed begins and ends, after an epoch that nobody noted yet has
// been noted, in the transaction.
func BoundsIn(tx *tenants.Tx) (s FeedBounds, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		s, err = feedBounds(tx.Context(), c)
		return err
	})
	return s, tenants.Translate(err, "feed")
}

// AdoptEpoch notes a new epoch of the feed if another history is told than the one that was noted, or
// because byHand says so. It returns the number of the new epoch; 0: the old one goes on.
func AdoptEpoch(db *tenants.DB, ctx context.Context, byHand bool) (no int, err error) {
	err = db.Pool().QueryRow(ctx, `SELECT coalesce(feed_adopt($1), 0)`, byHand).Scan(&no)
	return no, tenants.Translate(err, "feed")
}

// asker is what runs a query: a pool, or the connection of a transaction.
type asker interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func feedBounds(ctx context.Context, db asker) (s FeedBounds, err error) {
	for stands := false; !stands; {
		err := db.QueryRow(ctx, `SELECT stands, epoch, epoch_no, floor_tx::text, floor_clinic, floor_seq, head_tx::text
			FROM feed_standing()`).Scan(&stands, &s.Epoch, &s.No, &s.Floor.Tx, &s.Floor.Clinic, &s.Floor.Seq, &s.Head.Tx)
		if err != nil {
			return s, err
		}
		if err := adopt(ctx, db, stands); err != nil {
			return s, err
		}
	}
	s.Floor.Epoch, s.Head.Epoch = s.Epoch, s.Epoch
	return s, nil
}

// adopt notes a new epoch unless the one that was noted stands.
func adopt(ctx context.Context, db asker, stands bool) error {
	if stands {
		return nil
	}
	var no *int
	return db.QueryRow(ctx, `SELECT feed_adopt(false)`).Scan(&no)
}

// clinicEnd returns the number of the clinic's newest entry, after an epoch that nobody noted yet has
// been noted.
func clinicEnd(ctx context.Context, db asker, clinic domain.ClinicID) (newest int64, err error) {
	for stands := false; !stands; {
		err := db.QueryRow(ctx, `SELECT h.feed_seq, s.stands FROM clinic_heads h, feed_standing() s
			WHERE h.clinic_id = $1`, clinic).Scan(&newest, &stands)
		if err != nil {
			return 0, err
		}
		if err := adopt(ctx, db, stands); err != nil {
			return 0, err
		}
	}
	return newest, nil
}

// Follows tells whether no entry of the transaction's clinic is missing between the numbers after and
// next: next is one more, but for the numbers that a new epoch left out. A reader who stands between
// those read entries of another history.
func Follows(tx *tenants.Tx, after, next int64) (follows bool, err error) {
	if next == after+1 {
		return true, nil
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT after, upto FROM feed_gaps WHERE clinic_id = $1 AND after >= $2
			ORDER BY after, upto`,
			tx.Clinic(), after)
		if err != nil {
			return err
		}
		var from, upto int64
		_, err = pgx.ForEachRow(rows, []any{&from, &upto}, func() error {
			if from == after {
				after = upto
			}
			return nil
		})
		return err
	})
	return next == after+1, tenants.Translate(err, "feed")
}

// Of returns the place if it is one of this epoch, and ErrExpired for one of another. Places of before
// there were epochs are of the first.
func (s FeedBounds) Of(p Place) (Place, error) {
	if p.Epoch == "" && s.No == 1 {
		p.Epoch = s.Epoch
	}
	if p.Epoch != s.Epoch {
		return p, ErrExpired
	}
	return p, nil
}

// passed tells whether a transaction of a place lies behind the present end, where none can have been
// read: the cluster's history was shortened without a sign.
func (s FeedBounds) passed(p Place) bool {
	tx, err := strconv.ParseUint(p.Tx, 10, 64)
	head, bad := strconv.ParseUint(s.Head.Tx, 10, 64)
	return err == nil && bad == nil && tx > head
}
