package ledger

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

func (s *Handler) registerLedger(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/ledger/entries", "listLedgerEntries",
			"The clinic's bookings with their legs, newest first", "Ledger", rest.LedgerRead,
		),
		s.listLedgerEntries,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/ledger/balance", "getLedgerBalance",
			"What stands on each ledger account: the trial balance", "Ledger", rest.LedgerRead,
		),
		s.getLedgerBalance,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/ledger/summary", "getLedgerSummary",
			"What came onto an account and left it in some days, between its opening and its closing balance", "Ledger",
			rest.LedgerRead,
		),
		s.getLedgerPeriod,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/anticipations/{id}/ledger", "getAnticipationLedger",
			"What an anticipation advanced, cost, and still owes, in all and by invoice", "Ledger", rest.LedgerRead,
		),
		s.getAnticipationLedger,
	)
	rest.Register(
		api,
		CSVOperation(
			"/v1/tenants/{tenant}/ledger/statement.csv", "getLedgerStatement",
			"An account's bookings with its running balance, oldest first, as CSV",
		),
		s.getLedgerStatement,
	)
}

// BookingView is one transaction of the double-entry ledger. It is never changed: what
// puts it right is a booking of its own.
type BookingView struct {
	ID       string     `json:"id" example:"led_000000000000a"`
	No       int64      `json:"no" doc:"1, 2 … without a gap"`
	Kind     string     `json:"kind" doc:"What subject is" enum:"payment,anticipation,opening,statement,work_item"`
	Subject  string     `json:"subject" doc:"asaasId of the invoice or anticipation, Asaas's id of a statement line, or our work item"`
	Fact     string     `json:"fact" doc:"What happened: recognise, credit, refund:…, void:… takes another back, correct:… puts one right"`
	Cycle    int        `json:"cycle" doc:"1, 2 …: counts true repetitions"`
	At       *time.Time `json:"at" doc:"When it was true, by Asaas; null unknown"`
	BookedAt time.Time  `json:"bookedAt"`
	Event    *string    `json:"event" doc:"The event that first proved it"`
	Conflict bool       `json:"conflict" doc:"Puts an earlier booking right"`
	Legs     []LegView  `json:"legs" doc:"They sum to zero"`

	Effective    string                     `json:"effective" doc:"Day it belongs to: of at, else of bookedAt in São Paulo" format:"date"`
	BalanceAfter rest.Maybe[rest.MoneyView] `json:"balanceAfter" doc:"In a list of all that moved an account: what stood on it after this booking, in the list's order; else null"`
	Invoice      *string                    `json:"invoice" doc:"In a list: id of the invoice it is about"`
	Anticipation *string                    `json:"anticipation" doc:"In a list: id of the anticipation it is about"`
	Customer     *string                    `json:"customer" doc:"In a list: Asaas's id of the invoice's payer"`
	CustomerName *string                    `json:"customerName" doc:"In a list: the payer's name; null when it is not known yet, and without the scope personal:read"`
}

func legOf(l domain.Leg) LegView { return LegView{string(l.Account), rest.MoneyOf(l.Amount)} }

// LegView is one side of a booking.
type LegView struct {
	Account string         `json:"account" example:"asaas_available"`
	Amount  rest.MoneyView `json:"amount" doc:"Debit above zero, credit below"`
}

// BookingOf shows a booking.
func BookingOf(b ledger.Booking) BookingView {
	return BookingView{
		ID:       ledgerID(b.No),
		No:       b.No,
		Kind:     string(b.Kind),
		Subject:  b.Key.Subject,
		Fact:     b.Key.Name,
		Cycle:    b.Key.Cycle,
		At:       rest.LocalTimeOrNull(b.At),
		BookedAt: b.BookedAt,
		Event:    rest.EventIDOrNull(b.By),
		Conflict: b.Conflict,
		Legs:     rest.Map(b.Legs, legOf),

		Effective: string(b.Day()),
	}
}

// ledgerID is a booking's number as the world sees it.
func ledgerID(no int64) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(no >> (56 - 8*i))
	}
	return domain.PublicID("led", b[:])
}

// balanceView is a clinic's trial balance.
type balanceView struct {
	Available rest.MoneyView `json:"available" doc:"asaas_available: what the balance at Asaas should be, as far as events tell"`
	Accounts  []accountView  `json:"accounts" doc:"Accounts that were booked on"`
	Balanced  bool           `json:"balanced" doc:"Debits equal credits; never anything else"`
}

type accountView struct {
	Account string         `json:"account"`
	Debit   rest.MoneyView `json:"debit" doc:"Sum of debits"`
	Credit  rest.MoneyView `json:"credit" doc:"Sum of credits"`
	Balance rest.MoneyView `json:"balance" doc:"Debits less credits"`
}

type balanceInput struct{ rest.TenantPath }

type balanceOutput struct{ Body balanceView }

func (s *Handler) getLedgerBalance(ctx context.Context, in *balanceInput) (out *balanceOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		list, err := ledger.TrialBalance(tx)
		out = &balanceOutput{balanceOf(list)}
		return err
	})
	return out, err
}

func balanceOf(list []ledger.AccountBalance) balanceView {
	v := balanceView{Available: rest.MoneyOf(0)}
	var sum domain.Money
	for _, a := range list {
		sum += a.Balance()
		if a.Account == domain.AccountAvailable {
			v.Available = rest.MoneyOf(a.Balance())
		}
	}
	v.Balanced = sum == 0
	v.Accounts = rest.Map(list, func(a ledger.AccountBalance) accountView {
		return accountView{string(a.Account), rest.MoneyOf(a.Debit), rest.MoneyOf(a.Credit), rest.MoneyOf(a.Balance())}
	})
	return v
}
