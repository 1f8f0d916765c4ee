package domain

import "time"

// InvoiceStatus is where an invoice stands, in our words.
type InvoiceStatus string

// The statuses of an invoice.
const (
	InvoicePending        InvoiceStatus = "pending"
	InvoiceOverdue        InvoiceStatus = "overdue"
	InvoiceAuthorized     InvoiceStatus = "authorized"
	InvoiceInReview       InvoiceStatus = "in_review"
	InvoiceConfirmed      InvoiceStatus = "confirmed"
	InvoiceReceived       InvoiceStatus = "received"
	InvoiceReceivedInCash InvoiceStatus = "received_in_cash"
	InvoiceRefunding      InvoiceStatus = "refunding"
	InvoiceRefunded       InvoiceStatus = "refunded"
	InvoiceDisputed       InvoiceStatus = "disputed"
	InvoiceInCollection   InvoiceStatus = "in_collection"
	InvoiceCollected      InvoiceStatus = "collected"
	InvoiceUnknown        InvoiceStatus = "unknown"

	// InvoiceNotAtAsaas is a payment that an event told of and Asaas does not know, however often it was asked
	// (docs/gateway.md, what a 404 means). Its money counts nowhere.
	InvoiceNotAtAsaas InvoiceStatus = "not_at_asaas"
)

// Invoice is the projection of one gateway payment.
type Invoice struct {
	Projection
	Status  InvoiceStatus
	Deleted bool
	PaidAt  LocalTime // of the event that first showed it paid; "" while it is not

	Value          Opt[Money]
	NetValue       Opt[Money]
	GrossValue     Opt[Money]
	OriginalValue  Opt[Money]
	InterestValue  Opt[Money]
	RefundedAmount Money // sum of the refunds that are done

	CreatedOn           Day
	DueDate             Day
	OriginalDueDate     Day
	ConfirmedDate       Day
	PaymentDate         Day
	ClientPaymentDate   Day
	CreditDate          Day
	EstimatedCreditDate Day
	InvoiceViewedAt     Opt[time.Time] // UTC
	BankSlipViewedAt    Opt[time.Time] // UTC

	Method            string // the gateway's billingType
	CardBrand         string
	CardLast4         string
	Customer          string
	Subscription      string
	Installment       string
	InstallmentNumber Opt[int]
	CheckoutSession   string
	PaymentLink       string
	ExternalReference string
	InvoiceNumber     string
	NossoNumero       string
	PixTransaction    string
	PixQRCode         string

	Anticipated      bool
	Anticipable      bool
	PayableAfterDue  Opt[bool]
	PostalService    bool
	SlipDaysAfterDue Opt[int]
	Discount         Opt[Discount]
	Fine             Opt[Surcharge]
	Interest         Opt[Surcharge]
	Chargeback       Opt[Chargeback]
	Escrow           Opt[Escrow]
	Split            []Split
	Refunds          []Refund
	CardRefusals     Refusals `json:",omitzero"` // told by events alone, never by the gateway's object
}

// Fee returns what the gateway keeps, value less netValue; none when either is unknown.
func (i Invoice) Fee() Opt[Money] {
	value, ok := i.Value.Get()
	net, known := i.NetValue.Get()
	if !ok || !known {
		return Opt[Money]{}
	}
	return Some(value - net)
}

// NeedsConfirmation tells whether money moved by word of a webhook alone: such an invoice
// is read once from the gateway.
func (i Invoice) NeedsConfirmation() bool {
	return (i.Status.movesMoney() || i.RefundedAmount != 0) && i.ConfirmedBy != ConfirmedByAPI
}

// movesMoney tells whether reaching s is a money fact.
func (s InvoiceStatus) movesMoney() bool {
	switch s {
	case InvoiceConfirmed, InvoiceReceived, InvoiceReceivedInCash, InvoiceRefunding,
		InvoiceRefunded, InvoiceDisputed, InvoiceCollected:
		return true
	}
	return false
}

// MoneyStatuses returns the statuses that are a money fact, in the order of an invoice's life.
func MoneyStatuses() (list []InvoiceStatus) {
	for _, s := range InvoiceStatuses() {
		if s.movesMoney() {
			list = append(list, s)
		}
	}
	return list
}

// FoldInvoice returns the invoice that history tells of: the accepted records of one
// payment, in any order and with repeats, and what is odd about it. The result is the
// same for every order, because folding puts them into the canonical one first. history is not changed.
func FoldInvoice(history []Record) (Invoice, []Anomaly) {
	w := foldHistory(&paymentRules, history)
	i := Invoice{Projection: w.projection(), Status: invoiceStatusOf(w.status), PaidAt: w.paidAt}
	i.fill(&w.state)
	i.fillMoney(&w.state)
	i.fillDays(&w.state)
	i.fillLinks(&w.state)
	i.CardRefusals = refusalsIn(w.order)
	if w.isNotAtGateway() {
		i.Status, i.PaidAt = InvoiceNotAtAsaas, ""
	}
	return i, w.anomalies
}

func (i *Invoice) fill(s *PaymentSnapshot) {
	i.Deleted = s.Deleted.V
	i.Anticipated, i.Anticipable = s.Anticipated.V, s.Anticipable.V
	i.PayableAfterDue, i.PostalService = s.PayableAfterDue.plain(), s.PostalService.V
	i.SlipDaysAfterDue = s.SlipDaysAfterDue.plain()
	i.Method, i.CardBrand, i.CardLast4 = s.BillingType.V, s.Card.V.Brand, s.Card.V.Last4
	i.Discount, i.Fine, i.Interest = s.Discount.plain(), s.Fine.plain(), s.Interest.plain()
	i.Chargeback, i.Escrow = s.Chargeback.plain(), s.Escrow.plain()
	i.Split, i.Refunds = s.Split.V, s.Refunds.V
}

func (i *Invoice) fillMoney(s *PaymentSnapshot) {
	i.Value, i.NetValue, i.GrossValue = s.Value.plain(), s.NetValue.plain(), s.GrossValue.plain()
	i.OriginalValue, i.InterestValue = s.OriginalValue.plain(), s.InterestValue.plain()
	i.RefundedAmount = s.Refunded()
}

func (i *Invoice) fillDays(s *PaymentSnapshot) {
	i.CreatedOn, i.DueDate, i.OriginalDueDate = s.CreatedOn.V, s.DueDate.V, s.OriginalDueDate.V
	i.ConfirmedDate, i.PaymentDate, i.ClientPaymentDate = s.ConfirmedDate.V, s.PaymentDate.V, s.ClientPaymentDate.V
	i.CreditDate, i.EstimatedCreditDate = s.CreditDate.V, s.EstimatedCreditDate.V
	i.InvoiceViewedAt, i.BankSlipViewedAt = s.InvoiceViewedAt.plain(), s.BankSlipViewedAt.plain()
}

func (i *Invoice) fillLinks(s *PaymentSnapshot) {
	i.Customer, i.Subscription = s.Customer.V, s.Subscription.V
	i.Installment, i.InstallmentNumber = s.Installment.V, s.InstallmentNumber.plain()
	i.CheckoutSession, i.PaymentLink = s.CheckoutSession.V, s.PaymentLink.V
	i.ExternalReference, i.InvoiceNumber = s.ExternalReference.V, s.InvoiceNumber.V
	i.NossoNumero, i.PixTransaction, i.PixQRCode = s.NossoNumero.V, s.PixTransaction.V, s.PixQRCode.V
}

// invoiceStatusOf returns our word for the gateway's payment status, InvoiceUnknown for
// one that we have not met (docs/architecture.md, status).
func invoiceStatusOf(raw string) InvoiceStatus {
	if s, ok := invoiceStatuses[raw]; ok {
		return s
	}
	return InvoiceUnknown
}

var invoiceStatuses = map[string]InvoiceStatus{
	"PENDING":                      InvoicePending,
	"OVERDUE":                      InvoiceOverdue,
	"AUTHORIZED":                   InvoiceAuthorized,
	"AWAITING_RISK_ANALYSIS":       InvoiceInReview,
	"CONFIRMED":                    InvoiceConfirmed,
	"RECEIVED":                     InvoiceReceived,
	"RECEIVED_IN_CASH":             InvoiceReceivedInCash,
	"REFUND_REQUESTED":             InvoiceRefunding,
	"REFUND_IN_PROGRESS":           InvoiceRefunding,
	"REFUNDED":                     InvoiceRefunded,
	"CHARGEBACK_REQUESTED":         InvoiceDisputed,
	"CHARGEBACK_DISPUTE":           InvoiceDisputed,
	"AWAITING_CHARGEBACK_REVERSAL": InvoiceDisputed,
	"DUNNING_REQUESTED":            InvoiceInCollection,
	"DUNNING_RECEIVED":             InvoiceCollected,
}

// paymentRules follow every newest status, also one that the table does not allow: it is
// flagged and the gateway is asked, but an older one would be a guess.
var paymentRules = rules[PaymentSnapshot]{
	pick:   func(s Snapshot) *PaymentSnapshot { return s.Payment },
	id:     func(s *PaymentSnapshot) Opt[string] { return s.ID },
	status: func(s *PaymentSnapshot) Opt[string] { return s.Status },
	merge:  mergePayment,
	named:  namedPayment,
	graph:  paymentGraph,
	holds:  func(_, _ string) bool { return false },
	paid:   isPaid,
	fact:   isPaid,
	money:  paymentMoney,
	odd:    oddPayment,
}

func isPaid(raw string) bool {
	s := invoiceStatusOf(raw)
	return s != InvoiceUnknown && s.movesMoney()
}

// namedPayment applies what the event's name says by itself, whatever its snapshot lacks:
// deletion, restoration and anticipation. It returns a reason when both disagree.
func namedPayment(state, next *PaymentSnapshot, typ EventType) (change, string) {
	switch typ {
	case "PAYMENT_DELETED":
		return nameDeleted(state, next, true)
	case "PAYMENT_RESTORED":
		return nameDeleted(state, next, false)
	case "PAYMENT_ANTICIPATED":
		if next == nil || !next.Anticipated.Set { // else the snapshot decides: the docs are unverified
			return merge(&state.Anticipated, Some(true)), ""
		}
	case "PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "PAYMENT_REPROVED_BY_RISK_ANALYSIS":
		return amended, "" // counted among the card's refusals
	}
	return unchanged, ""
}

func nameDeleted(state, next *PaymentSnapshot, deleted bool) (change, string) {
	odd := ""
	if next != nil && next.Deleted.Set && next.Deleted.V != deleted {
		odd = "the snapshot's deleted flag denies the event's name"
	}
	return merge(&state.Deleted, Some(deleted)), odd
}

func paymentMoney(s *PaymentSnapshot, status string) moneyState {
	return moneyState{
		status: status, dispute: s.Chargeback.V.Status,
		value: s.Value.V, net: s.NetValue.V, other: s.Refunded(),
	}
}

// oddPayment returns the reason why a payment's amounts cannot be right, or "".
func oddPayment(s *PaymentSnapshot) string {
	value, hasValue := s.Value.Get()
	net, hasNet := s.NetValue.Get()
	switch {
	case value < 0:
		return "value is negative"
	case hasValue && hasNet && net > value:
		return "netValue is above value"
	case hasValue && s.Refunded() > value:
		return "refunds are above value"
	}
	return ""
}

// AvailableOn returns the day on which the money is or will be in the balance; "" unknown.
func AvailableOn(i *Invoice) Day {
	if i.CreditDate != "" {
		return i.CreditDate
	}
	return i.EstimatedCreditDate
}

// InvoiceRemoved is what people see of a deleted invoice that holds no money. It is never
// stored: the gateway's status stays as it was (docs/architecture.md, status).
const InvoiceRemoved InvoiceStatus = "removed"

// Shown returns the status as people see it: removed when the invoice was deleted and is
// not paid, else its own.
func (i Invoice) Shown() InvoiceStatus {
	if i.Deleted && !i.Status.movesMoney() && i.Status != InvoiceNotAtAsaas {
		return InvoiceRemoved
	}
	return i.Status
}

// InvoiceStatuses returns every status that Shown may return, in the order of an
// invoice's life.
func InvoiceStatuses() []InvoiceStatus {
	return []InvoiceStatus{
		InvoicePending, InvoiceOverdue, InvoiceAuthorized, InvoiceInReview, InvoiceConfirmed,
		InvoiceReceived, InvoiceReceivedInCash, InvoiceRefunding, InvoiceRefunded, InvoiceDisputed,
		InvoiceInCollection, InvoiceCollected, InvoiceRemoved, InvoiceUnknown, InvoiceNotAtAsaas,
	}
}

// UnpaidStatuses returns the stored statuses that are no money fact: deleted in one of
// them, an invoice is shown as removed. What Asaas does not know is not removed there.
func UnpaidStatuses() (unpaid []InvoiceStatus) {
	for _, s := range InvoiceStatuses() {
		if s != InvoiceRemoved && s != InvoiceNotAtAsaas && !s.movesMoney() {
			unpaid = append(unpaid, s)
		}
	}
	return unpaid
}
