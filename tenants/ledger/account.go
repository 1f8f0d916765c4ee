package ledger

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// Day returns the day that the booking belongs to: the gateway's where it told one, else the one it was booked on, in
// São Paulo. The column day of ledger_transactions says the same.
func (b *Booking) Day() domain.Day {
	if len(b.At) >= 10 {
		return domain.Day(b.At[:10])
	}
	return domain.Day(asaas.LocalTimeOf(b.BookedAt)[:10])
}

// LinePlace is where a booking stands in the order of days.
type LinePlace struct {
	Day domain.Day
	No  int64
}

// Text returns the place as one word, which ParseLinePlace reads.
func (p LinePlace) Text() string { return string(p.Day) + "/" + strconv.FormatInt(p.No, 10) }

// ParseLinePlace reads what Text wrote, and says whether it is such a word.
func ParseLinePlace(text string) (p LinePlace, ok bool) {
	day, no, found := strings.Cut(text, "/")
	n, err := strconv.ParseInt(no, 10, 64)
	return LinePlace{domain.Day(day), n}, found && err == nil && n > 0 && domain.ValidDay(day)
}

// Place returns where the booking stands in the order of days.
func (b *Booking) Place() LinePlace { return LinePlace{b.Day(), b.No} }

// On returns what the booking moves on an account.
func (b *Booking) On(account domain.Account) (sum domain.Money) {
	for _, l := range b.Legs {
		if l.Account == account {
			sum += l.Amount
		}
	}
	return sum
}

const ledgerDay = `t.day`

// bookingWhere gathers the conditions that a filter has, so that a plan is made for those alone.
type bookingWhere struct {
	sql  strings.Builder
	args []any
}

func (w *bookingWhere) and(condition string, args ...any) {
	for _, arg := range args {
		w.args = append(w.args, arg)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.sql.WriteString(" AND " + condition)
}

// days returns the filter's conditions over ledger_transactions t.
func (f BookingFilter) days(tx *tenants.Tx) *bookingWhere {
	w := &bookingWhere{args: []any{tx.Clinic()}}
	w.sql.WriteString(" WHERE t.clinic_id = $1")
	if f.Subject != "" {
		w.and("t.subject = ?", f.Subject)
	}
	if len(f.Kinds) > 0 {
		w.and("t.kind = ANY(?)", f.Kinds)
	}
	if f.From != "" {
		w.and(ledgerDay+" >= ?", string(f.From))
	}
	if f.To != "" {
		w.and(ledgerDay+" <= ?", string(f.To))
	}
	if f.Account != "" {
		w.and(
			"EXISTS (SELECT FROM ledger_entries a WHERE a.clinic_id = t.clinic_id AND a.no = t.no AND a.account = ?)",
			string(f.Account),
		)
	}
	return w
}

// bookingsByDay is the statement of one page in the order of days.
func bookingsByDay(tx *tenants.Tx, f BookingFilter, from *LinePlace, oldestFirst bool, limit int) (string, []any) {
	w, sign, order := f.days(tx), "<", "DESC"
	if oldestFirst {
		sign, order = ">", "ASC"
	}
	if from != nil {
		w.and("("+ledgerDay+", t.no) "+sign+" (?, ?)", string(from.Day), from.No)
	}
	if f.Until > 0 {
		w.and("t.no <= ?", f.Until)
	}
	w.args = append(w.args, limit)
	return `SELECT ` + BookingColumns + ` FROM ledger_transactions t` + BookingLegs + w.sql.String() +
		` ORDER BY ` + ledgerDay + ` ` + order + `, t.no ` + order + ` LIMIT $` + strconv.Itoa(len(w.args)), w.args
}

// BookingsByDay returns at most limit bookings behind a place in the order of their days, the newest day first, or
// the oldest; of one day the order is that of booking. From nil it begins at the end of the order.
func BookingsByDay(
	tx *tenants.Tx, f BookingFilter, from *LinePlace, oldestFirst bool, limit int,
) (list []Booking, err error) {
	sql, args := bookingsByDay(tx, f, from, oldestFirst, limit)
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), sql, args...)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, ScanBooking)
		return err
	})
	return list, tenants.Translate(err, "ledger")
}

// balanceAfter is what an account holds after a place: what it holds now without what is behind. Of a newest page that
// is little.
const balanceAfter = `SELECT (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries
	  WHERE clinic_id = $1 AND account = $2) -
	(SELECT coalesce(sum(e.amount), 0)::bigint FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
	 WHERE t.clinic_id = $1 AND e.account = $2 AND (` + ledgerDay + `, t.no) > ($3, $4))`

// BalanceAfter returns what stands on an account after a booking, in the order of days.
func BalanceAfter(tx *tenants.Tx, account domain.Account, place LinePlace) (balance domain.Money, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(), balanceAfter, tx.Clinic(), string(account), string(place.Day), place.No,
		).Scan(&balance)
	})
	return balance, tenants.Translate(err, "ledger")
}

// BalanceAt returns what stands on an account after the booking with a number, in the order of booking.
func BalanceAt(tx *tenants.Tx, account domain.Account, no int64) (balance domain.Money, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(),
			`SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries WHERE clinic_id = $1 AND account = $2 AND no <= $3`,
			tx.Clinic(), string(account), no,
		).Scan(&balance)
	})
	return balance, tenants.Translate(err, "ledger")
}

// Period is what moved on an account in some days. Opening + In − Out is Closing.
type Period struct {
	Opening domain.Money // on the account before the first of the days
	Closing domain.Money // after the last
	In      domain.Money
	Out     domain.Money // above zero
	Fees    domain.Money // the gateway's, of anticipations and of transfers, that were booked on any account in these days
	Lines   int          // bookings that moved the account
}

// FeeAccounts are the accounts that hold what the gateway keeps.
var FeeAccounts = []domain.Account{domain.AccountFee, domain.AccountAdvanceFee, domain.AccountTransferFee}

// periodOf reads what is of the first day and later alone; what was before follows from what stands now.
const periodOf = `WITH moved AS (SELECT ` + ledgerDay + ` AS day, e.account, e.amount, t.no
	  FROM ledger_transactions t JOIN ledger_entries e USING (clinic_id, no)
	  WHERE t.clinic_id = $1 AND ` + ledgerDay + ` >= $3 AND (e.account = $2 OR e.account = ANY($5)))
	SELECT (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries WHERE clinic_id = $1 AND account = $2),
	  coalesce(sum(amount) FILTER (WHERE account = $2 AND day > $4), 0)::bigint,
	  coalesce(sum(amount) FILTER (WHERE account = $2 AND day <= $4 AND amount > 0), 0)::bigint,
	  coalesce(-sum(amount) FILTER (WHERE account = $2 AND day <= $4 AND amount < 0), 0)::bigint,
	  coalesce(sum(amount) FILTER (WHERE account = ANY($5) AND day <= $4), 0)::bigint,
	  count(DISTINCT no) FILTER (WHERE account = $2 AND day <= $4) FROM moved`

func periodArgs(tx *tenants.Tx, account domain.Account, from, to domain.Day) []any {
	if to == "" {
		to = "9999-12-31"
	}
	return []any{tx.Clinic(), string(account), string(from), string(to), FeeAccounts}
}

// PeriodOf returns what moved on an account from the first day to the last; "" leaves an end open.
func PeriodOf(tx *tenants.Tx, account domain.Account, from, to domain.Day) (p Period, err error) {
	var now, later domain.Money
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(tx.Context(), periodOf, periodArgs(tx, account, from, to)...).
			Scan(&now, &later, &p.In, &p.Out, &p.Fees, &p.Lines)
	})
	p.Closing = now - later
	p.Opening = p.Closing - p.In + p.Out
	return p, tenants.Translate(err, "ledger")
}

// ExplainAccount returns Postgres's plans of a page of an account in the order of days, of the balance after it, and of
// the sums of a period.
func ExplainAccount(tx *tenants.Tx, f BookingFilter, place LinePlace) (plan []string, err error) {
	page, args := bookingsByDay(tx, f, nil, false, 101)
	err = tx.Conn(func(c *pgx.Conn) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{page, args},
			{balanceAfter, []any{tx.Clinic(), string(f.Account), string(place.Day), place.No}},
			{periodOf, periodArgs(tx, f.Account, f.From, f.To)},
		} {
			rows, err := c.Query(tx.Context(), "EXPLAIN (COSTS OFF) "+q.sql, q.args...)
			if err != nil {
				return err
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return err
			}
			plan = append(plan, lines...)
		}
		return nil
	})
	return plan, err
}
