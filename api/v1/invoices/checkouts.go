package invoices

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerCheckouts(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/checkouts", "listCheckouts", "The clinic's checkouts, newest first",
			"Checkouts", rest.CheckoutsRead,
		),
		s.listCheckouts,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/checkouts/{id}", "getCheckout", "One checkout", "Checkouts",
			rest.CheckoutsRead,
		),
		s.getCheckout,
	)
}

// ListCheckoutsInput is what the list of checkouts takes.
type ListCheckoutsInput struct {
	rest.TenantPath
	rest.ListInput
	Sort string `query:"sort" enum:"createdAt,-createdAt,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
	CheckoutQuery
}

// CheckoutQuery has a filter for each attribute that people look for.
type CheckoutQuery struct {
	Status            []string              `query:"status" enum:"active,paid,canceled,expired,unknown" doc:"Any of these"`
	AsaasStatus       []string              `query:"asaasStatus" doc:"Any of these words of Asaas's"`
	AmountFrom        rest.Given[int64]     `query:"amountCents[gte]" doc:"Of total"`
	AmountTo          rest.Given[int64]     `query:"amountCents[lte]" doc:"Of total"`
	CreatedFrom       rest.Given[time.Time] `query:"createdAt[gte]"`
	CreatedTo         rest.Given[time.Time] `query:"createdAt[lte]"`
	ExternalReference string                `query:"externalReference" maxLength:"500"`
	AsaasID           string                `query:"asaasId" maxLength:"200"`
	Tests             string                `query:"tests" enum:"without,only" doc:"The throw-away checkouts by which a connection is tried: without them, or they alone"`
	Q                 string                `query:"q" doc:"One thing to look for: a total (R$ 310,00), or a name, letter for letter: an id (chk_…, or Asaas's), an externalReference whatever its form, or any name of a payment that came of it (pay_…, cus_…, invoiceNumber, nossoNumero). Beside filters of the same attribute it decides" maxLength:"500"`
}

// Filter returns what the store is asked for.
func (in *CheckoutQuery) Filter(tx *tenants.Tx) (query.CheckoutFilter, error) {
	f := query.CheckoutFilter{
		Status:            in.Status,
		AsaasStatus:       in.AsaasStatus,
		Total:             rest.RangeOf(in.AmountFrom, in.AmountTo, rest.Cents),
		Created:           rest.RangeOf(in.CreatedFrom, in.CreatedTo, rest.Same[time.Time]),
		ExternalReference: in.ExternalReference,
		AsaasID:           in.AsaasID,
		Tests:             in.Tests,
	}
	err := searchCheckout(namesIn(tx), strings.TrimSpace(in.Q), &f)
	return f, err
}

func (s *Handler) listCheckouts(
	ctx context.Context, in *ListCheckoutsInput,
) (out *rest.PageOf[CheckoutView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		filter, err := in.Filter(tx)
		if err != nil {
			return err
		}
		list, err := query.Checkouts(tx, filter, in.Page(in.Sort))
		if err != nil {
			return rest.CursorProblem(err)
		}
		names, err := s.shownNames(
			tx, l,
			rest.Map(list.Rows, func(c query.Stored[domain.Checkout]) string { return c.Value.Customer })...)
		if err != nil {
			return err
		}
		out, err = rest.PageView(
			&in.ListInput, list,
			func(c query.Stored[domain.Checkout]) (CheckoutView, error) { return CheckoutOf(l, c, names) },
		)
		return err
	})
	return out, err
}

func (s *Handler) getCheckout(ctx context.Context, in *rest.ObjectInput) (out *rest.Object[CheckoutView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		c, err := rest.FindStored(tx, "chk", in.ID, query.Checkout, query.CheckoutByAsaasID)
		if err != nil {
			return err
		}
		names, err := s.payerNames(tx, l, c.Value.Customer)
		if err != nil {
			return err
		}
		view, err := CheckoutOf(l, c, names)
		out = rest.Show(in.IfNoneMatch, l.Tag(c.Version, names[c.Value.Customer].Version), view)
		return err
	})
	return out, err
}

// CheckoutView is one page where a payer pays. What Asaas did not tell is null.
type CheckoutView struct {
	rest.StoredView
	Status            string                       `json:"status" enum:"active,paid,canceled,expired,unknown" doc:"Where it stands; new words may come"`
	MinutesToExpire   *int                         `json:"minutesToExpire" doc:"From its creation"`
	ExternalReference *string                      `json:"externalReference"`
	Customer          *string                      `json:"customer" doc:"Asaas's id of the payer"`
	CustomerName      *string                      `json:"customerName" doc:"The name of customer; null when it is not known yet, in the feed, and without the scope personal:read"`
	BillingTypes      []string                     `json:"billingTypes" doc:"Asaas's words; MUNDIPAGG_CIELO means card" nullable:"false"`
	ChargeTypes       []string                     `json:"chargeTypes" doc:"DETACHED, RECURRENT, INSTALLMENT" nullable:"false"`
	Items             []itemView                   `json:"items" nullable:"false"`
	Total             rest.Maybe[rest.MoneyView]   `json:"total" doc:"Sum of the items; null when one has no amount"`
	Subscription      rest.Maybe[subscriptionView] `json:"subscription" doc:"The plan that a recurrent one starts"`
	MaxInstallments   *int                         `json:"maxInstallments"`
	Split             []splitView                  `json:"split" nullable:"false"`
	Link              *string                      `json:"link" doc:"The page; Asaas's webhook leaves it out"`
	Callback          rest.Maybe[callbackView]     `json:"callback"`
	CustomerData      rest.Maybe[customerView]     `json:"customerData" doc:"Masked without the scope personal:read"`
	Links             checkoutLinks                `json:"links"`
}

type itemView struct {
	Name              *string                    `json:"name"`
	Description       *string                    `json:"description"`
	Quantity          *int                       `json:"quantity"`
	Value             rest.Maybe[rest.MoneyView] `json:"value" doc:"Of one"`
	ExternalReference *string                    `json:"externalReference"`
}

type subscriptionView struct {
	Cycle       *string `json:"cycle" doc:"WEEKLY, MONTHLY …"`
	NextDueDate *string `json:"nextDueDate"`
	EndDate     *string `json:"endDate"`
}

type callbackView struct {
	SuccessURL *string `json:"successUrl"`
	CancelURL  *string `json:"cancelUrl"`
	ExpiredURL *string `json:"expiredUrl"`
}

type customerView struct {
	Name          *string `json:"name"`
	CpfCnpj       *string `json:"cpfCnpj"`
	Email         *string `json:"email"`
	Phone         *string `json:"phone"`
	Address       *string `json:"address"`
	AddressNumber *string `json:"addressNumber"`
	Complement    *string `json:"complement"`
	Province      *string `json:"province"`
	PostalCode    *string `json:"postalCode"`
	City          *string `json:"city"`
}

type checkoutLinks struct {
	Self     string `json:"self"`
	Events   string `json:"events"`
	Invoices string `json:"invoices" doc:"What came of it"`
}

// checkoutTexts is the sealed free text of a checkout; events call the list of shares
// split, requests splits.
type checkoutTexts struct {
	Link         string          `json:"link"`
	Items        []itemText      `json:"items"`
	Split        []describedText `json:"split" nullable:"false"`
	Splits       []describedText `json:"splits"`
	Callback     *callbackView   `json:"callback"`
	CustomerData *customerView   `json:"customerData"`
	Cut          []string        `json:"cut"`
}

// itemText is the free text of one line.
type itemText struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func itemsOf(items []domain.CheckoutItem, told []itemText) []itemView {
	views := make([]itemView, len(items))
	for n, it := range items {
		t := rest.At(told, n)
		views[n] = itemView{
			rest.TextOrNull(t.Name),
			rest.TextOrNull(t.Description),
			it.Quantity.Ptr(),
			rest.MoneyOrNull(it.Value),
			rest.TextOrNull(it.ExternalReference),
		}
	}
	return views
}

// CheckoutOf returns the checkout as the caller may see it.
func CheckoutOf(l rest.ClinicView, s query.Stored[domain.Checkout], names PayerNames) (v CheckoutView, err error) {
	c := &s.Value
	var t checkoutTexts
	if err := l.ReadTexts(domain.KindCheckout, c.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = CheckoutView{
		StoredView:        rest.StoredOf("chk", s, c.Projection),
		Status:            string(c.Status),
		MinutesToExpire:   c.MinutesToExpire.Ptr(),
		ExternalReference: rest.TextOrNull(c.ExternalReference),
		Customer:          rest.TextOrNull(c.Customer),
		BillingTypes:      rest.OrEmpty(c.BillingTypes),
		ChargeTypes:       rest.OrEmpty(c.ChargeTypes),
		Total:             rest.MoneyOrNull(c.Total),
		MaxInstallments:   c.MaxInstallments.Ptr(),
		Link:              rest.TextOrNull(t.Link),
	}
	v.CustomerName = rest.TextOrNull(names[c.Customer].Name)
	v.CutTexts = t.Cut
	v.Items = itemsOf(c.Items, t.Items)
	v.Subscription = rest.MaybeAs(c.Subscription, func(p domain.CheckoutSubscription) subscriptionView {
		return subscriptionView{rest.TextOrNull(p.Cycle), rest.TextOrNull(p.NextDueDate), rest.TextOrNull(p.EndDate)}
	})
	v.Split = splitsOf(c.Split, append(t.Split, t.Splits...))
	v.Callback = rest.Maybe[callbackView]{V: t.Callback}
	if t.CustomerData != nil && !l.Personal {
		maskCustomer(t.CustomerData)
	}
	v.CustomerData = rest.Maybe[customerView]{V: t.CustomerData}
	v.Links = checkoutLinks{
		l.Path("checkouts/" + v.ID),
		l.Path("events?entity=" + url.QueryEscape(c.ID)),
		l.Path("invoices?checkoutSession=" + url.QueryEscape(c.ID)),
	}
	return v, nil
}

// maskCustomer hides who the payer is; that there is one stays visible.
func maskCustomer(c *customerView) {
	if c.CpfCnpj != nil {
		masked := rest.MaskDocument(*c.CpfCnpj)
		c.CpfCnpj = &masked
	}
	for _, text := range []**string{
		&c.Name, &c.Email, &c.Phone, &c.Address, &c.AddressNumber, &c.Complement, &c.Province, &c.PostalCode, &c.City,
	} {
		if *text != nil {
			hidden := rest.HiddenText
			*text = &hidden
		}
	}
}
