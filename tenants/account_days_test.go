package tenants_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/tenantstest"
)

// daysCrowd books payments of many clinics, a third of them the first one's. Events come late: the day of a booking
// runs against its number, and one in fifty has no day of the gateway's.
const daysCrowd = `WITH n AS (SELECT n, CASE WHEN n % 3 = 0 THEN 1 ELSE 2 + n % ($2 - 1) END AS c
	  FROM generate_series(1, $1::int) n),
	numbered AS (SELECT c, n, row_number() OVER (PARTITION BY c ORDER BY n) AS no FROM n),
	put AS (INSERT INTO ledger_transactions (clinic_id, no, booked_at, cycle, legs,
	  conflict, kind, subject, fact, at, source, hash)
	  SELECT c, no, '2026-11-20 02:30:00Z'::timestamptz + no * interval '1 second', 1, 3, false,
	    CASE WHEN n % 7 = 0 THEN 'statement' ELSE 'payment' END, 'pay_' || n, 'credit',
	    CASE WHEN n % 50 = 0 THEN '' ELSE to_char('2024-01-01'::date + (n * 7919 % 700), 'YYYY-MM-DD') || ' 12:00:00' END,
	    '\x00'::bytea, '\x00'::bytea
	  FROM numbered RETURNING clinic_id, no)
	SELECT count(*) FROM put`

const daysLegs = `INSERT INTO ledger_entries (clinic_id, no, leg, account, amount)
	SELECT t.clinic_id, t.no, l.leg,
	  CASE l.leg WHEN 1 THEN CASE WHEN t.no % 4 = 0 THEN 'cash_drawer' ELSE 'asaas_available' END
	    WHEN 2 THEN 'gateway_fee' ELSE 'sales' END,
	  CASE WHEN t.no % 9 = 0 THEN -1 ELSE 1 END *
	    CASE l.leg WHEN 1 THEN 1000 + t.no * 7919 % 5000 WHEN 2 THEN 199 ELSE -1199 - t.no * 7919 % 5000 END
	FROM ledger_transactions t CROSS JOIN (VALUES (1), (2), (3)) l(leg)`

const daysBooked = 30_000

// crowdOfDays returns a store whose first clinic has ten thousand bookings, and those of them on the balance in the
// order of their days, the newest first.
func crowdOfDays(t *testing.T) (api *tenants.DB, want []ledger.Booking) {
	t.Helper()
	db := tenantstest.New(t)
	owner := pool(t, db, tenantstest.Owner)
	_, err := owner.Exec(
		t.Context(),
		`INSERT INTO clinics (public_id, name, state_since, created_at, updated_at)
		SELECT gen_random_uuid(), 'C', now(), now(), now() FROM generate_series(1, 60)`,
	)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), daysCrowd, daysBooked, 60)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), daysLegs)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), `VACUUM ANALYZE ledger_transactions, ledger_entries`)
	require.NoError(t, err)
	api, err = tenants.Open(
		db.URL(tenantstest.API),
		tenants.Options{Name: "days", MaxConns: 1, Pooler: tenantstest.Pooled()},
	)
	require.NoError(t, err)
	t.Cleanup(api.Close)
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) (err error) {
		want, err = ledger.Bookings(tx, ledger.BookingFilter{Account: domain.AccountAvailable}, daysBooked)
		return err
	}))
	require.Greater(t, len(want), 5_000)
	slices.SortFunc(want, func(a, b ledger.Booking) int {
		return cmp.Or(cmp.Compare(b.Day(), a.Day()), cmp.Compare(b.No, a.No))
	})
	return api, want
}

// The order of booking is that of arrival: a late event stood among the newest lines, and no month could be read.
func TestTheStatementOfAnAccountIsInTheOrderOfItsDays(t *testing.T) {
	t.Parallel()
	api, want := crowdOfDays(t)
	f := ledger.BookingFilter{Account: domain.AccountAvailable}
	require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
		everyLineHasItsPlace(t, tx, f, want)
		for _, days := range [][2]domain.Day{
			{"", ""}, {"2024-03-01", "2024-03-31"}, {"2025-10-01", ""}, {"", "2024-01-01"}, {"2030-01-01", ""},
		} {
			periodIsItsLines(t, tx, want, days[0], days[1])
		}
		return nil
	}))
	statementByIndex(t, api)
}

// everyLineHasItsPlace walks all pages, there and back, and compares the balance after some lines.
func everyLineHasItsPlace(t *testing.T, tx *tenants.Tx, f ledger.BookingFilter, want []ledger.Booking) {
	t.Helper()
	for _, oldestFirst := range []bool{false, true} {
		var got []int64
		var from *ledger.LinePlace
		for {
			page, err := ledger.BookingsByDay(tx, f, from, oldestFirst, 1000)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for i := range page {
				got = append(got, page[i].No)
			}
			last, ok := ledger.ParseLinePlace(page[len(page)-1].Place().Text())
			require.True(t, ok)
			from = &last
		}
		expected := make([]int64, len(want))
		for i := range want {
			expected[i] = want[i].No
		}
		if oldestFirst {
			slices.Reverse(expected)
		}
		require.Equal(t, expected, got)
	}
	var sum domain.Money
	for i := len(want) - 1; i >= 0; i-- {
		if sum += want[i].On(f.Account); i%1000 == 0 {
			balance, err := ledger.BalanceAfter(tx, f.Account, want[i].Place())
			require.NoError(t, err)
			require.Equal(t, sum, balance, "after line %d", i)
		}
	}
}

// periodIsItsLines compares the sums of some days with the lines themselves.
func periodIsItsLines(t *testing.T, tx *tenants.Tx, want []ledger.Booking, from, to domain.Day) {
	t.Helper()
	var p ledger.Period
	for i := range want {
		amount, day := want[i].On(domain.AccountAvailable), want[i].Day()
		switch {
		case day < from:
			p.Opening += amount
		case to != "" && day > to:
			continue
		case amount > 0:
			p.In, p.Lines = p.In+amount, p.Lines+1
		default:
			p.Out, p.Lines = p.Out-amount, p.Lines+1
		}
	}
	p.Closing = p.Opening + p.In - p.Out
	all, err := ledger.Bookings(tx, ledger.BookingFilter{Account: domain.AccountFee, From: from, To: to}, daysBooked)
	require.NoError(t, err)
	for i := range all {
		p.Fees += all[i].On(domain.AccountFee)
	}
	got, err := ledger.PeriodOf(tx, domain.AccountAvailable, from, to)
	require.NoError(t, err)
	require.Equal(t, p, got, "%s to %s", from, to)
}

// statementByIndex reads no table of the ledger from its beginning to its end for a page of a month.
func statementByIndex(t *testing.T, api *tenants.DB) {
	t.Helper()
	for _, f := range []ledger.BookingFilter{
		{Account: domain.AccountAvailable},
		{Account: domain.AccountAvailable, From: "2025-03-01", To: "2025-03-31"},
		{Account: domain.AccountAvailable, From: "2025-03-01", To: "2025-03-31", Kinds: []domain.Kind{domain.KindLine}},
	} {
		require.NoError(t, api.In(t.Context(), 1, func(tx *tenants.Tx) error {
			lines, err := ledger.ExplainAccount(tx, f, ledger.LinePlace{Day: "2025-03-31", No: 1})
			plan := strings.Join(lines, "\n")
			require.Contains(t, plan, "ledger_transactions_day")
			require.Contains(t, plan, "ledger_entries_account")
			require.NotContains(t, plan, "Seq Scan", plan)
			return err
		}))
	}
}

// The day of a booking is written from its parts, so that no setting of a session is asked for each row: it is the
// day that a clock in São Paulo shows, through the years with daylight saving time too.
func TestTheDayOfABookingIsTheOneInSaoPaulo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wrong, told int
	err := w.all.QueryRow(
		t.Context(),
		`SELECT count(*) FILTER (WHERE ledger_day('', at) <> to_char(at AT TIME ZONE 'America/Sao_Paulo', 'YYYY-MM-DD')),
			count(*) FILTER (WHERE ledger_day('2026-03-09 10:00:00', at) = '2026-03-09')
		FROM generate_series(timestamptz '2016-01-01 02:30:00Z', '2031-01-01', '11 hours 59 minutes 30 seconds') at`,
	).Scan(&wrong, &told)
	require.NoError(t, err)
	require.Zero(t, wrong)
	require.Greater(t, told, 10_000)
}
