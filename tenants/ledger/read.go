package ledger

import (
	"context"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// AccountBalance is what stands on one ledger account of a clinic.
type AccountBalance struct {
	Account domain.Account
	Debit   domain.Money // sum of debits, centavos
	Credit  domain.Money // sum of credits, centavos, above zero
}

// Balance returns debits less credits.
func (a AccountBalance) Balance() domain.Money { return a.Debit - a.Credit }

// TrialBalance returns every account of the clinic that was ever booked on, in the order
// of domain.Accounts. Debits and credits of all of them sum to the same.
func TrialBalance(tx *tenants.Tx) (list []AccountBalance, err error) {
	by := map[domain.Account]AccountBalance{}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT account, coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,
			  coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint
			FROM ledger_entries WHERE clinic_id = $1 GROUP BY account`,
			tx.Clinic(),
		)
		if err != nil {
			return err
		}
		var a AccountBalance
		_, err = pgx.ForEachRow(rows, []any{&a.Account, &a.Debit, &a.Credit}, func() error {
			by[a.Account] = a
			return nil
		})
		return err
	})
	for _, account := range domain.Accounts {
		if a, ok := by[account]; ok {
			list = append(list, a)
		}
	}
	return list, tenants.Translate(err, "ledger")
}

// BookingFilter selects bookings; zero members select all.
type BookingFilter struct {
	Subject string         // gateway id of a payment or anticipation
	Account domain.Account // that one of the legs is on
	Before  int64          // numbers below this one; 0: from the newest on
	After   int64          // numbers above this one

	Kinds []domain.Kind `json:",omitempty"` // of subjects: any of these
	From  domain.Day    `json:",omitempty"` // first day that a booking belongs to
	To    domain.Day    `json:",omitempty"` // last one
	Until int64         `json:",omitempty"` // in the order of days: no number above this one
}

func (f BookingFilter) where(tx *tenants.Tx) (string, []any) {
	return ` WHERE t.clinic_id = $1 AND ($2 = '' OR t.subject = $2) AND ($3 = 0 OR t.no < $3) AND t.no > $4
		AND ($5 = '' OR EXISTS (SELECT FROM ledger_entries a
		  WHERE a.clinic_id = t.clinic_id AND a.no = t.no AND a.account = $5))
		AND ($6::text[] IS NULL OR t.kind = ANY($6)) AND ($7 = '' OR ` + ledgerDay + ` >= $7)
		AND ($8 = '' OR ` + ledgerDay + ` <= $8)`,
		[]any{tx.Clinic(), f.Subject, f.Before, f.After, string(f.Account), f.Kinds, string(f.From), string(f.To)}
}

// Bookings returns at most limit bookings of the clinic, newest first.
func Bookings(tx *tenants.Tx, f BookingFilter, limit int) (list []Booking, err error) {
	where, args := f.where(tx)
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+BookingColumns+` FROM ledger_transactions t`+BookingLegs+where+` ORDER BY t.no DESC LIMIT $9`,
			append(args, limit)...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, ScanBooking)
		return err
	})
	return list, tenants.Translate(err, "ledger")
}

// bookingsAtOnce is how many bookings a long read holds in memory.
const bookingsAtOnce = 500

// EachBooking calls fn with every booking of the clinic, oldest first, as the ledger
// stood when it was called, some hundred at a time and in short transactions: an export
// of years neither fills memory nor holds a row.
func EachBooking(db *tenants.DB, ctx context.Context, clinic domain.ClinicID, fn func(Booking) error) error {
	var last, end int64
	err := db.In(ctx, clinic, func(tx *tenants.Tx) error {
		return tenants.Translate(
			tx.Gorm().Raw(`SELECT ledger_no FROM clinic_heads WHERE clinic_id = $1`, clinic).Row().Scan(&end),
			"clinic head",
		)
	})
	for err == nil && last < end {
		var list []Booking
		err = db.In(ctx, clinic, func(tx *tenants.Tx) (err error) {
			list, err = bookingsAfter(tx, last, min(end-last, bookingsAtOnce))
			return err
		})
		for i := 0; i < len(list) && err == nil; i++ {
			last, err = list[i].No, fn(list[i])
		}
		if len(list) == 0 {
			break
		}
	}
	return err
}

// bookingsAfter returns the n bookings that follow number last, oldest first.
func bookingsAfter(tx *tenants.Tx, last, n int64) (list []Booking, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+BookingColumns+` FROM ledger_transactions t`+BookingLegs+`WHERE t.clinic_id = $1 AND t.no > $2
			ORDER BY t.no LIMIT $3`,
			tx.Clinic(), last, n,
		)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, ScanBooking)
		return err
	})
	return list, tenants.Translate(err, "ledger")
}

// LedgerFaults returns what is wrong with the clinic's ledger as SQL sees it, one line
// each: bookings that are not whole, numbers with a gap, receivables below zero. The
// chain is VerifyLedger's.
func LedgerFaults(tx *tenants.Tx) (faults []string, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `
			SELECT 'booking ' || t.no || ' is not whole or does not sum to zero' FROM ledger_transactions t
			  LEFT JOIN (SELECT no, sum(amount) AS total, count(*) AS n FROM ledger_entries WHERE clinic_id = $1 GROUP BY no) e
			    USING (no)
			  WHERE t.clinic_id = $1 AND (e.total IS DISTINCT FROM 0 OR e.n IS DISTINCT FROM t.legs)
			UNION ALL SELECT 'the head says ' || h.ledger_no || ' bookings, there are ' || t.n FROM clinic_heads h,
			  (SELECT count(*) AS n, coalesce(max(no), 0) AS top FROM ledger_transactions WHERE clinic_id = $1) t
			  WHERE h.clinic_id = $1 AND (t.n <> h.ledger_no OR t.top <> h.ledger_no)
			UNION ALL SELECT e.account || ' of ' || t.subject || ' is ' || sum(e.amount) || ' centavos'
			  FROM ledger_transactions t
			  JOIN ledger_entries e USING (clinic_id, no)
			  WHERE t.clinic_id = $1 AND e.account IN ('card_receivable', 'chargeback_hold', 'cash_drawer')
			  GROUP BY e.account, t.subject HAVING sum(e.amount) < 0 LIMIT 20`, tx.Clinic())
		if err != nil {
			return err
		}
		faults, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return faults, tenants.Translate(err, "ledger")
}
