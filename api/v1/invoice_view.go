package v1

import (
	"net/url"
	"strings"

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
}

// invoiceOf returns the invoice as the caller may see it; advances are the anticipations
// by payment.
func invoiceOf(l lens, s query.Stored[domain.Invoice], advances map[string]query.Stored[domain.Anticipation]) (v invoiceView, err error) {
	i := &s.Value
	var t invoiceTexts
	if err := l.read(domain.KindPayment, i.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = invoiceView{StoredView: storedOf("ivc", s, i.Projection), Status: string(i.Shown()), Method: some(strings.ToLower(i.Method)), PaidAt: instant(i.PaidAt)}
	v.money(i)
	v.days(i)
	v.references(i)
	v.CustomerName = some(l.payers[i.Customer].Name)
	v.terms(i)
	v.Split, v.Refunds = splitsOf(i.Split, t.Split), refundsOf(i.Refunds, t.Refunds)
	v.Description, v.InvoiceURL, v.BankSlipURL, v.TransactionReceiptURL = some(t.Description), some(t.InvoiceURL), some(t.BankSlipURL), some(t.TransactionReceiptURL)
	v.Links = invoiceLinks{Self: l.path("invoices/" + v.ID), Events: l.path("events?entity=" + url.QueryEscape(i.ID))}
	if i.CheckoutSession != "" {
		v.Links.Checkout = some(l.path("checkouts/" + url.PathEscape(i.CheckoutSession)))
	}
	if a, ok := advances[i.ID]; ok {
		v.Anticipation = has(advanceView{a.ID.Public("ant"), a.Value.ID, string(a.Value.Status), amount(a.Value.Fee), amount(a.Value.NetValue)})
		v.Links.Anticipation = some(l.path("anticipations/" + a.ID.Public("ant")))
	}
	return v, nil
}

func (v *invoiceView) money(i *domain.Invoice) {
	v.Value, v.NetValue, v.Fee = amount(i.Value), amount(i.NetValue), amount(i.Fee())
	v.GrossValue, v.OriginalValue, v.InterestValue = amount(i.GrossValue), amount(i.OriginalValue), amount(i.InterestValue)
	v.RefundedAmount = moneyOf(i.RefundedAmount)
}

func (v *invoiceView) days(i *domain.Invoice) {
	v.CreatedOn, v.DueDate, v.OriginalDueDate = some(i.CreatedOn), some(i.DueDate), some(i.OriginalDueDate)
	v.ConfirmedDate, v.PaymentDate, v.ClientPaymentDate = some(i.ConfirmedDate), some(i.PaymentDate), some(i.ClientPaymentDate)
	v.CreditDate, v.EstimatedCreditDate, v.AvailableOn = some(i.CreditDate), some(i.EstimatedCreditDate), some(domain.AvailableOn(i))
	v.InvoiceViewedAt, v.BankSlipViewedAt = i.InvoiceViewedAt.Ptr(), i.BankSlipViewedAt.Ptr()
}

func (v *invoiceView) references(i *domain.Invoice) {
	if i.CardBrand != "" || i.CardLast4 != "" {
		v.Card = has(cardView{some(i.CardBrand), some(i.CardLast4)})
	}
	v.Customer, v.Subscription, v.Installment, v.InstallmentNumber = some(i.Customer), some(i.Subscription), some(i.Installment), i.InstallmentNumber.Ptr()
	v.CheckoutSession, v.PaymentLink, v.ExternalReference = some(i.CheckoutSession), some(i.PaymentLink), some(i.ExternalReference)
	v.InvoiceNumber, v.NossoNumero, v.PixTransaction, v.PixQRCode = some(i.InvoiceNumber), some(i.NossoNumero), some(i.PixTransaction), some(i.PixQRCode)
}

func (v *invoiceView) terms(i *domain.Invoice) {
	v.Deleted, v.Anticipated, v.Anticipable = i.Deleted, i.Anticipated, i.Anticipable
	v.PayableAfterDue, v.PostalService, v.SlipDaysAfterDue = i.PayableAfterDue.Ptr(), i.PostalService, i.SlipDaysAfterDue.Ptr()
	v.Discount, v.Fine, v.Interest = maybeAs(i.Discount, discountOf), maybeAs(i.Fine, surchargeOf), maybeAs(i.Interest, surchargeOf)
	v.Chargeback, v.Escrow = maybeAs(i.Chargeback, chargebackOf), maybeAs(i.Escrow, escrowOf)
}
