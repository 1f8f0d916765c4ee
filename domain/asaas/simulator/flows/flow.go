// Package flows plays what happens to a charge from its beginning to an end, back-dated, in an account of the
// simulator.
package flows

import (
	"fmt"
	"slices"
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

// Flow names a series of events that ends at the present: everything in it is dated in the past, so
// that no receiver sees an event from the future.
type Flow string

// The flows (docs/gateway.md, orders of events).
const (
	FlowPix                  Flow = "pix"                      // CREATED, RECEIVED
	FlowPixUnsolicited       Flow = "pix_unsolicited"          // both at once, no reference
	FlowBoleto               Flow = "boleto"                   // CREATED, CONFIRMED, RECEIVED
	FlowBoletoLate           Flow = "boleto_late"              // CREATED, OVERDUE, RECEIVED with fine and interest
	FlowCard                 Flow = "card"                     // CREATED already CONFIRMED, CONFIRMED, RECEIVED
	FlowCard3x               Flow = "card_3x"                  // three of each, the receipts still to come
	FlowCash                 Flow = "cash"                     // RECEIVED with status RECEIVED_IN_CASH, undone, again
	FlowRefund               Flow = "refund"                   // Pix, given back in full
	FlowRefundPartial        Flow = "refund_partial"           // Pix, two parts
	FlowRefundCard           Flow = "refund_card"              // before the credit: no RECEIVED
	FlowChargebackWon        Flow = "chargeback_won"           // ends with a second CONFIRMED
	FlowChargebackLost       Flow = "chargeback_lost"          // ends REFUNDED
	FlowDisputeWonReceived   Flow = "chargeback_won_received"  // after the credit: ends with a second RECEIVED
	FlowDisputeLostReceived  Flow = "chargeback_lost_received" // after the credit: ends REFUNDED
	FlowDeleted              Flow = "deleted"                  // CREATED, DELETED, RESTORED, DELETED
	FlowCheckoutPaid         Flow = "checkout_paid"            // CHECKOUT_PAID after the payment's events
	FlowCheckoutPaidFirst    Flow = "checkout_paid_first"      // CHECKOUT_PAID before them
	FlowCheckoutRecurrent    Flow = "checkout_recurrent"       // a subscription and its first card charge
	FlowCheckoutBoletoLate   Flow = "checkout_boleto_late"     // EXPIRED, its boleto paid two days after, PAID
	FlowCheckoutBoletoTwice  Flow = "checkout_boleto_twice"    // Pix first, PAID; its boleto after that
	FlowCheckoutBoletoPart   Flow = "checkout_boleto_part"     // paid by boleto, a part given back
	FlowCheckoutExpired      Flow = "checkout_expired"         //
	FlowCheckoutCanceled     Flow = "checkout_canceled"        //
	FlowAnticipationCredited Flow = "anticipation_credited"    // a card charge advanced, not yet settled
	FlowAnticipationDebited  Flow = "anticipation_debited"     // … and settled by its own credit
	FlowAnticipationDenied   Flow = "anticipation_denied"      //
	FlowAnticipationRefunded Flow = "anticipation_refunded"    // given back before its credit: the advance is called in
	FlowAdvancedBoletoPaid   Flow = "anticipation_boleto"      // an open boleto advanced, then paid
	FlowAdvancedBoletoUnpaid Flow = "anticipation_overdue"     // … and not paid: the advance is taken back
	FlowDisputeOpen          Flow = "chargeback_open"          // CHARGEBACK_REQUESTED; the clock loses it unless contested
	FlowDebitCard            Flow = "debit_card"               // CREATED already CONFIRMED, CONFIRMED, RECEIVED
	FlowCaptured             Flow = "captured"                 // CREATED, AUTHORIZED, CONFIRMED
	FlowRiskApproved         Flow = "risk_approved"            // CREATED, AWAITING_RISK_ANALYSIS, APPROVED_BY_…, CONFIRMED
	FlowRiskReproved         Flow = "risk_reproved"            // … REPROVED_BY_RISK_ANALYSIS, PENDING again
	FlowDunning              Flow = "dunning"                  // OVERDUE, DUNNING_REQUESTED, DUNNING_RECEIVED
	FlowBoletoOverdue        Flow = "boleto_overdue"           // CREATED, OVERDUE
	FlowBoletoOpen           Flow = "boleto_open"              // CREATED; the clock makes it OVERDUE
	FlowBoletoViewed         Flow = "boleto_viewed"            // CREATED, CHECKOUT_VIEWED, BANK_SLIP_VIEWED, RECEIVED
	FlowRefundBoleto         Flow = "refund_boleto"            // … REFUND_IN_PROGRESS, REFUNDED
	FlowRefundDenied         Flow = "refund_denied"            // … REFUND_IN_PROGRESS, REFUND_DENIED, RECEIVED again
	FlowTransfer             Flow = "transfer"                 // Pix; half of it sent to a bank: TRANSFER_CREATED … DONE
	FlowTransferFailed       Flow = "transfer_failed"          // … and back: TRANSFER_FAILED
	FlowBlocked              Flow = "balance_blocked"          // Pix; a part of it blocked by a court
	FlowUnblocked            Flow = "balance_unblocked"        // … and freed again
	FlowInternal             Flow = "internal_transfer"        // Pix; the gateway takes a part and gives another
	FlowShared               Flow = "split"                    // Pix; two shares go to other wallets: PAYMENT_SPLIT_DONE
)

type script struct {
	span time.Duration // from the first event to the present, at least
	play func(*accounts.Scene, Variation)
}

var scripts = map[Flow]script{
	FlowPix:                  {78 * time.Second, playPix},
	FlowPixUnsolicited:       {time.Second, playUnsolicited},
	FlowBoleto:               {6 * accounts.Day, playBoleto},
	FlowBoletoLate:           {16 * accounts.Day, playBoletoLate},
	FlowCard:                 {36 * accounts.Day, playCard},
	FlowCard3x:               {2 * time.Second, playCard3x},
	FlowCash:                 {3 * accounts.Day, playCash},
	FlowRefund:               {2 * time.Hour, playRefund},
	FlowRefundPartial:        {2 * time.Hour, playRefundPartial},
	FlowRefundCard:           {2 * time.Hour, playRefundCard},
	FlowChargebackWon:        {30 * accounts.Day, playChargebackWon},
	FlowChargebackLost:       {30 * accounts.Day, playChargebackLost},
	FlowDisputeWonReceived:   {66 * accounts.Day, playDisputeWonReceived},
	FlowDisputeLostReceived:  {66 * accounts.Day, playDisputeLostReceived},
	FlowDeleted:              {4 * time.Hour, playDeleted},
	FlowCheckoutPaid:         {10 * time.Minute, playCheckoutPaid},
	FlowCheckoutPaidFirst:    {10 * time.Minute, playCheckoutPaidFirst},
	FlowCheckoutRecurrent:    {10 * time.Minute, playCheckoutRecurrent},
	FlowCheckoutBoletoLate:   {6 * accounts.Day, playCheckoutBoletoLate},
	FlowCheckoutBoletoTwice:  {6 * accounts.Day, playCheckoutBoletoTwice},
	FlowCheckoutBoletoPart:   {8 * accounts.Day, playCheckoutBoletoPart},
	FlowCheckoutExpired:      {61 * time.Minute, playCheckoutExpired},
	FlowCheckoutCanceled:     {11 * time.Minute, playCheckoutCanceled},
	FlowAnticipationCredited: {2 * accounts.Day, playAnticipationCredited},
	FlowAnticipationDebited:  {40 * accounts.Day, playAnticipationDebited},
	FlowAnticipationDenied:   {2 * accounts.Day, playAnticipationDenied},
	FlowAnticipationRefunded: {3 * accounts.Day, playAnticipationRefunded},
	FlowAdvancedBoletoPaid:   {20 * accounts.Day, playAdvancedBoletoPaid},
	FlowAdvancedBoletoUnpaid: {25 * accounts.Day, playAdvancedBoletoUnpaid},
	FlowDisputeOpen:          {3 * accounts.Day, playDisputeOpen},
	FlowDebitCard:            {5 * accounts.Day, playDebitCard},
	FlowCaptured:             {2 * accounts.Day, playCaptured},
	FlowRiskApproved:         {4 * time.Hour, playRiskApproved},
	FlowRiskReproved:         {4 * time.Hour, playRiskReproved},
	FlowDunning:              {28 * accounts.Day, playDunning},
	FlowBoletoOverdue:        {9 * accounts.Day, playBoletoOverdue},
	FlowBoletoOpen:           {time.Second, playBoletoOpen},
	FlowBoletoViewed:         {3 * time.Hour, playViewed},
	FlowRefundBoleto:         {10 * accounts.Day, playRefundBoleto},
	FlowRefundDenied:         {10 * accounts.Day, playRefundDenied},
	FlowTransfer:             {2 * time.Hour, playTransfer},
	FlowTransferFailed:       {2 * time.Hour, playTransferFailed},
	FlowBlocked:              {2 * time.Hour, playBlocked},
	FlowUnblocked:            {26 * time.Hour, playUnblocked},
	FlowInternal:             {3 * time.Hour, playInternal},
	FlowShared:               {2 * time.Minute, playShared},
}

// All returns the names of all flows, sorted.
func All() []Flow {
	names := make([]Flow, 0, len(scripts))
	for name := range scripts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Variation is what varies between two plays of one flow; the zero value is a charge of
// R$ 100,00 without reference.
type Variation struct {
	AmountCents int64  `json:"amountCents"` // of one charge; 0 is 10000
	Reference   string `json:"reference"`   // externalReference
	KeptCents   int64  `json:"keptCents"`   // kept back beside the fee, as a tax would be
}

// Played names what a flow made, oldest first.
type Played struct {
	Payments      []string `json:"payments"`
	Checkouts     []string `json:"checkouts"`
	Anticipations []string `json:"anticipations"`
}

// Player plays flows in the accounts of a world.
type Player struct{ world *accounts.World }

// NewPlayer returns what plays flows in a world.
func NewPlayer(world *accounts.World) *Player { return &Player{world} }

// Play lets a flow happen in the account: its objects can be read by the API, its events
// are queued at once. It fails for an unknown account or flow.
func (p *Player) Play(accountID string, flow Flow, like Variation) (Played, error) {
	p.world.Lock()
	defer p.world.Unlock()
	a, err := p.world.Find(accountID)
	if err != nil {
		return Played{}, err
	}
	told, ok := scripts[flow]
	if !ok {
		return Played{}, fmt.Errorf("no flow %q", flow)
	}
	if like.AmountCents <= 0 {
		like.AmountCents = 10_000
	}
	payments, checkouts, anticipations := len(a.Payments), len(a.Checkouts), len(a.Anticipations)
	p.world.CatchUp()
	told.play(p.world.Past(a, told.span), like)
	made := Played{Payments: []string{}, Checkouts: []string{}, Anticipations: []string{}}
	for _, x := range a.Payments[payments:] {
		made.Payments = append(made.Payments, x.ID)
	}
	for _, x := range a.Checkouts[checkouts:] {
		made.Checkouts = append(made.Checkouts, x.ID)
	}
	for _, x := range a.Anticipations[anticipations:] {
		made.Anticipations = append(made.Anticipations, x.ID)
	}
	return made, nil
}

func (like Variation) charge(method string) accounts.Charge {
	return accounts.Charge{
		Method: method, Value: accounts.Cents(like.AmountCents),
		Kept: accounts.Cents(like.KeptCents), Reference: like.Reference,
		Description: "Consulta veterinária",
	}
}
