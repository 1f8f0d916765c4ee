package invoices

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerSums(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/invoices/summary", "getInvoiceSummary",
			"How many invoices there are and what they come to, by status, age, month or day", "Invoices",
			rest.InvoicesRead,
		),
		s.getInvoiceSummary,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/checkouts/summary", "getCheckoutSummary",
			"How many checkouts there are and what they come to, by status", "Checkouts", rest.CheckoutsRead,
		),
		s.getCheckoutSummary,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/anticipations/summary", "getAnticipationSummary",
			"What anticipations brought and cost, by status", "Anticipations", rest.AnticipationsRead,
		),
		s.getAnticipationSummary,
	)
}

// SumView is what some objects come to. An amount that nobody told adds nothing.
type SumView struct {
	Count    int            `json:"count"`
	Value    rest.MoneyView `json:"value"`
	NetValue rest.MoneyView `json:"netValue"`
	Fee      rest.MoneyView `json:"fee" doc:"value less netValue, where Asaas told both; of an anticipation its cost"`
}

type keyedSumView struct {
	Key    string  `json:"key" doc:"A status; a day; a month, 2026-11; or days overdue: 1-7, 8-15, 16-30, 31-60, 61+"`
	Method *string `json:"method" doc:"With by=methodMonth"`
	SumView
}

type sumsView struct {
	By    string         `json:"by"`
	Today string         `json:"today" format:"date" doc:"In São Paulo; what age is counted from"`
	Total SumView        `json:"total"`
	Sums  []keyedSumView `json:"sums" nullable:"false"`
}

type sumsOutput struct{ Body sumsView }

func (s *Handler) sumsOf(by string, list []query.Sum) *sumsOutput {
	out := &sumsOutput{sumsView{By: by, Today: string(s.today())}}
	var all query.Sum
	for _, sum := range list {
		all.Count, all.Fee = all.Count+sum.Count, all.Fee+sum.Fee
		all.Value, all.NetValue = all.Value+sum.Value, all.NetValue+sum.NetValue
	}
	out.Body.Total = sumOf(all)
	out.Body.Sums = rest.Map(list, func(sum query.Sum) keyedSumView {
		return keyedSumView{sum.Key, rest.TextOrNull(strings.ToLower(sum.Method)), sumOf(sum)}
	})
	return out
}

func sumOf(s query.Sum) SumView {
	return SumView{s.Count, rest.MoneyOf(s.Value), rest.MoneyOf(s.NetValue), rest.MoneyOf(s.Fee)}
}

// today is the day that it is in São Paulo.
func (s *Handler) today() domain.Day {
	return domain.Day(s.Instant().In(asaas.SaoPaulo).Format("2006-01-02"))
}

type invoiceSummaryInput struct {
	rest.TenantPath
	InvoiceQuery
	By string `query:"by" enum:"status,age,methodMonth,availableOn" default:"status" doc:"age: days since the due date, of those due before today; methodMonth: of payment; availableOn: the day the money is or will be in the balance"`
}

func (s *Handler) getInvoiceSummary(ctx context.Context, in *invoiceSummaryInput) (out *sumsOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		filter, err := in.Filter(tx, l)
		if err != nil {
			return err
		}
		list, err := query.InvoiceSums(tx, filter, in.By, s.today())
		out = s.sumsOf(in.By, list)
		return err
	})
	return out, err
}

type checkoutSummaryInput struct {
	rest.TenantPath
	CheckoutQuery
}

func (s *Handler) getCheckoutSummary(ctx context.Context, in *checkoutSummaryInput) (out *sumsOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		filter, err := in.Filter(tx)
		if err != nil {
			return err
		}
		list, err := query.CheckoutSums(tx, filter)
		out = s.sumsOf("status", list)
		return err
	})
	return out, err
}

type anticipationSummaryInput struct {
	rest.TenantPath
	AnticipationQuery
	From rest.Given[rest.DayText] `query:"anticipationDate[gte]"`
	To   rest.Given[rest.DayText] `query:"anticipationDate[lte]"`
}

type advanceSumView struct {
	Key string `json:"key" doc:"A status"`
	SumView
	Days *float64 `json:"days" doc:"Mean of the days anticipated, weighted by value; null: unknown"`
}

type advanceSumsOutput struct {
	Body struct {
		Sums []advanceSumView `json:"sums" nullable:"false"`
	}
}

func (s *Handler) getAnticipationSummary(
	ctx context.Context, in *anticipationSummaryInput,
) (out *advanceSumsOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		filter, err := in.Filter(tx)
		if err != nil {
			return err
		}
		list, err := query.AnticipationSums(tx, filter, rest.RangeOf(in.From, in.To, rest.DayText.Domain))
		out = &advanceSumsOutput{}
		out.Body.Sums = rest.Map(list, func(sum query.AdvanceSum) advanceSumView {
			v := advanceSumView{Key: sum.Key, SumView: sumOf(sum.Sum)}
			if sum.Value > 0 && sum.DayCents > 0 {
				mean := float64(sum.DayCents) / float64(sum.Value) // of days, not of money
				v.Days = &mean
			}
			return v
		})
		return err
	})
	return out, err
}
