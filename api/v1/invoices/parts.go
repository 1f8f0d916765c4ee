package invoices

import (
	"time"

	"patapay/api/rest"
	"patapay/domain"
)

// cardView is what may be shown of a card.
type cardView struct {
	Brand *string `json:"brand"`
	Last4 *string `json:"last4"`
}

// discountView is a reduction for early payment: an amount or a percentage.
type discountView struct {
	Type     *string                    `json:"type" doc:"FIXED or PERCENTAGE"`
	Amount   rest.Maybe[rest.MoneyView] `json:"amount" doc:"Of a FIXED one"`
	Percent  *string                    `json:"percent" doc:"Of a PERCENTAGE one, a decimal"`
	Days     int                        `json:"days" doc:"Before the due date"`
	LimitDay *string                    `json:"limitDay"`
}

// surchargeView is a fine or interest for late payment.
type surchargeView struct {
	Type    *string                    `json:"type" doc:"FIXED or PERCENTAGE"`
	Amount  rest.Maybe[rest.MoneyView] `json:"amount" doc:"Of a FIXED one"`
	Percent *string                    `json:"percent" doc:"Of a PERCENTAGE one, a decimal"`
}

// fixedOrPercent tells a number with its type: reais become an amount, per cent stay a
// decimal text.
func fixedOrPercent(value domain.Decimal, typ string) (amount rest.Maybe[rest.MoneyView], percent *string) {
	if typ != "FIXED" {
		return amount, rest.TextOrNull(value)
	}
	if m, err := domain.ParseMoney(string(value)); err == nil {
		amount = rest.Present(rest.MoneyOf(m))
	}
	return amount, nil
}

func discountOf(d domain.Discount) discountView {
	amount, percent := fixedOrPercent(d.Value, d.Type)
	return discountView{rest.TextOrNull(d.Type), amount, percent, d.Days, rest.TextOrNull(d.LimitDay)}
}

func surchargeOf(s domain.Surcharge) surchargeView {
	amount, percent := fixedOrPercent(s.Value, s.Type)
	return surchargeView{rest.TextOrNull(s.Type), amount, percent}
}

// refusalView is a card that was not charged.
type refusalView struct {
	At    *time.Time `json:"at" doc:"null: Asaas gave no usable date"`
	Kind  string     `json:"kind" enum:"capture,risk_analysis" doc:"Who refused: the card's bank, or Asaas's analysis"`
	Count int        `json:"count" doc:"Refusals so far"`
}

// chargebackView is a card holder's dispute.
type chargebackView struct {
	ID            *string                    `json:"id"`
	Status        *string                    `json:"status" doc:"REQUESTED, IN_DISPUTE, DISPUTE_LOST, REVERSED or DONE"`
	Reason        *string                    `json:"reason"`
	DisputeStatus *string                    `json:"disputeStatus"`
	DisputeStart  *string                    `json:"disputeStart"`
	PaymentDate   *string                    `json:"paymentDate"`
	Deadline      *string                    `json:"deadline" doc:"Last day to send documents"`
	Value         rest.Maybe[rest.MoneyView] `json:"value"`
}

func chargebackOf(c domain.Chargeback) chargebackView {
	return chargebackView{
		rest.TextOrNull(c.ID),
		rest.TextOrNull(c.Status),
		rest.TextOrNull(c.Reason),
		rest.TextOrNull(c.DisputeStatus),
		rest.TextOrNull(c.DisputeStart),
		rest.TextOrNull(c.PaymentDate),
		rest.TextOrNull(c.Deadline),
		rest.MoneyOrNull(c.Value),
	}
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
	return escrowView{
		rest.TextOrNull(e.ID),
		rest.TextOrNull(e.Status),
		rest.TextOrNull(e.Expires),
		rest.TextOrNull(e.Finished),
		rest.TextOrNull(e.FinishReason),
	}
}

// splitView is a share that goes to another wallet, fixed or a percentage.
type splitView struct {
	ID                 *string                    `json:"id"`
	WalletID           *string                    `json:"walletId"`
	Fixed              rest.Maybe[rest.MoneyView] `json:"fixed"`
	Percent            *string                    `json:"percent" doc:"A decimal"`
	Total              rest.Maybe[rest.MoneyView] `json:"total" doc:"Of a payment: the amount; of a plan: the fixed amount in all"`
	Status             *string                    `json:"status"`
	CancellationReason *string                    `json:"cancellationReason"`
	RefusalReason      *string                    `json:"refusalReason"`
	ExternalReference  *string                    `json:"externalReference"`
	Description        *string                    `json:"description"`
}

// describedText is the free text of a split.
type describedText struct {
	Description string `json:"description"`
}

func splitsOf(splits []domain.Split, told []describedText) []splitView {
	views := make([]splitView, len(splits))
	for i, s := range splits {
		views[i] = splitView{
			rest.TextOrNull(s.ID),
			rest.TextOrNull(s.Wallet),
			rest.MoneyOrNull(s.Fixed),
			rest.TextOrNull(s.Percent),
			rest.MoneyOrNull(s.Total),
			rest.TextOrNull(s.Status),
			rest.TextOrNull(s.CancellationReason),
			rest.TextOrNull(s.RefusalReason),
			rest.TextOrNull(s.ExternalReference),
			rest.TextOrNull(rest.At(told, i).Description),
		}
	}
	return views
}

// refundView is one refund; only one with status DONE has moved money.
type refundView struct {
	CreatedAt             *time.Time                 `json:"createdAt"`
	EffectiveAt           *time.Time                 `json:"effectiveAt"`
	Status                *string                    `json:"status"`
	Value                 rest.Maybe[rest.MoneyView] `json:"value"`
	EndToEndID            *string                    `json:"endToEndId" doc:"Of a Pix"`
	SplitsReturned        rest.Maybe[rest.MoneyView] `json:"splitsReturned" doc:"Taken back from split wallets"`
	Description           *string                    `json:"description"`
	TransactionReceiptURL *string                    `json:"transactionReceiptUrl"`
}

// refundText is the free text of a refund.
type refundText struct {
	Description           string `json:"description"`
	TransactionReceiptURL string `json:"transactionReceiptUrl"`
}

func refundsOf(refunds []domain.Refund, told []refundText) []refundView {
	views := make([]refundView, len(refunds))
	for i, r := range refunds {
		t := rest.At(told, i)
		views[i] = refundView{
			rest.LocalTimeOrNull(r.CreatedAt),
			rest.LocalTimeOrNull(r.EffectiveAt),
			rest.TextOrNull(r.Status),
			rest.MoneyOrNull(r.Value),
			rest.TextOrNull(r.EndToEnd),
			rest.MoneyOrNull(r.SplitsReturned),
			rest.TextOrNull(t.Description),
			rest.TextOrNull(t.TransactionReceiptURL),
		}
	}
	return views
}
