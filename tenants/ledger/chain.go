package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Chain seals a clinic's ledger: each booking's hash is a MAC over the booking, its
// legs and the hash before it, under a key that the database does not have.
type Chain struct{ key tenants.ChainKey }

// NewChain derives the chain's key from a secret of the deployment, at least 32 bytes.
func NewChain(secret []byte) Chain {
	return Chain{tenants.Derived(secret, tenants.LedgerChain)}
}

// ChainOf returns the chain under its own key.
func ChainOf(keys *tenants.ChainKeys) Chain {
	return Chain{keys.Of(tenants.LedgerChain)}
}

// Booking is one transaction of the ledger as it is kept.
type Booking struct {
	domain.Fact
	No       int64       // 1, 2 … in its clinic
	Kind     domain.Kind // of the subject
	Conflict bool        // puts an earlier booking right
	BookedAt time.Time   // UTC, microseconds
	hash     []byte
}

// hash returns the MAC of b after the hash last. Every part has its length in front, so
// that nothing can move from one to the next.
func (c Chain) hash(clinic domain.ClinicID, last []byte, b *Booking) ([]byte, error) {
	key, err := c.key.Get()
	if err != nil {
		return nil, err
	}
	m := hmac.New(sha256.New, key)
	var buffer [512]byte
	out := buffer[:0]
	put := func(part []byte) {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(part))), part...)
	}
	number := func(n int64) { out = binary.BigEndian.AppendUint64(append(out, 0, 0, 0, 8), uint64(n)) }
	put(last)
	number(int64(clinic))
	number(b.No)
	for _, s := range []string{string(b.Kind), b.Key.Subject, b.Key.Name, string(b.At), strconv.FormatBool(b.Conflict)} {
		put([]byte(s))
	}
	number(int64(b.Key.Cycle))
	put(b.By.Bytes())
	number(b.BookedAt.UnixMicro())
	for _, l := range b.Legs {
		put([]byte(l.Account))
		number(int64(l.Amount))
	}
	m.Write(out)
	return m.Sum(nil), nil
}

// BookingColumns are read by scanBooking; the legs come along as two arrays.
const BookingColumns = `t.no, t.kind, t.subject, t.fact, t.cycle, t.conflict, t.at, ` +
	`t.source, t.booked_at, t.hash, e.accounts, e.amounts`

// BookingLegs joins the legs of transaction t.
const BookingLegs = ` CROSS JOIN LATERAL (SELECT array_agg(e.account ORDER BY e.leg) AS accounts,
	  array_agg(e.amount ORDER BY e.leg) AS amounts
	FROM ledger_entries e WHERE e.clinic_id = t.clinic_id AND e.no = t.no OFFSET 0) e `

// ScanBooking reads one row of BookingColumns with its legs.
func ScanBooking(row pgx.CollectableRow) (b Booking, err error) {
	var source []byte
	var accounts []string
	var amounts []int64
	err = row.Scan(
		&b.No, &b.Kind, &b.Key.Subject, &b.Key.Name, &b.Key.Cycle, &b.Conflict, &b.At, &source, &b.BookedAt, &b.hash,
		&accounts, &amounts,
	)
	b.By, _ = domain.EventKeyFrom(source)
	b.BookedAt = b.BookedAt.UTC()
	for i := range accounts {
		b.Legs = append(b.Legs, domain.Leg{Account: domain.Account(accounts[i]), Amount: domain.Money(amounts[i])})
	}
	return b, err
}

// Proof is what VerifyLedger found.
type Proof struct {
	Bookings int64  // that were checked
	Broken   int64  // number of the first that is not what was written; 0: the chain is whole
	Why      string // what is wrong with it
}

// Verify checks the whole chain of the transaction's clinic, and that each booking
// sums to zero. It keeps the clinic's other changes out while it reads.
func Verify(tx *tenants.Tx, c Chain) (p Proof, err error) {
	var last []byte
	err = tx.Conn(func(conn *pgx.Conn) error {
		var end int64
		var endHash []byte
		row := conn.QueryRow(
			tx.Context(), `SELECT ledger_no, ledger_hash FROM clinic_heads WHERE clinic_id = $1 FOR UPDATE`,
			tx.Clinic(),
		)
		if err := row.Scan(&end, &endHash); err != nil {
			return err
		}
		rows, err := conn.Query(
			tx.Context(),
			`SELECT `+BookingColumns+` FROM ledger_transactions t`+BookingLegs+`WHERE t.clinic_id = $1 ORDER BY t.no`,
			tx.Clinic(),
		)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			b, err := ScanBooking(rows)
			if err != nil {
				return err
			}
			if p.Why, err = c.fault(tx.Clinic(), last, p.Bookings+1, &b); err != nil {
				return err
			}
			if p.Why != "" {
				p.Broken = p.Bookings + 1
				return nil
			}
			p.Bookings, last = b.No, b.hash
		}
		if rows.Err() == nil && (p.Bookings != end || !hmac.Equal(last, endHash)) {
			p.Broken, p.Why = min(p.Bookings, end)+1, fmt.Sprintf("the clinic's head speaks of %d bookings", end)
		}
		return rows.Err()
	})
	return p, tenants.Translate(err, "ledger")
}

// fault returns what is wrong with b as booking number no, or "". It fails when the chain's key cannot be had.
func (c Chain) fault(clinic domain.ClinicID, last []byte, no int64, b *Booking) (why string, err error) {
	hash, err := c.hash(clinic, last, b)
	switch {
	case err != nil:
		return "", err
	case b.No != no:
		return "a booking is missing before it", nil
	case domain.Sum(b.Legs) != 0 || len(b.Legs) < 2:
		return "its legs do not sum to zero", nil
	case !hmac.Equal(hash, b.hash):
		return "it is not what was written", nil
	}
	return "", nil
}
