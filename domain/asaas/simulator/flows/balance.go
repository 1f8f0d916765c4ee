package flows

import (
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

func playTransfer(v *accounts.Scene, like Variation) {
	playPix(v, like)
	v.Later(time.Hour)
	t := v.Send(accounts.Transfer{
		Value: accounts.Cents(like.AmountCents) / 2, PixKey: "chave-pix@example.com",
		Reference: like.Reference,
	})
	v.Later(2 * time.Minute)
	t.ToBank(v)
	v.Later(5 * time.Minute)
	t.Arrive(v)
}

func playTransferFailed(v *accounts.Scene, like Variation) {
	playPix(v, like)
	v.Later(time.Hour)
	t := v.Send(accounts.Transfer{
		Value: accounts.Cents(like.AmountCents) / 2, PixKey: "chave-pix@example.com",
		Reference: like.Reference,
	})
	v.Later(2 * time.Minute)
	t.ToBank(v)
	v.Later(5 * time.Minute)
	t.TakeBack(v, "FAILED", "Conta de destino inválida")
}

func playBlocked(v *accounts.Scene, like Variation) {
	playPix(v, like)
	v.Later(time.Hour)
	v.Block(accounts.Cents(like.AmountCents)*3/10, "JUDICIAL", true)
}

func playUnblocked(v *accounts.Scene, like Variation) {
	playBlocked(v, like)
	v.Later(accounts.Day)
	v.Block(accounts.Cents(like.AmountCents)*3/10, "JUDICIAL", false)
}

func playInternal(v *accounts.Scene, like Variation) {
	playPix(v, like)
	v.Later(time.Hour)
	v.Move(-accounts.Cents(like.AmountCents)/10, "INTERNAL_LOAN",
		"Transferência enviada para regularização de saldo da conta Asaas")
	v.Later(time.Hour)
	v.Move(accounts.Cents(like.AmountCents)/20, "INTERNAL_TRANSFER", "Transferência recebida")
}

// playShared is a Pix of which a fifth of the net and ten reais go to other wallets.
func playShared(v *accounts.Scene, like Variation) {
	p := v.Charge(like.charge("PIX"))
	p.Shares = []*accounts.Share{
		{ID: v.World.UUID(), Wallet: v.World.UUID(), Status: "PENDING", Percent: "20"},
		{ID: v.World.UUID(), Wallet: v.World.UUID(), Status: "PENDING", Fixed: 1000},
	}
	v.Tell("PAYMENT_CREATED", p)
	v.Later(78 * time.Second)
	v.Receive(p)
	v.Tell("PAYMENT_RECEIVED", p)
	v.Later(time.Second)
	v.SettleShares(p)
}
