package tenants

import (
	"context"
	"time"

	"patapay/domain"

	"github.com/jackc/pgx/v5"
)

// clinicHead is the end of a clinic's ledger and feed, held by the lock of its row.
type clinicHead struct {
	no   int64 // of the last booking
	hash []byte
	feed int64 // number of the last change

	from    domain.Day // the ledger begins: money of before books nothing; "": no cut-off
	expects bool       // the clinic has expected payments
}

// scan reads ledger_no, ledger_hash, feed_seq, ledger_from and expects.
func (h *clinicHead) scan(row pgx.Row) error {
	return row.Scan(&h.no, &h.hash, &h.feed, &h.from, &h.expects)
}

// readHead reads the clinic's head and locks it: whoever books waits.
func readHead(ctx context.Context, c *pgx.Conn, clinic domain.ClinicID) (h clinicHead, err error) {
	err = h.scan(c.QueryRow(ctx, `SELECT ledger_no, ledger_hash, feed_seq, ledger_from, expects FROM clinic_heads WHERE clinic_id = $1 FOR UPDATE`, clinic))
	return h, err
}

// seal makes f the next booking of the clinic's chain.
func (h *clinicHead) seal(c LedgerChain, clinic domain.ClinicID, now time.Time, kind domain.Kind, f domain.Fact) Booking {
	b := Booking{Fact: f, No: h.no + 1, Kind: kind, Conflict: f.Key.IsCorrection(), BookedAt: now.Truncate(time.Microsecond)}
	b.hash = c.hash(clinic, h.hash, &b)
	h.no, h.hash = b.No, b.hash
	return b
}
