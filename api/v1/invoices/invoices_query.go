package invoices

import (
	"strings"
	"time"

	"patapay/api/rest"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/query"
)

type listInvoicesInput struct {
	rest.TenantPath
	rest.ListInput
	InvoiceQuery
	Sort string `query:"sort" enum:"createdAt,-createdAt,dueDate,-dueDate,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
}

// InvoiceQuery has a filter for each attribute that people look for.
type InvoiceQuery struct {
	Status            []string                 `query:"status" enum:"pending,overdue,authorized,in_review,confirmed,received,received_in_cash,refunding,refunded,disputed,in_collection,collected,removed,unknown,not_at_asaas" doc:"Any of these"`
	AsaasStatus       []string                 `query:"asaasStatus" doc:"Any of these words of Asaas's"`
	Method            []string                 `query:"method" doc:"Any of these: pix, boleto, credit_card …"`
	DueFrom           rest.Given[rest.DayText] `query:"dueDate[gte]"`
	DueTo             rest.Given[rest.DayText] `query:"dueDate[lte]"`
	PaidFrom          rest.Given[time.Time]    `query:"paidAt[gte]"`
	PaidTo            rest.Given[time.Time]    `query:"paidAt[lte]"`
	PayerPaidFrom     rest.Given[rest.DayText] `query:"clientPaymentDate[gte]"`
	PayerPaidTo       rest.Given[rest.DayText] `query:"clientPaymentDate[lte]"`
	AmountFrom        rest.Given[int64]        `query:"amountCents[gte]"`
	AmountTo          rest.Given[int64]        `query:"amountCents[lte]"`
	RefusedSince      rest.Given[time.Time]    `query:"refusedSince" doc:"The card was refused then or later"`
	Dispute           string                   `query:"dispute" enum:"open,ended,any" doc:"The card holder disputes it, did so before, or either"`
	ExternalReference string                   `query:"externalReference" maxLength:"500"`
	Customer          string                   `query:"customer" doc:"Asaas's id of the payer" maxLength:"200"`
	CustomerName      string                   `query:"customerName" doc:"Words of the payer's name, or their first three letters and more; all must be there. Needs personal:read" maxLength:"200"`
	CheckoutSession   string                   `query:"checkoutSession" doc:"asaasId of a checkout" maxLength:"200"`
	Installment       string                   `query:"installment" doc:"Asaas's id of an instalment plan" maxLength:"200"`
	Subscription      string                   `query:"subscription" doc:"Asaas's id of a subscription" maxLength:"200"`
	AsaasID           string                   `query:"asaasId" maxLength:"200"`
	Q                 string                   `query:"q" doc:"One thing to look for: a value (R$ 310,00), a due date (30/11/2026 or 2026-11-30), or a name, letter for letter: an id of ours or of Asaas's (ivc_…, pay_…, of the payer, plan, checkout or subscription too), an externalReference whatever its form, the invoiceNumber, the nossoNumero, or with personal:read words of the payer's name as in customerName. What may be several of these finds all of them. Beside filters of the same attribute it decides" maxLength:"500"`
}

// Filter reads the query; names among it are looked up.
func (in *InvoiceQuery) Filter(tx *tenants.Tx, l rest.ClinicView) (f query.InvoiceFilter, err error) {
	f = query.InvoiceFilter{
		Status:            in.Status,
		AsaasStatus:       in.AsaasStatus,
		Method:            rest.Map(in.Method, strings.ToUpper),
		Due:               rest.RangeOf(in.DueFrom, in.DueTo, rest.DayText.Domain),
		Paid:              rest.RangeOf(in.PaidFrom, in.PaidTo, asaas.LocalTimeOf),
		PayerPaid:         rest.RangeOf(in.PayerPaidFrom, in.PayerPaidTo, rest.DayText.Domain),
		Value:             rest.RangeOf(in.AmountFrom, in.AmountTo, rest.Cents),
		Dispute:           in.Dispute,
		ExternalReference: in.ExternalReference,
		Customer:          in.Customer,
		CheckoutSession:   in.CheckoutSession,
		Installment:       in.Installment,
		Subscription:      in.Subscription,
		AsaasID:           in.AsaasID,
	}
	f.RefusedSince = rest.RangeOf(in.RefusedSince, rest.Given[time.Time]{}, asaas.LocalTimeOf).From
	name, err := searchText(namesIn(tx), strings.TrimSpace(in.Q), &f)
	if err == nil && name != "" {
		f.OrNamed, err = TypedName(l, tx, name)
	}
	if f.CustomerName = strings.TrimSpace(in.CustomerName); f.CustomerName != "" && err == nil {
		f.Named, err = customerName(l, tx, f.CustomerName)
	}
	return f, err
}
