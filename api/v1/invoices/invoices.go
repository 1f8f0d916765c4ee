package invoices

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerInvoices(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/invoices", "listInvoices", "The clinic's invoices, newest first",
			"Invoices", rest.InvoicesRead,
		),
		s.listInvoices,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/invoices/{id}", "getInvoice", "One invoice", "Invoices",
			rest.InvoicesRead,
		),
		s.getInvoice,
	)
}

func (s *Handler) listInvoices(ctx context.Context, in *listInvoicesInput) (out *rest.PageOf[InvoiceView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		filter, err := in.Filter(tx, l)
		if err != nil {
			return err
		}
		list, err := query.Invoices(tx, filter, in.Page(in.Sort))
		if err != nil {
			return rest.CursorProblem(err)
		}
		names, err := s.shownNames(tx, l, rest.Map(list.Rows, payerOf)...)
		if err != nil {
			return err
		}
		advances, err := query.AnticipationsOf(
			tx, rest.Map(list.Rows, func(i query.Stored[domain.Invoice]) string { return i.Value.ID }),
		)
		if err != nil {
			return err
		}
		out, err = rest.PageView(&in.ListInput, list, func(i query.Stored[domain.Invoice]) (InvoiceView, error) {
			return InvoiceOf(l, i, advances, names)
		})
		return err
	})
	return out, err
}

func (s *Handler) getInvoice(ctx context.Context, in *rest.ObjectInput) (out *rest.Object[InvoiceView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		i, err := rest.FindStored(tx, "ivc", in.ID, query.Invoice, query.InvoiceByAsaasID)
		if err != nil {
			return err
		}
		advances, err := query.AnticipationsOf(tx, []string{i.Value.ID})
		if err != nil {
			return err
		}
		names, err := s.payerNames(tx, l, i.Value.Customer)
		if err != nil {
			return err
		}
		view, err := InvoiceOf(l, i, advances, names)
		out = rest.Show(in.IfNoneMatch, l.Tag(i.Version, advances[i.Value.ID].Version, names[i.Value.Customer].Version), view)
		return err
	})
	return out, err
}

// InvoiceView is one payment at the gateway. What Asaas did not tell is null.
type InvoiceView struct {
	rest.StoredView
	Status string     `json:"status" enum:"pending,overdue,authorized,in_review,confirmed,received,received_in_cash,refunding,refunded,disputed,in_collection,collected,removed,unknown,not_at_asaas" doc:"Where it stands; new words may come"`
	Method *string    `json:"method" doc:"pix, boleto, credit_card …; undefined while the payer may choose" example:"pix"`
	PaidAt *time.Time `json:"paidAt" doc:"When Asaas first showed it paid; null while it is not"`

	Value          rest.Maybe[rest.MoneyView] `json:"value"`
	NetValue       rest.Maybe[rest.MoneyView] `json:"netValue" doc:"value less fee; refunds do not lower it"`
	Fee            rest.Maybe[rest.MoneyView] `json:"fee" doc:"What Asaas keeps"`
	GrossValue     rest.Maybe[rest.MoneyView] `json:"grossValue"`
	OriginalValue  rest.Maybe[rest.MoneyView] `json:"originalValue" doc:"When the payer paid another amount"`
	InterestValue  rest.Maybe[rest.MoneyView] `json:"interestValue" doc:"Interest and fine inside value"`
	RefundedAmount rest.MoneyView             `json:"refundedAmount" doc:"Sum of the refunds that are done; partly refunded is this, not a status"`

	CreatedOn           *string    `json:"createdOn" format:"date" doc:"At Asaas"`
	DueDate             *string    `json:"dueDate" format:"date"`
	OriginalDueDate     *string    `json:"originalDueDate" format:"date"`
	ConfirmedDate       *string    `json:"confirmedDate" format:"date"`
	PaymentDate         *string    `json:"paymentDate" format:"date" doc:"The money reached the clinic's account"`
	ClientPaymentDate   *string    `json:"clientPaymentDate" format:"date" doc:"The payer paid"`
	CreditDate          *string    `json:"creditDate" format:"date"`
	EstimatedCreditDate *string    `json:"estimatedCreditDate" format:"date"`
	AvailableOn         *string    `json:"availableOn" format:"date" doc:"The money is or will be free: creditDate, else estimatedCreditDate"`
	InvoiceViewedAt     *time.Time `json:"invoiceViewedAt"`
	BankSlipViewedAt    *time.Time `json:"bankSlipViewedAt"`

	Card              rest.Maybe[cardView] `json:"card"`
	Customer          *string              `json:"customer" doc:"Asaas's id of the payer"`
	CustomerName      *string              `json:"customerName" doc:"The payer's name; null when it is not known yet, in the feed, and without the scope personal:read"`
	Subscription      *string              `json:"subscription"`
	Installment       *string              `json:"installment" doc:"The instalment plan"`
	InstallmentNumber *int                 `json:"installmentNumber" doc:"From 1"`
	CheckoutSession   *string              `json:"checkoutSession" doc:"asaasId of the checkout it came from"`
	PaymentLink       *string              `json:"paymentLink"`
	ExternalReference *string              `json:"externalReference"`
	InvoiceNumber     *string              `json:"invoiceNumber" doc:"Of Asaas's page, not of a tax document"`
	NossoNumero       *string              `json:"nossoNumero"`
	PixTransaction    *string              `json:"pixTransaction"`
	PixQRCode         *string              `json:"pixQrCode"`

	Deleted          bool                       `json:"deleted"`
	Anticipated      bool                       `json:"anticipated"`
	Anticipable      bool                       `json:"anticipable"`
	PayableAfterDue  *bool                      `json:"payableAfterDue"`
	PostalService    bool                       `json:"postalService"`
	SlipDaysAfterDue *int                       `json:"slipDaysAfterDue" doc:"Days after the due date until the slip's registration ends"`
	Discount         rest.Maybe[discountView]   `json:"discount"`
	Fine             rest.Maybe[surchargeView]  `json:"fine"`
	Interest         rest.Maybe[surchargeView]  `json:"interest" doc:"Per month"`
	Chargeback       rest.Maybe[chargebackView] `json:"chargeback"`
	Escrow           rest.Maybe[escrowView]     `json:"escrow"`
	LastRefusal      rest.Maybe[refusalView]    `json:"lastRefusal" doc:"The newest refusal of its card, which leaves the status as it is; each one is a new version"`
	Split            []splitView                `json:"split" nullable:"false"`
	Refunds          []refundView               `json:"refunds" nullable:"false"`

	Description           *string                 `json:"description"`
	InvoiceURL            *string                 `json:"invoiceUrl"`
	BankSlipURL           *string                 `json:"bankSlipUrl"`
	TransactionReceiptURL *string                 `json:"transactionReceiptUrl"`
	Anticipation          rest.Maybe[advanceView] `json:"anticipation" doc:"The newest one of this invoice"`
	Links                 invoiceLinks            `json:"links"`
}

// advanceView is an anticipation as its invoice shows it.
type advanceView struct {
	ID       string                     `json:"id"`
	AsaasID  string                     `json:"asaasId"`
	Status   string                     `json:"status"`
	Fee      rest.Maybe[rest.MoneyView] `json:"fee"`
	NetValue rest.Maybe[rest.MoneyView] `json:"netValue"`
}

type invoiceLinks struct {
	Self         string  `json:"self"`
	Events       string  `json:"events"`
	Checkout     *string `json:"checkout"`
	Anticipation *string `json:"anticipation"`
}
