package domain

import "time"

// PaymentSnapshot is a gateway payment as one event shows it (docs/gateway.md,
// optional keys). Words are the gateway's own; free text, addresses and the card token are not
// here.
type PaymentSnapshot struct {
	ID                Opt[string]
	Status            Opt[string]
	BillingType       Opt[string]
	Customer          Opt[string]
	Subscription      Opt[string]
	Installment       Opt[string] // the plan
	InstallmentNumber Opt[int]    // from 1
	CheckoutSession   Opt[string]
	PaymentLink       Opt[string]
	ExternalReference Opt[string]
	InvoiceNumber     Opt[string] // of the gateway's page, not of a tax document
	NossoNumero       Opt[string]
	PixTransaction    Opt[string]
	PixQRCode         Opt[string]

	Value         Opt[Money]
	NetValue      Opt[Money] // value less the charge's fee; refunds do not lower it
	GrossValue    Opt[Money]
	OriginalValue Opt[Money] // when the payer paid another amount
	InterestValue Opt[Money] // interest and fine inside value

	CreatedOn           Opt[Day]
	DueDate             Opt[Day]
	OriginalDueDate     Opt[Day]
	ConfirmedDate       Opt[Day]
	PaymentDate         Opt[Day] // the money reached the clinic
	ClientPaymentDate   Opt[Day] // the payer paid
	CreditDate          Opt[Day]
	EstimatedCreditDate Opt[Day]
	InvoiceViewedAt     Opt[time.Time] // UTC
	BankSlipViewedAt    Opt[time.Time] // UTC

	Deleted          Opt[bool]
	Anticipated      Opt[bool]
	Anticipable      Opt[bool]
	PayableAfterDue  Opt[bool]
	PostalService    Opt[bool]
	SlipDaysAfterDue Opt[int] // days after the due date until the slip's registration ends

	Card       Opt[Card]
	Discount   Opt[Discount]
	Fine       Opt[Surcharge]
	Interest   Opt[Surcharge]
	Chargeback Opt[Chargeback]
	Escrow     Opt[Escrow]
	Split      Opt[[]Split]
	Refunds    Opt[[]Refund]
}

// Card is what may be shown of a card.
type Card struct {
	Brand string
	Last4 string
}

// Discount is a reduction for early payment.
type Discount struct {
	Value    Decimal // reais or per cent, by Type
	Type     string  // FIXED, PERCENTAGE
	Days     int     // before the due date
	LimitDay Day
}

// Surcharge is a fine or interest for late payment.
type Surcharge struct {
	Value Decimal // reais or per cent, by Type
	Type  string  // FIXED, PERCENTAGE
}

// Chargeback is a card holder's dispute.
type Chargeback struct {
	ID            string
	Status        string // REQUESTED, IN_DISPUTE, DISPUTE_LOST, REVERSED, DONE
	Reason        string
	DisputeStatus string
	DisputeStart  Day
	PaymentDate   Day
	Deadline      Day // last day to send documents
	Value         Opt[Money]
}

// Escrow is an amount held in custody.
type Escrow struct {
	ID           string
	Status       string
	Expires      Day
	Finished     Day
	FinishReason string
}

// Split is a share of a payment or checkout that goes to another wallet. A share is
// either Fixed or Percent.
type Split struct {
	ID                 string
	Wallet             string
	Fixed              Opt[Money]
	Percent            Decimal
	Total              Opt[Money] // of a payment: the amount; of a plan: fixed amount in all
	Status             string
	CancellationReason string
	RefusalReason      string
	ExternalReference  string
}

// Refund is one refund of a payment; only one with status DONE has moved money.
type Refund struct {
	CreatedAt      LocalTime
	EffectiveAt    LocalTime
	Status         string
	Value          Opt[Money]
	EndToEnd       string     // Pix end-to-end id
	SplitsReturned Opt[Money] // taken back from split wallets
}

// RefundDone is the only status of a refund that has moved money.
const RefundDone = "DONE"

// Refunded returns the sum of the refunds that are done.
func (p *PaymentSnapshot) Refunded() Money {
	var sum Money
	for _, r := range p.Refunds.V {
		if v, ok := r.Value.Get(); ok && r.Status == RefundDone {
			sum += v
		}
	}
	return sum
}

// mergePayment lays next over state, except id and status, and tells what changed.
func mergePayment(state, next *PaymentSnapshot) change {
	c := mergePaymentLinks(state, next) | mergePaymentMoney(state, next) | mergePaymentDays(state, next)
	c |= merge(&state.Deleted, next.Deleted)
	c |= merge(&state.Anticipated, next.Anticipated)
	c |= merge(&state.Anticipable, next.Anticipable)
	c |= merge(&state.PayableAfterDue, next.PayableAfterDue)
	c |= merge(&state.PostalService, next.PostalService)
	c |= merge(&state.SlipDaysAfterDue, next.SlipDaysAfterDue)
	c |= merge(&state.Card, next.Card)
	c |= merge(&state.Discount, next.Discount)
	c |= merge(&state.Fine, next.Fine)
	c |= merge(&state.Interest, next.Interest)
	c |= merge(&state.Chargeback, next.Chargeback)
	c |= merge(&state.Escrow, next.Escrow)
	c |= mergeList(&state.Split, next.Split)
	c |= mergeList(&state.Refunds, next.Refunds)
	if merge(
		&state.InvoiceViewedAt, next.InvoiceViewedAt,
	)|merge(
		&state.BankSlipViewedAt, next.BankSlipViewedAt,
	) != unchanged {
		c |= viewed
	}
	return c
}

func mergePaymentLinks(state, next *PaymentSnapshot) change {
	c := merge(&state.BillingType, next.BillingType)
	c |= merge(&state.Customer, next.Customer)
	c |= merge(&state.Subscription, next.Subscription)
	c |= merge(&state.Installment, next.Installment)
	c |= merge(&state.InstallmentNumber, next.InstallmentNumber)
	c |= merge(&state.CheckoutSession, next.CheckoutSession)
	c |= merge(&state.PaymentLink, next.PaymentLink)
	c |= merge(&state.ExternalReference, next.ExternalReference)
	c |= merge(&state.InvoiceNumber, next.InvoiceNumber)
	c |= merge(&state.NossoNumero, next.NossoNumero)
	c |= merge(&state.PixTransaction, next.PixTransaction)
	c |= merge(&state.PixQRCode, next.PixQRCode)
	return c
}

func mergePaymentMoney(state, next *PaymentSnapshot) change {
	c := merge(&state.Value, next.Value)
	c |= merge(&state.NetValue, next.NetValue)
	c |= merge(&state.GrossValue, next.GrossValue)
	c |= merge(&state.OriginalValue, next.OriginalValue)
	c |= merge(&state.InterestValue, next.InterestValue)
	return c
}

func mergePaymentDays(state, next *PaymentSnapshot) change {
	c := merge(&state.CreatedOn, next.CreatedOn)
	c |= merge(&state.DueDate, next.DueDate)
	c |= merge(&state.OriginalDueDate, next.OriginalDueDate)
	c |= merge(&state.ConfirmedDate, next.ConfirmedDate)
	c |= merge(&state.PaymentDate, next.PaymentDate)
	c |= merge(&state.ClientPaymentDate, next.ClientPaymentDate)
	c |= merge(&state.CreditDate, next.CreditDate)
	c |= merge(&state.EstimatedCreditDate, next.EstimatedCreditDate)
	return c
}

// CardRefusal is why a card was not charged.
type CardRefusal string

// The kinds of refusal, by what they are called under /v1.
const (
	RefusedByCapture CardRefusal = "capture"       // the card's bank refused
	RefusedByRisk    CardRefusal = "risk_analysis" // Asaas's analysis refused
)

// cardRefusals are the events that tell of one. They leave the status as it is, so without a word of its own nobody
// would hear of it (docs/gateway.md, orders of events).
var cardRefusals = map[EventType]CardRefusal{
	"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED": RefusedByCapture,
	"PAYMENT_REPROVED_BY_RISK_ANALYSIS":   RefusedByRisk,
}

// Refusals are the refusals of a payment's card: the newest in canonical order, and how many there were, so that each
// is a new version of the payment.
type Refusals struct {
	Count  int
	LastAt LocalTime // as the gateway dated it; "" when it gave no usable date
	Last   CardRefusal
}

// refusalsIn counts the refusals of an arranged history.
func refusalsIn(order []*Record) (all Refusals) {
	for _, r := range order {
		if kind, is := cardRefusals[r.Type]; is && r.GatewaySnapshot == nil {
			all.Count++
			all.LastAt, all.Last = r.At, kind
		}
	}
	return all
}
