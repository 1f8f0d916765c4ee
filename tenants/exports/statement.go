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
			page, err := statementPage(tx, r, f, place)
			b := batch{objects: len(page.rows), next: page.next}
			if place == "" && wholeStatement(f) && page.begun {
				b.lines = [][]string{{dayCell(f.From), "Saldo anterior", "", "", "", "", Reais(page.opening)}}
			}
			balance := page.opening
			for i := range page.rows {
				balance += page.rows[i].On(f.Account)
				b.lines = append(b.lines, statementLine(f, &page.rows[i], page.names[page.rows[i].Key.Subject], balance))
			}
			return b, err
		},
	}
}

// statementRows are some lines of a statement.
type statementRows struct {
	rows    []ledger.Booking
	names   map[string]string // of who pays, by subject
	opening domain.Money      // on the account before the rows
	balance domain.Money      // and after them, where no line is left out
	next    string            // place behind them; "": there is nothing
	begun   bool              // there is a ledger
}

// statementPage reads the lines behind a place.
func statementPage(tx *tenants.Tx, r reader, f ledger.BookingFilter, place string) (p statementRows, err error) {
	at, err := statementBegins(tx, f, place)
	if err != nil {
		return p, err
	}
	next := f
	next.Until = at.until
	if p.rows, err = ledger.BookingsByDay(tx, next, at.from, true, pageRows); err != nil {
		return p, err
	}
	p.opening, p.begun = at.balance, at.until > 0
	for i := range p.rows {
		at.balance += p.rows[i].On(f.Account)
	}
	p.balance = at.balance
	if len(p.rows) == pageRows {
		last := p.rows[len(p.rows)-1].Place()
		at.from = &last
		p.next = at.text()
	}
	p.names, err = subjectNames(tx, r, p.rows)
	return p, err
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

// statementBegins reads a place; that of the beginning has the opening balance.
func statementBegins(tx *tenants.Tx, f ledger.BookingFilter, text string) (p statementPlace, err error) {
	if parts := strings.Fields(text); len(parts) == 3 {
		from, _ := ledger.ParseLinePlace(parts[2])
		balance, _ := strconv.ParseInt(parts[1], 10, 64)
		p.until, err = strconv.ParseInt(parts[0], 10, 64)
		p.from, p.balance = &from, domain.Money(balance)
		return p, err
	}
	newest, err := ledger.Bookings(tx, ledger.BookingFilter{}, 1)
	if err != nil || len(newest) == 0 {
		return p, err
	}
	p.until = newest[0].No
	period, err := ledger.PeriodOf(tx, f.Account, f.From, f.To)
	p.balance = period.Opening
	return p, err
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
