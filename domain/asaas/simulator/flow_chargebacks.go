package simulator

func playDispute(v *scene, like Story) *payment {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(5 * day)
	v.dispute(p)
	return p
}

// dispute leads a paid charge to the day of the verdict.
func (v *scene) dispute(p *payment) {
	v.chargeback(p, "CHARGEBACK_REQUESTED", "REQUESTED", "PAYMENT_CHARGEBACK_REQUESTED")
	v.later(2 * day)
	v.chargeback(p, "CHARGEBACK_DISPUTE", "IN_DISPUTE", "PAYMENT_CHARGEBACK_DISPUTE")
	v.later(20 * day)
}

func playChargebackWon(v *scene, like Story) {
	p := playDispute(v, like)
	v.chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.later(day)
	v.acquit(p)
}

func playChargebackLost(v *scene, like Story) {
	p := playDispute(v, like)
	v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
}

// playReceivedDispute disputes a charge whose money has come.
func playReceivedDispute(v *scene, like Story) *payment {
	playCard(v, like)
	p := v.books.payments[len(v.books.payments)-1]
	v.later(3 * day)
	v.dispute(p)
	return p
}

func playDisputeWonReceived(v *scene, like Story) {
	p := playReceivedDispute(v, like)
	v.chargeback(p, "AWAITING_CHARGEBACK_REVERSAL", "REVERSED", "PAYMENT_AWAITING_CHARGEBACK_REVERSAL")
	v.later(day)
	v.acquit(p)
}

func playDisputeLostReceived(v *scene, like Story) {
	p := playReceivedDispute(v, like)
	v.chargeback(p, "REFUNDED", "DISPUTE_LOST", "PAYMENT_REFUNDED")
}

// playDisputeOpen is a dispute that nobody has answered yet.
func playDisputeOpen(v *scene, like Story) {
	p := v.payByCard(like.charge("CREDIT_CARD"))
	v.later(2 * day)
	v.chargeback(p, "CHARGEBACK_REQUESTED", "REQUESTED", "PAYMENT_CHARGEBACK_REQUESTED")
}
