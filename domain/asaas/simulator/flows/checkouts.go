package flows

import (
	"time"

	"patapay/domain/asaas/jsonobject"
	"patapay/domain/asaas/simulator/accounts"
)

// playCheckoutRecurrent opens a page for a monthly charge of a card; paid, it has started
// a subscription and made its first charge.
func playCheckoutRecurrent(v *accounts.Scene, like Variation) {
	offer := offer(v, like)
	offer.Methods, offer.Charges = []any{"CREDIT_CARD"}, []any{"RECURRENT"}
	offer.Renewal = jsonobject.Of("cycle", "MONTHLY", "nextDueDate", instantOf(v.Now),
		"endDate", instantOf(v.Now.AddDate(1, 0, 0)))
	c := v.Open(offer)
	v.Later(8 * time.Minute)
	v.Subscribe(accounts.Subscription{
		Checkout: c.ID, Description: "Consulta veterinária",
		Value: accounts.Cents(like.AmountCents), Method: "CREDIT_CARD", Cycle: "MONTHLY",
		Reference: like.Reference, Customer: v.Tutor(), Next: v.Now,
	}, true)
	v.Later(time.Second)
	c.End(v, "PAID")
}

// instantOf returns the beginning of t's day as checkouts write it.
func instantOf(t time.Time) string {
	return accounts.At(t, 0, 0, 0).UTC().Format("2006-01-02T15:04:05-0700")
}

// page opens a checkout of one item at the charge's value, valid for an hour.
func page(v *accounts.Scene, like Variation) *accounts.Checkout { return v.Open(offer(v, like)) }

// offer is a page that was not opened yet.
func offer(v *accounts.Scene, like Variation) accounts.Checkout {
	item := jsonobject.Of("name", "Consulta", "description", "Consulta veterinária", "quantity", 1,
		"value", accounts.Cents(like.AmountCents).Literal())
	back := jsonobject.Of("cancelUrl", "https://example.com/cancel", "successUrl", "https://example.com/success",
		"expiredUrl", "https://example.com/expired")
	return accounts.Checkout{
		Reference: like.Reference, Minutes: 60, Methods: []any{"CREDIT_CARD", "PIX"},
		Charges: []any{"DETACHED"}, Callback: back, Items: []any{item},
	}
}

// payPage makes the payment of a checkout.
func payPage(v *accounts.Scene, like Variation, c *accounts.Checkout) {
	made := like.charge("PIX")
	made.Checkout = c.ID
	p := v.Charge(made)
	v.Tell("PAYMENT_CREATED", p)
	v.Later(2 * time.Second)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

func playCheckoutPaid(v *accounts.Scene, like Variation) {
	c := page(v, like)
	v.Later(8 * time.Minute)
	payPage(v, like, c)
	v.Later(time.Second)
	c.End(v, "PAID")
}

func playCheckoutPaidFirst(v *accounts.Scene, like Variation) {
	c := page(v, like)
	v.Later(8 * time.Minute)
	c.End(v, "PAID")
	payPage(v, like, c)
}

func playCheckoutExpired(v *accounts.Scene, like Variation) {
	c := page(v, like)
	v.Later(time.Hour)
	c.End(v, "EXPIRED")
}

func playCheckoutCanceled(v *accounts.Scene, like Variation) {
	c := page(v, like)
	v.Later(10 * time.Minute)
	c.End(v, "CANCELED")
}

// slip makes the boleto of a page; paying it is up to the payer, until the third day.
func slip(v *accounts.Scene, like Variation, c *accounts.Checkout) *accounts.Payment {
	made := like.charge("BOLETO")
	made.Checkout, made.Due = c.ID, v.Now.Add(3*accounts.Day)
	p := v.Charge(made)
	v.Tell("PAYMENT_CREATED", p)
	return p
}

// paySlip pays a boleto and credits it on its day.
func paySlip(v *accounts.Scene, p *accounts.Payment) {
	v.Confirm(p)
	v.Tell("PAYMENT_CONFIRMED", p)
	v.Now = accounts.At(p.Credit, 3, 12, 41)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// boletoPage is a page on which a boleto can be chosen (docs/gateway.md, checkouts).
func boletoPage(v *accounts.Scene, like Variation) *accounts.Checkout {
	offer := offer(v, like)
	offer.Methods = []any{"BOLETO", "PIX"}
	return v.Open(offer)
}

// playCheckoutBoletoLate is a boleto that is paid when its page has long expired.
func playCheckoutBoletoLate(v *accounts.Scene, like Variation) {
	c := boletoPage(v, like)
	v.Later(8 * time.Minute)
	p := slip(v, like, c)
	v.Later(52 * time.Minute)
	c.End(v, "EXPIRED")
	v.Later(2 * accounts.Day)
	paySlip(v, p)
	v.Later(time.Second)
	c.End(v, "PAID")
}

// playCheckoutBoletoTwice is a payer who took the boleto, paid by Pix after all, and then the boleto too.
func playCheckoutBoletoTwice(v *accounts.Scene, like Variation) {
	c := boletoPage(v, like)
	v.Later(8 * time.Minute)
	p := slip(v, like, c)
	v.Later(5 * time.Minute)
	payPage(v, like, c)
	v.Later(time.Second)
	c.End(v, "PAID")
	v.Later(accounts.Day)
	paySlip(v, p)
}

// playCheckoutBoletoPart is a page paid by boleto of which a part is given back.
func playCheckoutBoletoPart(v *accounts.Scene, like Variation) {
	c := boletoPage(v, like)
	v.Later(8 * time.Minute)
	p := slip(v, like, c)
	v.Later(time.Hour)
	paySlip(v, p)
	v.Later(time.Second)
	c.End(v, "PAID")
	v.Later(accounts.Day)
	v.Refund(p, p.Value*2/5, "Retorno não realizado")
}
