package ledger

import (
	"context"
	"time"

	"patapay/domain"

	"github.com/jackc/pgx/v5"
)

// Head is the end of a clinic's ledger and feed, held by the lock of its row.
type Head struct {
	No   int64 // of the last booking
	Hash []byte
	Feed int64 // number of the last change

	From    domain.Day // the ledger begins: money of before books nothing; "": no cut-off
	Expects bool       // the clinic has expected payments

	Fees domain.Fees // of its account; nil: never read
}

// HeadColumns are the columns that Scan reads, of clinic_heads.
const HeadColumns = `ledger_no, ledger_hash, feed_seq, ledger_from, expects, fees`

// Scan reads one row of HeadColumns.
func (h *Head) Scan(row pgx.Row) error {
	var fees string
	err := row.Scan(&h.No, &h.Hash, &h.Feed, &h.From, &h.Expects, &fees)
	h.Fees = feesOf(fees)
	return err
}

// ReadHead reads the clinic's head and locks it: whoever books waits.
func ReadHead(ctx context.Context, c *pgx.Conn, clinic domain.ClinicID) (h Head, err error) {
	err = h.Scan(c.QueryRow(ctx, `SELECT `+HeadColumns+` FROM clinic_heads WHERE clinic_id = $1 FOR UPDATE`, clinic))
	return h, err
}

// Seal makes f the next booking of the clinic's chain. It fails when the chain's key cannot be had.
func (h *Head) Seal(c Chain, clinic domain.ClinicID, now time.Time, kind domain.Kind, f domain.Fact) (Booking, error) {
	b := Booking{
		Fact:     f,
		No:       h.No + 1,
		Kind:     kind,
		Conflict: f.Key.IsCorrection(),
		BookedAt: now.Truncate(time.Microsecond),
	}
	var err error
	if b.hash, err = c.hash(clinic, h.Hash, &b); err != nil {
		return Booking{}, err
	}
	h.No, h.Hash = b.No, b.hash
	return b, nil
}
