package accounts

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// Payment is a charge. Its object method renders it with the keys, the order and the
// omissions of the newest real captures (docs/gateway.md, optional keys).
type Payment struct {
	ID, Customer, Installment, Checkout string
	Subscription                        string
	number, Count                       int // place in its plan and size of the plan; 0, 1 outside one
	Value, Net                          Cents
	original, interest                  Cents // 0 is null
	description, Reference              string
	Method, Status                      string
	Created, Due, originalDue           time.Time
	Confirmed, Paid, clientPaid, Credit time.Time
	PageViewed, SlipViewed              time.Time // by the payer
	invoice                             int
	CancelAfter                         int    // days after the due date until the slip's registration ends; 0: not told
	pix, QR, Token                      string // ids of the transaction, the QR code and the card token
	Deleted, Anticipated, Anticipable   bool
	receipt                             bool
	chargeback                          string
	Refunds                             []refund
	Shares                              []*Share // of other wallets
	side                                domain.Environment
	segment                             string // of its public addresses
	looks                               Looks
}

type refund struct {
	at          time.Time
	value       Cents
	description string
	Status      string // "" is DONE
}

// Host returns what the payment's public addresses begin with.
func (p *Payment) Host() string {
	if p.looks.Address != "" {
		return p.looks.Address
	}
	if p.side == domain.Production {
		return "https://www.asaas.com" + p.segment
	}
	return "https://sandbox.asaas.com" + p.segment
}

// Object renders the payment as webhooks and the REST API show it, with the keys of real captures.
func (p *Payment) Object() *jsonobject.Object {
	o := jsonobject.Of("object", "payment", "id", p.ID, "dateCreated", p.looks.date(p.Created), "customer", p.Customer)
	if p.Subscription != "" {
		o.Set("subscription", p.Subscription)
	}
	if p.Installment != "" {
		o.Set("installment", p.Installment)
	}
	o.Set("checkoutSession", TextOrNull(p.Checkout))
	o.Set("paymentLink", nil)
	o.Set("value", p.Value.Literal())
	o.Set("netValue", p.Net.Literal())
	o.Set("originalValue", p.original.orNull())
	o.Set("interestValue", p.interest.orNull())
	o.Set("description", TextOrNull(p.description))
	o.Set("billingType", p.Method)
	p.payWith(o)
	o.Set("status", p.Status)
	p.days(o)
	p.links(o)
	p.terms(o)
	return o
}

// payWith adds the keys that depend on how the charge is paid.
func (p *Payment) payWith(o *jsonobject.Object) {
	if p.Method == "BOLETO" {
		o.Set("canBePaidAfterDueDate", true)
	}
	if p.CancelAfter > 0 {
		o.Set("daysAfterDueDateToRegistrationCancellation", p.CancelAfter)
	}
	if !p.Confirmed.IsZero() || byCard(p.Method) {
		o.Set("confirmedDate", p.looks.date(p.Confirmed))
	}
	if byCard(p.Method) {
		card := jsonobject.Of("creditCardNumber", nil, "creditCardBrand", nil)
		if !p.Confirmed.IsZero() {
			card = jsonobject.Of("creditCardNumber", "4444", "creditCardBrand", "VISA", "creditCardToken", p.Token)
		}
		o.Set("creditCard", card)
	}
	o.Set("pixTransaction", TextOrNull(p.pix))
	if p.QR != "" {
		o.Set("pixQrCodeId", p.QR)
	}
}

func (p *Payment) days(o *jsonobject.Object) {
	o.Set("dueDate", p.looks.date(p.Due))
	o.Set("originalDueDate", p.looks.date(p.originalDue))
	o.Set("paymentDate", p.looks.date(p.Paid))
	o.Set("clientPaymentDate", p.looks.date(p.clientPaid))
	o.Set("installmentNumber", nil)
	if p.number > 0 {
		o.Set("installmentNumber", p.number)
	}
}

func (p *Payment) links(o *jsonobject.Object) {
	short := p.ID[len("pay_"):]
	o.Set("invoiceUrl", p.Host()+"/i/"+short)
	o.Set("invoiceNumber", strconv.Itoa(16_000_000+p.invoice))
	o.Set("externalReference", TextOrNull(p.Reference))
	o.Set("deleted", p.Deleted)
	o.Set("anticipated", p.Anticipated)
	o.Set("anticipable", p.Anticipable)
	o.Set("creditDate", p.looks.date(p.Credit))
	o.Set("estimatedCreditDate", p.looks.date(p.Credit))
	o.Set("transactionReceiptUrl", nil)
	if p.receipt {
		code := base64.StdEncoding.EncodeToString([]byte("PAYMENT_RECEIVED:" + p.ID))
		o.Set("transactionReceiptUrl", p.Host()+"/comprovantes/h/"+url.QueryEscape(code))
	}
	o.Set("nossoNumero", nil)
	o.Set("bankSlipUrl", nil)
	if p.Method == "BOLETO" || p.Method == "UNDEFINED" {
		o.Set("nossoNumero", strconv.Itoa(12_000_000+p.invoice))
		o.Set("bankSlipUrl", p.Host()+"/b/pdf/"+short)
	}
	o.Set("lastInvoiceViewedDate", utc(p.PageViewed))
	o.Set("lastBankSlipViewedDate", utc(p.SlipViewed))
}

func (p *Payment) terms(o *jsonobject.Object) {
	fine, interest := Cents(0), Cents(0)
	if p.Method == "BOLETO" {
		fine, interest = 200, 100
	}
	o.Set("discount", jsonobject.Of("value", Cents(0).Literal(), "limitDate", nil, "dueDateLimitDays", 0,
		"type", "FIXED"))
	o.Set("fine", jsonobject.Of("value", fine.Literal(), "type", "PERCENTAGE"))
	o.Set("interest", jsonobject.Of("value", interest.Literal(), "type", "PERCENTAGE"))
	if len(p.Shares) > 0 {
		list := []any{}
		for _, s := range p.Shares {
			list = append(list, s.object())
		}
		o.Set("split", list)
	}
	o.Set("postalService", false)
	if p.chargeback != "" {
		o.Set("chargeback", jsonobject.Of("status", p.chargeback, "reason", "ABSENT_CARD_FRAUD"))
	}
	o.Set("escrow", nil)
	o.Set("refunds", nil)
	if len(p.Refunds) > 0 {
		o.Set("refunds", p.RefundList())
	}
}

// RefundList renders the refunds; those of cards have no effectiveDate (real capture).
func (p *Payment) RefundList() []any {
	list := []any{}
	for i, r := range p.Refunds {
		o := jsonobject.Of("dateCreated", Stamp(r.at), "status", orText(r.Status, "DONE"), "value", r.value.Literal(),
			"endToEndIdentifier", p.endToEnd(r, i),
			"transactionReceiptUrl", fmt.Sprintf("%s/comprovantes/%d%02d", p.Host(), p.invoice, i),
			"description", TextOrNull(r.description))
		if !byCard(p.Method) {
			o.Set("effectiveDate", nil)
		}
		if !byCard(p.Method) && r.Status == "" {
			o.Set("effectiveDate", Stamp(r.at.Add(4*time.Second)))
		}
		o.Set("refundedSplits", nil)
		list = append(list, o)
	}
	return list
}

// endToEnd returns the Pix network's id of a refund; other methods have none.
func (p *Payment) endToEnd(r refund, i int) any {
	if p.Method != "PIX" {
		return nil
	}
	return fmt.Sprintf("D19540550%s%s%03d", r.at.UTC().Format("200601021504"), p.ID[4:12], i)
}

// Refunded returns the sum of the refunds, those under way included.
func (p *Payment) Refunded() (sum Cents) {
	for _, r := range p.Refunds {
		if r.Status != "CANCELLED" {
			sum += r.value
		}
	}
	return sum
}

func orText(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// byCard reports whether a charge is paid with a card.
func byCard(method string) bool { return method == "CREDIT_CARD" || method == "DEBIT_CARD" }

// Unpaid is the statuses of charges that nobody has paid.
var Unpaid = []string{"PENDING", "OVERDUE"}

// Paid is the statuses of charges whose payment may be given back.
var Paid = []string{"CONFIRMED", "RECEIVED"}
