package ledger

import (
	"context"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/query"
)

// advanceLedgerView is an anticipation as the ledger has it: money received before it was due,
// owed until the invoices are credited.
type advanceLedgerView struct {
	AdvanceAmounts
	Anticipation string               `json:"anticipation" doc:"Id of the anticipation"`
	DueDate      *string              `json:"dueDate" doc:"When the advance falls due" format:"date"`
	CostPeriod   *string              `json:"costPeriod" doc:"Fee ÷ value, per cent" example:"1.83"`
	CostMonthly  *string              `json:"costMonthly" doc:"(value ÷ net)^(30 ÷ days) − 1, per cent" example:"5.17"`
	Invoices     []advanceInvoiceView `json:"invoices" doc:"The split over the invoices, by their net values, to the last centavo; empty while none is known"`
	Entries      []BookingView        `json:"entries" doc:"Its bookings, newest first"`
}

// AdvanceAmounts is what was moved; an invoice's share sums with the others to the whole.
type AdvanceAmounts struct {
	Advanced rest.MoneyView `json:"advanced" doc:"Taken as an advance: fee and what was credited"`
	Fee      rest.MoneyView `json:"fee"`
	Credited rest.MoneyView `json:"credited" doc:"What reached the balance"`
	Owed     rest.MoneyView `json:"owed" doc:"Of the advance, not yet paid back"`
}

type advanceInvoiceView struct {
	AdvanceAmounts
	Invoice string `json:"invoice" doc:"Id of the invoice"`
	AsaasID string `json:"asaasId"`
}

type anticipationLedgerInput struct {
	rest.TenantPath
	ID string `path:"id" doc:"Ours, or Asaas's"`
}

type anticipationLedgerOutput struct{ Body advanceLedgerView }

func (s *Handler) getAnticipationLedger(
	ctx context.Context, in *anticipationLedgerInput,
) (out *anticipationLedgerOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		a, err := rest.FindStored(tx, "ant", in.ID, query.Anticipation, query.AnticipationByAsaasID)
		if err != nil {
			return err
		}
		bookings, err := ledger.Bookings(tx, ledger.BookingFilter{Subject: a.Value.ID}, 1000)
		if err != nil {
			return err
		}
		debits, err := ledger.PlanDebits(tx, a.Value.ID)
		if err != nil {
			return err
		}
		bookings = append(debits, bookings...)
		invoices, err := query.AdvancedInvoices(tx, a.Value)
		if err != nil {
			return err
		}
		out = &anticipationLedgerOutput{advanceOf(a, bookings, invoices)}
		return nil
	})
	return out, err
}

// moved is what the ledger says of an advance.
type moved struct{ advanced, fee, credited, owed domain.Money }

func movedBy(bookings []ledger.Booking) (m moved) {
	for _, b := range bookings {
		name := b.Key.Base().Name
		for _, l := range b.Legs {
			switch {
			case l.Account == domain.AccountAdvanceFee:
				m.fee += l.Amount
			case l.Account == domain.AccountAdvance:
				m.owed -= l.Amount
				if !domain.SettlesAdvance(name) {
					m.advanced -= l.Amount
				}
			}
		}
	}
	m.credited = m.advanced - m.fee
	return m
}

func (m moved) amounts() AdvanceAmounts {
	return AdvanceAmounts{rest.MoneyOf(m.advanced), rest.MoneyOf(m.fee), rest.MoneyOf(m.credited), rest.MoneyOf(m.owed)}
}

func advanceOf(
	a query.Stored[domain.Anticipation], bookings []ledger.Booking, invoices []query.Stored[domain.Invoice],
) advanceLedgerView {
	m := movedBy(bookings)
	v := advanceLedgerView{
		AdvanceAmounts: m.amounts(),
		Anticipation:   a.ID.Public("ant"),
		DueDate:        rest.TextOrNull(a.Value.DueDate),
		Entries:        rest.Map(bookings, BookingOf),
	}
	if cost, ok := domain.CostOf(a.Value); ok {
		v.CostPeriod, v.CostMonthly = rest.TextOrNull(cost.Period), rest.TextOrNull(cost.Monthly)
	}
	weights := rest.Map(invoices, func(i query.Stored[domain.Invoice]) domain.Money { return max(i.Value.NetValue.V, 0) })
	advanced, fee, owed := domain.Allocate(m.advanced, weights), domain.Allocate(m.fee, weights),
		domain.Allocate(m.owed, weights)
	v.Invoices = []advanceInvoiceView{}
	for n, i := range invoices {
		share := moved{advanced[n], fee[n], advanced[n] - fee[n], owed[n]}
		v.Invoices = append(v.Invoices, advanceInvoiceView{share.amounts(), i.ID.Public("ivc"), i.Value.ID})
	}
	return v
}
