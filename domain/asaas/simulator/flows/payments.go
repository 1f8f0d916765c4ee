package flows

import (
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

func playPix(v *accounts.Scene, like Variation) {
	p := v.Charge(like.charge("PIX"))
	v.Tell("PAYMENT_CREATED", p)
	v.Later(78 * time.Second)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// playUnsolicited is a Pix to the account's key: born RECEIVED, by a stranger.
func playUnsolicited(v *accounts.Scene, like Variation) {
	c := like.charge("PIX")
	c.Reference, c.Description = "", "Cobrança gerada automaticamente a partir de Pix recebido."
	p := v.Charge(c)
	v.Receive(p)
	p.QR = ""
	v.Tell("PAYMENT_CREATED", p)
	v.Tell("PAYMENT_RECEIVED", p)
}

func playBoleto(v *accounts.Scene, like Variation) {
	c := like.charge("BOLETO")
	c.Due = v.Now.Add(2 * accounts.Day)
	p := v.Charge(c)
	v.Tell("PAYMENT_CREATED", p)
	v.Later(accounts.Day)
	v.Confirm(p)
	v.Tell("PAYMENT_CONFIRMED", p)
	v.Now = accounts.At(p.Credit, 3, 12, 41)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// playBoletoLate passes OVERDUE at 03:01 of the first business day after the due date.
func playBoletoLate(v *accounts.Scene, like Variation) {
	p := lateBoleto(v, like)
	v.Later(4*accounts.Day + 15*time.Hour)
	v.PayLate(p)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

func playCard(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Now = accounts.At(p.Credit, 3, 12, 41)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
}

// playCard3x is a plan of three whose receipts are still to come.
func playCard3x(v *accounts.Scene, like Variation) {
	v.Divide(accounts.Instalments{
		Method: "CREDIT_CARD", Description: "Cirurgia", Reference: like.Reference,
		Total: 3 * accounts.Cents(like.AmountCents), First: v.Now.AddDate(0, 0, 10),
	}, 3, true)
}

func playCash(v *accounts.Scene, like Variation) {
	p := v.Charge(like.charge("PIX"))
	v.Tell("PAYMENT_CREATED", p)
	v.Later(accounts.Day)
	v.ReceiveInCash(p)
	v.Later(time.Hour)
	v.UndoCash(p)
	v.Later(accounts.Day)
	v.ReceiveInCash(p)
}

func playRefund(v *accounts.Scene, like Variation) {
	playPix(v, like)
	p := v.Books.Payments[len(v.Books.Payments)-1]
	v.Later(time.Hour)
	v.Refund(p, p.Value, "Consulta cancelada")
}

func playRefundPartial(v *accounts.Scene, like Variation) {
	playPix(v, like)
	p := v.Books.Payments[len(v.Books.Payments)-1]
	v.Later(30 * time.Minute)
	v.Refund(p, p.Value*2/5, "Valor a mais")
	v.Later(30 * time.Minute)
	v.Refund(p, p.Value/5, "Desconto")
}

func playRefundCard(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Later(time.Hour)
	v.Refund(p, p.Value, "")
}

func playDeleted(v *accounts.Scene, like Variation) {
	p := v.Charge(like.charge("BOLETO"))
	p.CancelAfter = 5
	v.Tell("PAYMENT_CREATED", p)
	v.Later(time.Hour)
	v.Remove(p)
	v.Later(time.Hour)
	v.Restore(p)
	v.Later(time.Hour)
	v.Remove(p)
}
