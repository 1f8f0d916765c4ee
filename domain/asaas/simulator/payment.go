package simulator

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// payment is a charge. Its object method renders it with the keys, the order and the
// omissions of the newest real captures (docs/gateway.md, optional keys).
type payment struct {
	id, customer, installment, checkout string
	subscription                        string
	number, count                       int // place in its plan and size of the plan; 0, 1 outside one
	value, net                          cents
	original, interest                  cents // 0 is null
	description, reference              string
	method, status                      string
	created, due, originalDue           time.Time
	confirmed, paid, clientPaid, credit time.Time
	pageViewed, slipViewed              time.Time // by the payer
	invoice                             int
	cancelAfter                         int    // days after the due date until the slip's registration ends; 0: not told
	pix, qr, token                      string // ids of the transaction, the QR code and the card token
	deleted, anticipated, anticipable   bool
	receipt                             bool
	chargeback                          string
	refunds                             []refund
	shares                              []*share // of other wallets
	side                                domain.Environment
}

type refund struct {
	at          time.Time
	value       cents
	description string
	status      string // "" is DONE
}

// host returns the panel of the payment's environment.
func (p *payment) host() string {
	if p.side == domain.Production {
		return "https://www.asaas.com"
	}
	return "https://sandbox.asaas.com"
}

func (p *payment) object() *jsonobject.Object {
	o := jsonobject.Of("object", "payment", "id", p.id, "dateCreated", date(p.created), "customer", p.customer)
	if p.subscription != "" {
		o.Set("subscription", p.subscription)
	}
	if p.installment != "" {
		o.Set("installment", p.installment)
	}
	o.Set("checkoutSession", textOrNull(p.checkout))
	o.Set("paymentLink", nil)
	o.Set("value", p.value.literal())
	o.Set("netValue", p.net.literal())
	o.Set("originalValue", p.original.orNull())
	o.Set("interestValue", p.interest.orNull())
	o.Set("description", textOrNull(p.description))
	o.Set("billingType", p.method)
	p.payWith(o)
	o.Set("status", p.status)
	p.days(o)
	p.links(o)
	p.terms(o)
	return o
}

// payWith adds the keys that depend on how the charge is paid.
func (p *payment) payWith(o *jsonobject.Object) {
	if p.method == "BOLETO" {
		o.Set("canBePaidAfterDueDate", true)
	}
	if p.cancelAfter > 0 {
		o.Set("daysAfterDueDateToRegistrationCancellation", p.cancelAfter)
	}
	if !p.confirmed.IsZero() || byCard(p.method) {
		o.Set("confirmedDate", date(p.confirmed))
	}
	if byCard(p.method) {
		card := jsonobject.Of("creditCardNumber", nil, "creditCardBrand", nil)
		if !p.confirmed.IsZero() {
			card = jsonobject.Of("creditCardNumber", "4444", "creditCardBrand", "VISA", "creditCardToken", p.token)
		}
		o.Set("creditCard", card)
	}
	o.Set("pixTransaction", textOrNull(p.pix))
	if p.qr != "" {
		o.Set("pixQrCodeId", p.qr)
	}
}

func (p *payment) days(o *jsonobject.Object) {
	o.Set("dueDate", date(p.due))
	o.Set("originalDueDate", date(p.originalDue))
	o.Set("paymentDate", date(p.paid))
	o.Set("clientPaymentDate", date(p.clientPaid))
	o.Set("installmentNumber", nil)
	if p.number > 0 {
		o.Set("installmentNumber", p.number)
	}
}

func (p *payment) links(o *jsonobject.Object) {
	short := p.id[len("pay_"):]
	o.Set("invoiceUrl", p.host()+"/i/"+short)
	o.Set("invoiceNumber", strconv.Itoa(16_000_000+p.invoice))
	o.Set("externalReference", textOrNull(p.reference))
	o.Set("deleted", p.deleted)
	o.Set("anticipated", p.anticipated)
	o.Set("anticipable", p.anticipable)
	o.Set("creditDate", date(p.credit))
	o.Set("estimatedCreditDate", date(p.credit))
	o.Set("transactionReceiptUrl", nil)
	if p.receipt {
		code := base64.StdEncoding.EncodeToString([]byte("PAYMENT_RECEIVED:" + p.id))
		o.Set("transactionReceiptUrl", p.host()+"/comprovantes/h/"+url.QueryEscape(code))
	}
	o.Set("nossoNumero", nil)
	o.Set("bankSlipUrl", nil)
	if p.method == "BOLETO" || p.method == "UNDEFINED" {
		o.Set("nossoNumero", strconv.Itoa(12_000_000+p.invoice))
		o.Set("bankSlipUrl", p.host()+"/b/pdf/"+short)
	}
	o.Set("lastInvoiceViewedDate", utc(p.pageViewed))
	o.Set("lastBankSlipViewedDate", utc(p.slipViewed))
}

func (p *payment) terms(o *jsonobject.Object) {
	fine, interest := cents(0), cents(0)
	if p.method == "BOLETO" {
		fine, interest = 200, 100
	}
	o.Set("discount", jsonobject.Of("value", cents(0).literal(), "limitDate", nil, "dueDateLimitDays", 0, "type", "FIXED"))
	o.Set("fine", jsonobject.Of("value", fine.literal(), "type", "PERCENTAGE"))
	o.Set("interest", jsonobject.Of("value", interest.literal(), "type", "PERCENTAGE"))
	if len(p.shares) > 0 {
		list := []any{}
		for _, s := range p.shares {
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
	if len(p.refunds) > 0 {
		o.Set("refunds", p.refundList())
	}
}

// refundList renders the refunds; those of cards have no effectiveDate (real capture).
func (p *payment) refundList() []any {
	list := []any{}
	for i, r := range p.refunds {
		o := jsonobject.Of("dateCreated", stamp(r.at), "status", orText(r.status, "DONE"), "value", r.value.literal(),
			"endToEndIdentifier", p.endToEnd(r, i),
			"transactionReceiptUrl", fmt.Sprintf("%s/comprovantes/%d%02d", p.host(), p.invoice, i),
			"description", textOrNull(r.description))
		if !byCard(p.method) {
			o.Set("effectiveDate", nil)
		}
		if !byCard(p.method) && r.status == "" {
			o.Set("effectiveDate", stamp(r.at.Add(4*time.Second)))
		}
		o.Set("refundedSplits", nil)
		list = append(list, o)
	}
	return list
}

// endToEnd returns the Pix network's id of a refund; other methods have none.
func (p *payment) endToEnd(r refund, i int) any {
	if p.method != "PIX" {
		return nil
	}
	return fmt.Sprintf("D19540550%s%s%03d", r.at.UTC().Format("200601021504"), p.id[4:12], i)
}

// refunded returns the sum of the refunds, those under way included.
func (p *payment) refunded() (sum cents) {
	for _, r := range p.refunds {
		if r.status != "CANCELLED" {
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

var unpaid = []string{"PENDING", "OVERDUE"}

var paid = []string{"CONFIRMED", "RECEIVED"}
