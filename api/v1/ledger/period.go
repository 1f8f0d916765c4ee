package ledger

import (
	"context"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// periodView is what moved on an account in some days.
type periodView struct {
	From    *string        `json:"from" doc:"First day; null: from the beginning" format:"date"`
	To      *string        `json:"to" doc:"Last day; null: to the end" format:"date"`
	Opening rest.MoneyView `json:"opening" doc:"On the account before the first day"`
	Closing rest.MoneyView `json:"closing" doc:"On the account after the last day: opening + in − out"`
	In      rest.MoneyView `json:"in" doc:"What came onto the account"`
	Out     rest.MoneyView `json:"out" doc:"What left it"`
	Fees    rest.MoneyView `json:"fees" doc:"What Asaas kept for payments, anticipations and transfers of these days, whatever account it was taken from"`
	Lines   int            `json:"lines" doc:"Bookings that moved the account"`
}

type periodInput struct {
	rest.TenantPath
	Account rest.Word[domain.Account] `query:"account" default:"asaas_available" doc:"Whose bookings"`
	From    rest.Given[rest.DayText]  `query:"effective[gte]" doc:"First day; absent: from the beginning"`
	To      rest.Given[rest.DayText]  `query:"effective[lte]" doc:"Last day; absent: to the end"`
}

type periodOutput struct{ Body periodView }

func (s *Handler) getLedgerPeriod(ctx context.Context, in *periodInput) (out *periodOutput, err error) {
	var from, to domain.Day
	if in.From.OK {
		from = in.From.V.Domain()
	}
	if in.To.OK {
		to = in.To.V.Domain()
	}
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		p, err := ledger.PeriodOf(tx, domain.Account(in.Account), from, to)
		out = &periodOutput{periodView{
			From: rest.TextOrNull(from), To: rest.TextOrNull(to),
			Opening: rest.MoneyOf(p.Opening), Closing: rest.MoneyOf(p.Closing),
			In: rest.MoneyOf(p.In), Out: rest.MoneyOf(p.Out), Fees: rest.MoneyOf(p.Fees), Lines: p.Lines,
		}}
		return err
	})
	return out, err
}
