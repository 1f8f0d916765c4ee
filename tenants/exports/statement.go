package exports

import (
	"cmp"
	"strconv"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

var statementHeading = []string{"Data", "Descrição", "Cliente", "Referência", "Entrada", "Saída", "Saldo"}

// statementSource has a line for each booking that moved an account, in the order of their days, the oldest first, with
// the balance after each where no line is left out. It ends with the bookings that there were when it was begun.
func statementSource(f ledger.BookingFilter) source {
	f.Account = cmp.Or(f.Account, domain.AccountAvailable)
	return source{
		heading: statementHeading,
		count: func(tx *tenants.Tx) (int, bool, error) {
			p, err := ledger.PeriodOf(tx, f.Account, f.From, f.To)
			return p.Lines, p.Lines > Most, err
		},
		read: func(tx *tenants.Tx, r reader, place string) (batch, error) {
			at, opening, err := statementBegins(tx, f, place)
			if err != nil {
				return batch{}, err
			}
			next := f
			next.Until = at.until
			rows, err := ledger.BookingsByDay(tx, next, at.from, true, pageRows)
			if err != nil {
				return batch{}, err
			}
			b := batch{objects: len(rows), lines: opening}
			names, err := subjectNames(tx, r, rows)
			for i := range rows {
				at.balance += rows[i].On(f.Account)
				b.lines = append(b.lines, statementLine(f, &rows[i], names[rows[i].Key.Subject], at.balance))
			}
			if len(rows) == pageRows {
				last := rows[len(rows)-1].Place()
				at.from = &last
				b.next = at.text()
			}
			return b, err
		},
	}
}

// statementPlace is where a statement goes on: behind a booking, with the balance after it.
type statementPlace struct {
	until   int64 // the last booking that there was at the beginning
	balance domain.Money
	from    *ledger.LinePlace
}

func (p statementPlace) text() string {
	return strconv.FormatInt(p.until, 10) + " " + strconv.FormatInt(int64(p.balance), 10) + " " + p.from.Text()
}

// statementBegins reads a place; at the beginning it returns the line of the opening balance too.
func statementBegins(
	tx *tenants.Tx, f ledger.BookingFilter, text string,
) (p statementPlace, opening [][]string, err error) {
	if parts := strings.Fields(text); len(parts) == 3 {
		from, _ := ledger.ParseLinePlace(parts[2])
		balance, _ := strconv.ParseInt(parts[1], 10, 64)
		p.until, err = strconv.ParseInt(parts[0], 10, 64)
		p.from, p.balance = &from, domain.Money(balance)
		return p, nil, err
	}
	newest, err := ledger.Bookings(tx, ledger.BookingFilter{}, 1)
	if err != nil || len(newest) == 0 {
		return p, nil, err
	}
	p.until = newest[0].No
	period, err := ledger.PeriodOf(tx, f.Account, f.From, f.To)
	p.balance = period.Opening
	if wholeStatement(f) {
		opening = [][]string{{dayCell(f.From), "Saldo anterior", "", "", "", "", Reais(period.Opening)}}
	}
	return p, opening, err
}

// wholeStatement says whether a filter leaves every line of its days, so that balances make sense.
func wholeStatement(f ledger.BookingFilter) bool { return f.Subject == "" && len(f.Kinds) == 0 }

func statementLine(f ledger.BookingFilter, b *ledger.Booking, payer string, balance domain.Money) []string {
	amount, after := b.On(f.Account), ""
	in, out := Reais(amount), ""
	if amount < 0 {
		in, out = "", Reais(-amount)
	}
	if wholeStatement(f) {
		after = Reais(balance)
	}
	return []string{dayCell(b.Day()), Booked(b.Kind, b.Key), payer, b.Key.Subject, in, out, after}
}

// subjectNames returns the names of who pays what the bookings are about, by the gateway's id of that; none for who may
// see no names.
func subjectNames(tx *tenants.Tx, r reader, rows []ledger.Booking) (map[string]string, error) {
	if !r.Personal {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].Key.Subject
	}
	subjects, err := query.Subjects(tx, ids)
	if err != nil {
		return nil, err
	}
	var customers []string
	for _, subject := range subjects {
		customers = append(customers, subject.Customer)
	}
	known, err := payers.Payers(tx, r.open, customers)
	names := map[string]string{}
	for id, subject := range subjects {
		names[id] = known[subject.Customer].Name
	}
	return names, err
}
