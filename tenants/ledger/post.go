package ledger

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Posting is a fact to be booked, and the kind of its subject.
type Posting struct {
	Kind domain.Kind
	domain.Fact
}

// The kinds of subjects that are no entity of the gateway.
const (
	KindOpening  domain.Kind = "opening"   // what the ledger begins with
	KindWorkItem domain.Kind = "work_item" // what a person decided
)

// Post adds bookings to the transaction's clinic outside of apply: lines of the statement,
// openings, decisions of people. It fails with Conflict for a fact that is booked already.
func Post(tx *tenants.Tx, chain Chain, now time.Time, list ...Posting) error {
	if len(list) == 0 {
		return nil
	}
	err := tx.Conn(func(c *pgx.Conn) error {
		head, err := ReadHead(tx.Context(), c, tx.Clinic())
		if err != nil {
			return err
		}
		var s Rows
		for _, p := range list {
			b, err := head.Seal(chain, tx.Clinic(), now.UTC(), p.Kind, p.Fact)
			if err != nil {
				return err
			}
			s.Add(tx.Clinic(), b)
		}
		var b pgx.Batch
		s.Queue(&b)
		b.Queue(
			`UPDATE clinic_heads SET ledger_no = $2, ledger_hash = $3 WHERE clinic_id = $1`, tx.Clinic(), head.No,
			head.Hash,
		)
		return c.SendBatch(tx.Context(), &b).Close()
	})
	return tenants.Translate(err, "ledger")
}

// bookedOf returns what is booked of one subject, oldest first.
func bookedOf(tx *tenants.Tx, subject string) (list []domain.Fact, err error) {
	bookings, err := Bookings(tx, BookingFilter{Subject: subject}, 1000)
	for i := len(bookings) - 1; i >= 0; i-- {
		list = append(list, bookings[i].Fact)
	}
	return list, err
}
