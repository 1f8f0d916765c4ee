package flows

import "patapay/domain/asaas/simulator/accounts"

func playDispute(v *accounts.Scene, like Variation) *accounts.Payment {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Later(5 * accounts.Day)
	dispute(v, p)
	return p
}

// dispute leads a paid charge to the day of the decision.
func dispute(v *accounts.Scene, p *accounts.Payment) {
	v.Chargeback(p, "CHARGEBACK_REQUESTED", "REQUESTED", "PAYMENT_CHARGEBACK_REQUESTED")
	v.Later(2 * accounts.Day)
	v.Chargeback(p, "CHARGEBACK_DISPUTE", "IN_DISPUTE", "PAYMENT_CHARGEBACK_DISPUTE")
	v.Later(20 * accounts.Day)
}

func playChargebackWon(v *accounts.Scene, like Variation) {
	p := playDispute(v, like)
	v.Chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.Later(accounts.Day)
	v.Acquit(p)
}

func playChargebackLost(v *accounts.Scene, like Variation) {
	p := playDispute(v, like)
	v.Chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
}

// playReceivedDispute disputes a charge whose money has come.
func playReceivedDispute(v *accounts.Scene, like Variation) *accounts.Payment {
	playCard(v, like)
	p := v.Books.Payments[len(v.Books.Payments)-1]
	v.Later(3 * accounts.Day)
	dispute(v, p)
	return p
}

func playDisputeWonReceived(v *accounts.Scene, like Variation) {
	p := playReceivedDispute(v, like)
	v.Chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.Later(accounts.Day)
	v.Acquit(p)
}

func playDisputeLostReceived(v *accounts.Scene, like Variation) {
	p := playReceivedDispute(v, like)
	v.Chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
}

// playDisputeOpen is a dispute that nobody has answered yet.
func playDisputeOpen(v *accounts.Scene, like Variation) {
	p := v.PayByCard(like.charge("CREDIT_CARD"))
	v.Later(2 * accounts.Day)
	v.Chargeback(p, "CHARGEBACK_REQUESTED", "REQUESTED", "PAYMENT_CHARGEBACK_REQUESTED")
}
