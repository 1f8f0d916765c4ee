package simulator

import "time"

func playTransfer(v *scene, like Story) {
	playPix(v, like)
	v.later(time.Hour)
	t := v.send(transfer{value: cents(like.AmountCents) / 2, pixKey: "chave-pix@example.com", reference: like.Reference})
	v.later(2 * time.Minute)
	t.toBank(v)
	v.later(5 * time.Minute)
	t.arrive(v)
}

func playTransferFailed(v *scene, like Story) {
	playPix(v, like)
	v.later(time.Hour)
	t := v.send(transfer{value: cents(like.AmountCents) / 2, pixKey: "chave-pix@example.com", reference: like.Reference})
	v.later(2 * time.Minute)
	t.toBank(v)
	v.later(5 * time.Minute)
	t.takeBack(v, "FAILED", "Conta de destino inválida")
}

func playBlocked(v *scene, like Story) {
	playPix(v, like)
	v.later(time.Hour)
	v.block(cents(like.AmountCents)*3/10, "JUDICIAL", true)
}

func playUnblocked(v *scene, like Story) {
	playBlocked(v, like)
	v.later(day)
	v.block(cents(like.AmountCents)*3/10, "JUDICIAL", false)
}

func playInternal(v *scene, like Story) {
	playPix(v, like)
	v.later(time.Hour)
	v.move(-cents(like.AmountCents)/10, "INTERNAL_LOAN", "Transferência enviada para regularização de saldo da conta Asaas")
	v.later(time.Hour)
	v.move(cents(like.AmountCents)/20, "INTERNAL_TRANSFER", "Transferência recebida")
}

// playShared is a Pix of which a fifth of the net and ten reais go to other wallets.
func playShared(v *scene, like Story) {
	p := v.charge(like.charge("PIX"))
	p.shares = []*share{{id: v.world.uuid(), wallet: v.world.uuid(), status: "PENDING", percent: "20"}, {id: v.world.uuid(), wallet: v.world.uuid(), status: "PENDING", fixed: 1000}}
	v.tell("PAYMENT_CREATED", p)
	v.later(78 * time.Second)
	v.receive(p)
	v.tell("PAYMENT_RECEIVED", p)
	v.later(time.Second)
	v.settleShares(p)
}
