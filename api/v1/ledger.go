package v1

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Server) registerLedger(api huma.API) {
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/ledger/entries", "listLedgerEntries", "The clinic's bookings with their legs, newest first", "Ledger", ledgerRead), s.listLedgerEntries)
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/ledger/balance", "getLedgerBalance", "What stands on each ledger account: the trial balance", "Ledger", ledgerRead), s.getLedgerBalance)
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/anticipations/{id}/ledger", "getAnticipationLedger", "What an anticipation advanced, cost, and still owes, in all and by invoice", "Ledger", ledgerRead), s.getAnticipationLedger)
	add(api, csvOperation("/v1/tenants/{tenant}/ledger/statement.csv", "getLedgerStatement", "An account's bookings with its running balance, oldest first, as CSV"), s.getLedgerStatement)
}

// bookingView is one transaction of the double-entry ledger. It is never changed: what
// puts it right is a booking of its own.
type bookingView struct {
	ID       string     `json:"id" example:"led_000000000000a"`
	No       int64      `json:"no" doc:"1, 2 … without a gap"`
	Kind     string     `json:"kind" enum:"payment,anticipation,opening,statement,work_item" doc:"What subject is"`
	Subject  string     `json:"subject" doc:"asaasId of the invoice or anticipation, Asaas's id of a statement line, or our work item"`
	Fact     string     `json:"fact" doc:"What happened: recognise, credit, refund:…, void:… takes another back, correct:… puts one right"`
	Cycle    int        `json:"cycle" doc:"1, 2 …: counts true repetitions"`
	At       *time.Time `json:"at" doc:"When it was true, by Asaas; null unknown"`
	BookedAt time.Time  `json:"bookedAt"`
	Event    *string    `json:"event" doc:"The event that first proved it"`
	Conflict bool       `json:"conflict" doc:"Puts an earlier booking right"`
	Legs     []legView  `json:"legs" doc:"They sum to zero"`
}

type legView struct {
	Account string    `json:"account" example:"asaas_available"`
	Amount  moneyView `json:"amount" doc:"Debit above zero, credit below"`
}

func bookingOf(b ledger.Booking) bookingView {
	return bookingView{ID: ledgerID(b.No), No: b.No, Kind: string(b.Kind), Subject: b.Key.Subject, Fact: b.Key.Name, Cycle: b.Key.Cycle, At: instant(b.At),
		BookedAt: b.BookedAt, Event: eventID(b.By), Conflict: b.Conflict,
		Legs: each(b.Legs, func(l domain.Leg) legView { return legView{string(l.Account), moneyOf(l.Amount)} })}
}

// ledgerID is a booking's number as the world sees it.
func ledgerID(no int64) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(no >> (56 - 8*i))
	}
	return domain.PublicID("led", b[:])
}

type listLedgerInput struct {
	TenantPath
	PageInput
	Subject string `query:"subject" maxLength:"200" doc:"asaasId of an invoice or anticipation"`
	Account string `query:"account" maxLength:"50" doc:"With a leg on this account"`
}

func (s *Server) listLedgerEntries(ctx context.Context, in *listLedgerInput) (*listOutput[bookingView], error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	filter := "ledger " + c.PublicID.Public("ten") + " " + strconv.Quote(in.Subject) + strconv.Quote(in.Account)
	at, err := in.at(filter)
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(at, 10, 64)
	var rows []ledger.Booking
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		rows, err = ledger.Bookings(tx, ledger.BookingFilter{Subject: in.Subject, Account: domain.Account(in.Account), Before: before}, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return paged(in.PageInput, filter, each(rows, bookingOf), func(v bookingView) string { return strconv.FormatInt(v.No, 10) }), nil
}

// balanceView is a clinic's trial balance.
type balanceView struct {
	Available moneyView     `json:"available" doc:"asaas_available: what the balance at Asaas should be, as far as events tell"`
	Accounts  []accountView `json:"accounts" doc:"Accounts that were booked on"`
	Balanced  bool          `json:"balanced" doc:"Debits equal credits; never anything else"`
}

type accountView struct {
	Account string    `json:"account"`
	Debit   moneyView `json:"debit" doc:"Sum of debits"`
	Credit  moneyView `json:"credit" doc:"Sum of credits"`
	Balance moneyView `json:"balance" doc:"Debits less credits"`
}

type balanceInput struct{ TenantPath }

type balanceOutput struct{ Body balanceView }

func (s *Server) getLedgerBalance(ctx context.Context, in *balanceInput) (out *balanceOutput, err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, _ lens) error {
		list, err := ledger.TrialBalance(tx)
		out = &balanceOutput{balanceOf(list)}
		return err
	})
	return out, err
}

func balanceOf(list []ledger.AccountBalance) balanceView {
	v := balanceView{Available: moneyOf(0)}
	var sum domain.Money
	for _, a := range list {
		sum += a.Balance()
		if a.Account == domain.AccountAvailable {
			v.Available = moneyOf(a.Balance())
		}
	}
	v.Balanced = sum == 0
	v.Accounts = each(list, func(a ledger.AccountBalance) accountView {
		return accountView{string(a.Account), moneyOf(a.Debit), moneyOf(a.Credit), moneyOf(a.Balance())}
	})
	return v
}
