package v1

import (
	"time"

	"patapay/domain"
)

// cardView is what may be shown of a card.
type cardView struct {
	Brand *string `json:"brand"`
	Last4 *string `json:"last4"`
}

// discountView is a reduction for early payment: an amount or a percentage.
type discountView struct {
	Type     *string          `json:"type" doc:"FIXED or PERCENTAGE"`
	Amount   maybe[moneyView] `json:"amount" doc:"Of a FIXED one"`
	Percent  *string          `json:"percent" doc:"Of a PERCENTAGE one, a decimal"`
	Days     int              `json:"days" doc:"Before the due date"`
	LimitDay *string          `json:"limitDay"`
}

// surchargeView is a fine or interest for late payment.
type surchargeView struct {
	Type    *string          `json:"type" doc:"FIXED or PERCENTAGE"`
	Amount  maybe[moneyView] `json:"amount" doc:"Of a FIXED one"`
	Percent *string          `json:"percent" doc:"Of a PERCENTAGE one, a decimal"`
}

// fixedOrPercent tells a number with its type: reais become an amount, per cent stay a
// decimal text.
func fixedOrPercent(value domain.Decimal, typ string) (amount maybe[moneyView], percent *string) {
	if typ != "FIXED" {
		return amount, some(value)
	}
	if m, err := domain.ParseMoney(string(value)); err == nil {
		amount = has(moneyOf(m))
	}
	return amount, nil
}

func discountOf(d domain.Discount) discountView {
	amount, percent := fixedOrPercent(d.Value, d.Type)
	return discountView{some(d.Type), amount, percent, d.Days, some(d.LimitDay)}
}

func surchargeOf(s domain.Surcharge) surchargeView {
	amount, percent := fixedOrPercent(s.Value, s.Type)
	return surchargeView{some(s.Type), amount, percent}
}

// chargebackView is a card holder's dispute.
type chargebackView struct {
	ID            *string          `json:"id"`
	Status        *string          `json:"status" doc:"REQUESTED, IN_DISPUTE, DISPUTE_LOST, REVERSED or DONE"`
	Reason        *string          `json:"reason"`
	DisputeStatus *string          `json:"disputeStatus"`
	DisputeStart  *string          `json:"disputeStart"`
	PaymentDate   *string          `json:"paymentDate"`
	Deadline      *string          `json:"deadline" doc:"Last day to send documents"`
	Value         maybe[moneyView] `json:"value"`
}

func chargebackOf(c domain.Chargeback) chargebackView {
	return chargebackView{some(c.ID), some(c.Status), some(c.Reason), some(c.DisputeStatus), some(c.DisputeStart), some(c.PaymentDate), some(c.Deadline), amount(c.Value)}
}

// escrowView is an amount held in custody.
type escrowView struct {
	ID           *string `json:"id"`
	Status       *string `json:"status"`
	Expires      *string `json:"expires"`
	Finished     *string `json:"finished"`
	FinishReason *string `json:"finishReason"`
}

func escrowOf(e domain.Escrow) escrowView {
	return escrowView{some(e.ID), some(e.Status), some(e.Expires), some(e.Finished), some(e.FinishReason)}
}

// splitView is a share that goes to another wallet, fixed or a percentage.
type splitView struct {
	ID                 *string          `json:"id"`
	WalletID           *string          `json:"walletId"`
	Fixed              maybe[moneyView] `json:"fixed"`
	Percent            *string          `json:"percent" doc:"A decimal"`
	Total              maybe[moneyView] `json:"total" doc:"Of a payment: the amount; of a plan: the fixed amount in all"`
	Status             *string          `json:"status"`
	CancellationReason *string          `json:"cancellationReason"`
	RefusalReason      *string          `json:"refusalReason"`
	ExternalReference  *string          `json:"externalReference"`
	Description        *string          `json:"description"`
}

// describedText is the free text of a split.
type describedText struct {
	Description string `json:"description"`
}

func splitsOf(splits []domain.Split, told []describedText) []splitView {
	views := make([]splitView, len(splits))
	for i, s := range splits {
		views[i] = splitView{some(s.ID), some(s.Wallet), amount(s.Fixed), some(s.Percent), amount(s.Total), some(s.Status),
			some(s.CancellationReason), some(s.RefusalReason), some(s.ExternalReference), some(at(told, i).Description)}
	}
	return views
}

// refundView is one refund; only one with status DONE has moved money.
type refundView struct {
	CreatedAt             *time.Time       `json:"createdAt"`
	EffectiveAt           *time.Time       `json:"effectiveAt"`
	Status                *string          `json:"status"`
	Value                 maybe[moneyView] `json:"value"`
	EndToEndID            *string          `json:"endToEndId" doc:"Of a Pix"`
	SplitsReturned        maybe[moneyView] `json:"splitsReturned" doc:"Taken back from split wallets"`
	Description           *string          `json:"description"`
	TransactionReceiptURL *string          `json:"transactionReceiptUrl"`
}

// refundText is the free text of a refund.
type refundText struct {
	Description           string `json:"description"`
	TransactionReceiptURL string `json:"transactionReceiptUrl"`
}

func refundsOf(refunds []domain.Refund, told []refundText) []refundView {
	views := make([]refundView, len(refunds))
	for i, r := range refunds {
		t := at(told, i)
		views[i] = refundView{instant(r.CreatedAt), instant(r.EffectiveAt), some(r.Status), amount(r.Value), some(r.EndToEnd),
			amount(r.SplitsReturned), some(t.Description), some(t.TransactionReceiptURL)}
	}
	return views
}
