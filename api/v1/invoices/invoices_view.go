package invoices

import (
	"net/url"
	"strings"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/query"
)

// invoiceTexts is the sealed free text of a payment.
type invoiceTexts struct {
	Description           string          `json:"description"`
	InvoiceURL            string          `json:"invoiceUrl"`
	BankSlipURL           string          `json:"bankSlipUrl"`
	TransactionReceiptURL string          `json:"transactionReceiptUrl"`
	Split                 []describedText `json:"split"`
	Refunds               []refundText    `json:"refunds"`
	Cut                   []string        `json:"cut"`
}

// InvoiceOf returns the invoice as the caller may see it; advances are the anticipations
// by payment.
func InvoiceOf(
	l rest.ClinicView, s query.Stored[domain.Invoice], advances map[string]query.Stored[domain.Anticipation],
	names PayerNames,
) (v InvoiceView, err error) {
	i := &s.Value
	var t invoiceTexts
	if err := l.ReadTexts(domain.KindPayment, i.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = InvoiceView{
		StoredView: rest.StoredOf("ivc", s, i.Projection),
		Status:     string(i.Shown()),
		Method:     rest.TextOrNull(strings.ToLower(i.Method)),
		PaidAt:     rest.LocalTimeOrNull(i.PaidAt),
	}
	v.CutTexts = t.Cut
	v.money(i)
	v.days(i)
	v.references(i)
	v.CustomerName = rest.TextOrNull(names[i.Customer].Name)
	v.terms(i)
	v.Split, v.Refunds = splitsOf(i.Split, t.Split), refundsOf(i.Refunds, t.Refunds)
	v.Description, v.InvoiceURL, v.BankSlipURL, v.TransactionReceiptURL = rest.TextOrNull(t.Description),
		rest.TextOrNull(t.InvoiceURL), rest.TextOrNull(t.BankSlipURL), rest.TextOrNull(t.TransactionReceiptURL)
	v.Links = invoiceLinks{Self: l.Path("invoices/" + v.ID), Events: l.Path("events?entity=" + url.QueryEscape(i.ID))}
	if i.CheckoutSession != "" {
		v.Links.Checkout = rest.TextOrNull(l.Path("checkouts/" + url.PathEscape(i.CheckoutSession)))
	}
	if a, ok := advances[i.ID]; ok {
		v.Anticipation = rest.Present(
			advanceView{
				a.ID.Public("ant"),
				a.Value.ID,
				string(a.Value.Status),
				rest.MoneyOrNull(a.Value.Fee),
				rest.MoneyOrNull(a.Value.NetValue),
			},
		)
		v.Links.Anticipation = rest.TextOrNull(l.Path("anticipations/" + a.ID.Public("ant")))
	}
	return v, nil
}

func (v *InvoiceView) money(i *domain.Invoice) {
	v.Value, v.NetValue, v.Fee = rest.MoneyOrNull(i.Value), rest.MoneyOrNull(i.NetValue), rest.MoneyOrNull(i.Fee())
	v.GrossValue, v.OriginalValue, v.InterestValue = rest.MoneyOrNull(i.GrossValue),
		rest.MoneyOrNull(i.OriginalValue), rest.MoneyOrNull(i.InterestValue)
	v.RefundedAmount = rest.MoneyOf(i.RefundedAmount)
}

func (v *InvoiceView) days(i *domain.Invoice) {
	v.CreatedOn, v.DueDate, v.OriginalDueDate = rest.TextOrNull(i.CreatedOn), rest.TextOrNull(i.DueDate),
		rest.TextOrNull(i.OriginalDueDate)
	v.ConfirmedDate, v.PaymentDate, v.ClientPaymentDate = rest.TextOrNull(i.ConfirmedDate),
		rest.TextOrNull(i.PaymentDate), rest.TextOrNull(i.ClientPaymentDate)
	v.CreditDate, v.EstimatedCreditDate, v.AvailableOn = rest.TextOrNull(i.CreditDate),
		rest.TextOrNull(i.EstimatedCreditDate), rest.TextOrNull(domain.AvailableOn(i))
	v.InvoiceViewedAt, v.BankSlipViewedAt = i.InvoiceViewedAt.Ptr(), i.BankSlipViewedAt.Ptr()
}

func (v *InvoiceView) references(i *domain.Invoice) {
	if i.CardBrand != "" || i.CardLast4 != "" {
		v.Card = rest.Present(cardView{rest.TextOrNull(i.CardBrand), rest.TextOrNull(i.CardLast4)})
	}
	v.Customer, v.Subscription, v.Installment, v.InstallmentNumber = rest.TextOrNull(i.Customer),
		rest.TextOrNull(i.Subscription), rest.TextOrNull(i.Installment), i.InstallmentNumber.Ptr()
	v.CheckoutSession, v.PaymentLink, v.ExternalReference = rest.TextOrNull(i.CheckoutSession),
		rest.TextOrNull(i.PaymentLink), rest.TextOrNull(i.ExternalReference)
	v.InvoiceNumber, v.NossoNumero, v.PixTransaction, v.PixQRCode = rest.TextOrNull(i.InvoiceNumber),
		rest.TextOrNull(i.NossoNumero), rest.TextOrNull(i.PixTransaction), rest.TextOrNull(i.PixQRCode)
}

func (v *InvoiceView) terms(i *domain.Invoice) {
	v.Deleted, v.Anticipated, v.Anticipable = i.Deleted, i.Anticipated, i.Anticipable
	v.PayableAfterDue, v.SlipDaysAfterDue = i.PayableAfterDue.Ptr(), i.SlipDaysAfterDue.Ptr()
	v.PostalService = i.PostalService
	v.Discount, v.Fine, v.Interest = rest.MaybeAs(i.Discount, discountOf), rest.MaybeAs(i.Fine, surchargeOf),
		rest.MaybeAs(i.Interest, surchargeOf)
	if r := i.CardRefusals; r.Count > 0 {
		v.LastRefusal = rest.Present(refusalView{rest.LocalTimeOrNull(r.LastAt), string(r.Last), r.Count})
	}
	v.Chargeback, v.Escrow = rest.MaybeAs(i.Chargeback, chargebackOf), rest.MaybeAs(i.Escrow, escrowOf)
}
