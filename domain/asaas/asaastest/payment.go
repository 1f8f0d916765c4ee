package asaastest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"patapay/domain"
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

func (p *payment) object() *object {
	o := obj("object", "payment", "id", p.id, "dateCreated", date(p.created), "customer", p.customer)
	if p.subscription != "" {
		o.set("subscription", p.subscription)
	}
	if p.installment != "" {
		o.set("installment", p.installment)
	}
	o.set("checkoutSession", textOrNull(p.checkout))
	o.set("paymentLink", nil)
	o.set("value", p.value.literal())
	o.set("netValue", p.net.literal())
	o.set("originalValue", p.original.orNull())
	o.set("interestValue", p.interest.orNull())
	o.set("description", textOrNull(p.description))
	o.set("billingType", p.method)
	p.payWith(o)
	o.set("status", p.status)
	p.days(o)
	p.links(o)
	p.terms(o)
	return o
}

// payWith adds the keys that depend on how the charge is paid.
func (p *payment) payWith(o *object) {
	if p.method == "BOLETO" {
		o.set("canBePaidAfterDueDate", true)
	}
	if p.cancelAfter > 0 {
		o.set("daysAfterDueDateToRegistrationCancellation", p.cancelAfter)
	}
	if !p.confirmed.IsZero() || byCard(p.method) {
		o.set("confirmedDate", date(p.confirmed))
	}
	if byCard(p.method) {
		card := obj("creditCardNumber", nil, "creditCardBrand", nil)
		if !p.confirmed.IsZero() {
			card = obj("creditCardNumber", "4444", "creditCardBrand", "VISA", "creditCardToken", p.token)
		}
		o.set("creditCard", card)
	}
	o.set("pixTransaction", textOrNull(p.pix))
	if p.qr != "" {
		o.set("pixQrCodeId", p.qr)
	}
}

func (p *payment) days(o *object) {
	o.set("dueDate", date(p.due))
	o.set("originalDueDate", date(p.originalDue))
	o.set("paymentDate", date(p.paid))
	o.set("clientPaymentDate", date(p.clientPaid))
	o.set("installmentNumber", nil)
	if p.number > 0 {
		o.set("installmentNumber", p.number)
	}
}

func (p *payment) links(o *object) {
	short := p.id[len("pay_"):]
	o.set("invoiceUrl", p.host()+"/i/"+short)
	o.set("invoiceNumber", strconv.Itoa(16_000_000+p.invoice))
	o.set("externalReference", textOrNull(p.reference))
	o.set("deleted", p.deleted)
	o.set("anticipated", p.anticipated)
	o.set("anticipable", p.anticipable)
	o.set("creditDate", date(p.credit))
	o.set("estimatedCreditDate", date(p.credit))
	o.set("transactionReceiptUrl", nil)
	if p.receipt {
		code := base64.StdEncoding.EncodeToString([]byte("PAYMENT_RECEIVED:" + p.id))
		o.set("transactionReceiptUrl", p.host()+"/comprovantes/h/"+url.QueryEscape(code))
	}
	o.set("nossoNumero", nil)
	o.set("bankSlipUrl", nil)
	if p.method == "BOLETO" || p.method == "UNDEFINED" {
		o.set("nossoNumero", strconv.Itoa(12_000_000+p.invoice))
		o.set("bankSlipUrl", p.host()+"/b/pdf/"+short)
	}
	o.set("lastInvoiceViewedDate", utc(p.pageViewed))
	o.set("lastBankSlipViewedDate", utc(p.slipViewed))
}

func (p *payment) terms(o *object) {
	fine, interest := cents(0), cents(0)
	if p.method == "BOLETO" {
		fine, interest = 200, 100
	}
	o.set("discount", obj("value", cents(0).literal(), "limitDate", nil, "dueDateLimitDays", 0, "type", "FIXED"))
	o.set("fine", obj("value", fine.literal(), "type", "PERCENTAGE"))
	o.set("interest", obj("value", interest.literal(), "type", "PERCENTAGE"))
	if len(p.shares) > 0 {
		list := []any{}
		for _, s := range p.shares {
			list = append(list, s.object())
		}
		o.set("split", list)
	}
	o.set("postalService", false)
	if p.chargeback != "" {
		o.set("chargeback", obj("status", p.chargeback, "reason", "ABSENT_CARD_FRAUD"))
	}
	o.set("escrow", nil)
	o.set("refunds", nil)
	if len(p.refunds) > 0 {
		o.set("refunds", p.refundList())
	}
}

// refundList renders the refunds; those of cards have no effectiveDate (real capture).
func (p *payment) refundList() []any {
	list := []any{}
	for i, r := range p.refunds {
		o := obj("dateCreated", stamp(r.at), "status", orText(r.status, "DONE"), "value", r.value.literal(),
			"endToEndIdentifier", p.endToEnd(r, i),
			"transactionReceiptUrl", fmt.Sprintf("%s/comprovantes/%d%02d", p.host(), p.invoice, i),
			"description", textOrNull(r.description))
		if !byCard(p.method) {
			o.set("effectiveDate", nil)
		}
		if !byCard(p.method) && r.status == "" {
			o.set("effectiveDate", stamp(r.at.Add(4*time.Second)))
		}
		o.set("refundedSplits", nil)
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
