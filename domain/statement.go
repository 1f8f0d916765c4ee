package domain

import (
	"slices"
	"strings"
)

// KindLine is the kind of a ledger subject that is a line of the gateway's statement.
const KindLine Kind = "statement"

// Line is one movement of the gateway's own statement.
type Line struct {
	ID           string // the gateway's
	Day          Day    // in São Paulo
	Value        Money  // what went out is below zero
	Type         string // the gateway's word
	Payment      string // gateway id, "" when it concerns none
	Anticipation string // gateway id, "" when it concerns none
	Split        string // gateway id, "" when it is no share of another
}

// told are the types whose money the events of their payment or anticipation tell of. The
// line proves them, and books nothing.
var told = map[string]bool{
	"PAYMENT_RECEIVED":                           true,
	"PAYMENT_FEE":                                true,
	"PAYMENT_REVERSAL":                           true,
	"PAYMENT_REFUND_CANCELLED":                   true,
	"PAYMENT_FEE_REVERSAL":                       true,
	"PIX_TRANSACTION_CREDIT":                     true,
	"PIX_TRANSACTION_CREDIT_REFUND":              true,
	"RECEIVABLE_ANTICIPATION_GROSS_CREDIT":       true,
	"RECEIVABLE_ANTICIPATION_FEE":                true,
	"RECEIVABLE_ANTICIPATION_DEBIT":              true,
	"RECEIVABLE_ANTICIPATION_CREDIT":             true,
	"RECEIVABLE_ANTICIPATION_PARTNER_SETTLEMENT": true,
	"RECEIVABLE_ANTICIPATION_PAYMENT_FEE":        true,
}

// contras are the accounts against which a line is booked by its type alone (docs/gateway.md,
// statement lines). Fees are told by the end of their name.
var contras = map[string]Account{
	"TRANSFER":                                AccountBank,
	"TRANSFER_REVERSAL":                       AccountBank,
	"PIX_TRANSACTION_DEBIT":                   AccountBank,
	"PIX_TRANSACTION_DEBIT_REFUND":            AccountBank,
	"TRANSFER_FEE":                            AccountTransferFee,
	"PIX_TRANSACTION_DEBIT_FEE":               AccountTransferFee,
	"CHARGEBACK":                              AccountDispute,
	"CHARGEBACK_REVERSAL":                     AccountDispute,
	"INTERNAL_TRANSFER_DEBIT":                 AccountInternal,
	"INTERNAL_TRANSFER_CREDIT":                AccountInternal,
	"INTERNAL_TRANSFER_REVERSAL":              AccountInternal,
	"PAYMENT_CUSTODY_BLOCK":                   AccountBlocked,
	"PAYMENT_CUSTODY_BLOCK_REVERSAL":          AccountBlocked,
	"PAYMENT_SPLIT_DIVERGENCE_BLOCK":          AccountBlocked,
	"PAYMENT_SPLIT_DIVERGENCE_BLOCK_REVERSAL": AccountBlocked,
	"BACEN_JUDICIAL_LOCK":                     AccountBlocked,
	"BACEN_JUDICIAL_UNLOCK":                   AccountBlocked,
}

// Subject returns the entity whose events tell of the line's money, false when the line
// itself is all that tells of it. An advance's lines name its charge too.
func (l Line) Subject() (kind Kind, id string, ok bool) {
	switch {
	case l.TakesAdvance() && l.Anticipation != "": // never its charge's
		return KindAnticipation, l.Anticipation, true
	case l.TakesAdvance() || !told[l.Type]:
		return "", "", false
	case l.Anticipation != "":
		return KindAnticipation, l.Anticipation, true
	case l.Payment != "":
		return KindPayment, l.Payment, true
	}
	return "", "", false
}

// Contra returns the account against which the line is booked: suspense when its type
// says nothing to us, and then somebody must look.
func (l Line) Contra() Account {
	switch account, known := contras[l.Type]; {
	case l.Split != "":
		return AccountSplit
	case known:
		return account
	case strings.HasSuffix(l.Type, "_FEE") || strings.HasSuffix(l.Type, "_FEE_REVERSAL") ||
		strings.HasSuffix(l.Type, "_FEE_REFUND"):
		return AccountFee
	}
	return AccountSuspense
}

// Fact returns the line's own booking, against contra. Its name is the gateway's word in
// small letters.
func (l Line) Fact(contra Account) Fact {
	return Fact{
		Key: FactKey{l.ID, strings.ToLower(l.Type), 1}, At: LocalTime(l.Day + " 00:00:00"),
		Legs: legs(Leg{AccountAvailable, l.Value}, Leg{contra, -l.Value}),
	}
}

// AdvanceDebits are the types of the lines that take an advance back: from its charge, or by the
// effect of a contract on the account's receivables. The gateway may leave out of which advance.
func AdvanceDebits() []string {
	return []string{
		"RECEIVABLE_ANTICIPATION_DEBIT",
		"RECEIVABLE_ANTICIPATION_PARTNER_SETTLEMENT",
		"CONTRACTUAL_EFFECT_SETTLEMENT",
	}
}

// TakesAdvance tells whether the line takes an advance back.
func (l Line) TakesAdvance() bool { return l.Value < 0 && slices.Contains(AdvanceDebits(), l.Type) }
