package ledger

import (
	"context"
	"fmt"
	"strconv"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

// LedgerQuery narrows the list of bookings, and the files of it.
type LedgerQuery struct {
	Subject string                   `query:"subject" maxLength:"200" doc:"asaasId of an invoice or anticipation"`
	Account string                   `query:"account" maxLength:"50" doc:"With a leg on this account"`
	Kind    []string                 `query:"kind" enum:"payment,anticipation,opening,statement,work_item" doc:"Any of these"`
	From    rest.Given[rest.DayText] `query:"effective[gte]" doc:"First day that a booking belongs to"`
	To      rest.Given[rest.DayText] `query:"effective[lte]" doc:"Last day"`
}

// Filter returns the query as the store reads it.
func (in *LedgerQuery) Filter() ledger.BookingFilter {
	f := ledger.BookingFilter{Subject: in.Subject, Account: domain.Account(in.Account)}
	for _, k := range in.Kind {
		f.Kinds = append(f.Kinds, domain.Kind(k))
	}
	if in.From.OK {
		f.From = in.From.V.Domain()
	}
	if in.To.OK {
		f.To = in.To.V.Domain()
	}
	return f
}

// ListLedgerInput is what the list of bookings takes, and the export of it.
type ListLedgerInput struct {
	rest.TenantPath
	rest.PageInput
	LedgerQuery
	Sort string `query:"sort" enum:"-no,-effective" default:"-no" doc:"In the order of booking, or of the days that bookings belong to; the newest first"`
}

// cursorName names the list and all that narrows it, for the cursors of its pages.
func (in *ListLedgerInput) cursorName(c tenants.Clinic, f ledger.BookingFilter) string {
	name := "ledger " + c.PublicID.Public("ten") + " " + strconv.Quote(in.Subject) + strconv.Quote(in.Account)
	if in.Sort != "-no" || len(f.Kinds) > 0 || f.From != "" || f.To != "" {
		name += fmt.Sprintf(" %s %q %s %s", in.Sort, f.Kinds, f.From, f.To)
	}
	return name
}

func (s *Handler) listLedgerEntries(ctx context.Context, in *ListLedgerInput) (*rest.ListOutput[BookingView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	f := in.Filter()
	name := in.cursorName(c, f)
	at, err := in.At(name)
	if err != nil {
		return nil, err
	}
	var list []BookingView
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		rows, err := readBookings(tx, f, in.Sort, at, in.Limit+1)
		if err != nil {
			return err
		}
		list, err = s.entriesOf(tx, l, f, in.Sort, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rest.Paged(in.PageInput, name, list, func(v BookingView) string {
		if in.Sort == "-effective" {
			return ledger.LinePlace{Day: domain.Day(v.Effective), No: v.No}.Text()
		}
		return strconv.FormatInt(v.No, 10)
	}), nil
}

// readBookings reads the rows behind a cursor's key, in the order that is asked for.
func readBookings(
	tx *tenants.Tx, f ledger.BookingFilter, sort, at string, limit int,
) ([]ledger.Booking, error) {
	if sort != "-effective" {
		f.Before, _ = strconv.ParseInt(at, 10, 64)
		return ledger.Bookings(tx, f, limit)
	}
	var from *ledger.LinePlace
	if at != "" {
		place, ok := ledger.ParseLinePlace(at)
		if !ok {
			return nil, rest.CursorProblem(tenants.ErrCursor)
		}
		from = &place
	}
	return ledger.BookingsByDay(tx, f, from, false, limit)
}

// entriesOf shows bookings with what they are about, and the balance after each where the list is all of an account.
func (s *Handler) entriesOf(
	tx *tenants.Tx, l rest.ClinicView, f ledger.BookingFilter, sort string, rows []ledger.Booking,
) ([]BookingView, error) {
	list := rest.Map(rows, BookingOf)
	if len(rows) == 0 {
		return list, nil
	}
	if err := nameSubjects(tx, l, rows, list); err != nil {
		return nil, err
	}
	if f.Account == "" || f.Subject != "" || len(f.Kinds) > 0 || sort == "-no" && (f.From != "" || f.To != "") {
		return list, nil
	}
	var balance domain.Money
	var err error
	if sort == "-effective" {
		balance, err = ledger.BalanceAfter(tx, f.Account, rows[0].Place())
	} else {
		balance, err = ledger.BalanceAt(tx, f.Account, rows[0].No)
	}
	for i := range list {
		list[i].BalanceAfter = rest.Present(rest.MoneyOf(balance))
		balance -= rows[i].On(f.Account)
	}
	return list, err
}

// nameSubjects tells of each booking which invoice or anticipation it is about, and who pays, as far as the caller may
// see names.
func nameSubjects(tx *tenants.Tx, l rest.ClinicView, rows []ledger.Booking, list []BookingView) error {
	ids := rest.Map(rows, func(b ledger.Booking) string { return b.Key.Subject })
	subjects, err := query.Subjects(tx, ids)
	if err != nil {
		return err
	}
	var names map[string]payers.Payer
	if l.Personal {
		var customers []string
		for _, subject := range subjects {
			customers = append(customers, subject.Customer)
		}
		if names, err = payers.Payers(tx, l.Decryptor.Open, customers); err != nil {
			return err
		}
	}
	for i := range list {
		subject, known := subjects[rows[i].Key.Subject]
		switch {
		case !known || subject.Kind != rows[i].Kind:
		case subject.Kind == domain.KindAnticipation:
			list[i].Anticipation = rest.TextOrNull(subject.ID.Public("ant"))
		default:
			list[i].Invoice = rest.TextOrNull(subject.ID.Public("ivc"))
			list[i].Customer = rest.TextOrNull(subject.Customer)
			list[i].CustomerName = rest.TextOrNull(names[subject.Customer].Name)
		}
	}
	return nil
}
