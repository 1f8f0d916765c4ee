package v1

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Server) registerCheckouts(api huma.API) {
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/checkouts", "listCheckouts", "The clinic's checkouts, newest first", "Checkouts", checkoutsRead), s.listCheckouts)
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/checkouts/{id}", "getCheckout", "One checkout", "Checkouts", checkoutsRead), s.getCheckout)
}

type listCheckoutsInput struct {
	TenantPath
	ListInput
	Sort              string           `query:"sort" enum:"createdAt,-createdAt,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
	Status            []string         `query:"status" enum:"active,paid,canceled,expired,unknown" doc:"Any of these"`
	AsaasStatus       []string         `query:"asaasStatus" doc:"Any of these words of Asaas's"`
	AmountFrom        given[int64]     `query:"amountCents[gte]" doc:"Of total"`
	AmountTo          given[int64]     `query:"amountCents[lte]" doc:"Of total"`
	CreatedFrom       given[time.Time] `query:"createdAt[gte]"`
	CreatedTo         given[time.Time] `query:"createdAt[lte]"`
	ExternalReference string           `query:"externalReference" maxLength:"500"`
	AsaasID           string           `query:"asaasId" maxLength:"200"`
	Q                 string           `query:"q" maxLength:"200" doc:"One thing to look for, told apart by its form: an id (chk_…, or Asaas's), a total (R$ 310,00), else an externalReference. Beside filters of the same attribute it decides"`
}

func (in *listCheckoutsInput) filter() query.CheckoutFilter {
	f := query.CheckoutFilter{Status: in.Status, AsaasStatus: in.AsaasStatus, Total: span(in.AmountFrom, in.AmountTo, cents),
		Created: span(in.CreatedFrom, in.CreatedTo, same[time.Time]), ExternalReference: in.ExternalReference, AsaasID: in.AsaasID}
	soughtCheckout(strings.TrimSpace(in.Q), &f)
	return f
}

func (s *Server) listCheckouts(ctx context.Context, in *listCheckoutsInput) (out *pageOf[checkoutView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, l lens) error {
		list, err := query.Checkouts(tx, in.filter(), in.page(in.Sort))
		if err != nil {
			return refused(err)
		}
		if l, err = s.named(tx, l, each(list.Rows, func(c query.Stored[domain.Checkout]) string { return c.Value.Customer })...); err != nil {
			return err
		}
		out, err = pageView(&in.ListInput, list, func(c query.Stored[domain.Checkout]) (checkoutView, error) { return checkoutOf(l, c) })
		return err
	})
	return out, err
}

func (s *Server) getCheckout(ctx context.Context, in *getInput) (out *object[checkoutView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, l lens) error {
		c, err := found(tx, "chk", in.ID, query.Checkout, query.CheckoutByAsaasID)
		if err != nil {
			return err
		}
		if l, err = s.named(tx, l, c.Value.Customer); err != nil {
			return err
		}
		view, err := checkoutOf(l, c)
		out = show(in.IfNoneMatch, l.tag(c.Version, l.payers[c.Value.Customer].Version), view)
		return err
	})
	return out, err
}

// checkoutView is one page where a payer pays. What Asaas did not tell is null.
type checkoutView struct {
	StoredView
	Status            string                  `json:"status" enum:"active,paid,canceled,expired,unknown" doc:"Where it stands; new words may come"`
	MinutesToExpire   *int                    `json:"minutesToExpire" doc:"From its creation"`
	ExternalReference *string                 `json:"externalReference"`
	Customer          *string                 `json:"customer" doc:"Asaas's id of the payer"`
	CustomerName      *string                 `json:"customerName" doc:"The name of customer; null when it is not known yet, in the feed, and without the scope personal:read"`
	BillingTypes      []string                `json:"billingTypes" nullable:"false" doc:"Asaas's words; MUNDIPAGG_CIELO means card"`
	ChargeTypes       []string                `json:"chargeTypes" nullable:"false" doc:"DETACHED, RECURRENT, INSTALLMENT"`
	Items             []itemView              `json:"items" nullable:"false"`
	Total             maybe[moneyView]        `json:"total" doc:"Sum of the items; null when one has no amount"`
	Subscription      maybe[subscriptionView] `json:"subscription" doc:"The plan that a recurrent one starts"`
	MaxInstallments   *int                    `json:"maxInstallments"`
	Split             []splitView             `json:"split" nullable:"false"`
	Link              *string                 `json:"link" doc:"The page; Asaas's webhook leaves it out"`
	Callback          maybe[callbackView]     `json:"callback"`
	CustomerData      maybe[customerView]     `json:"customerData" doc:"Masked without the scope personal:read"`
	Links             checkoutLinks           `json:"links"`
}

type itemView struct {
	Name              *string          `json:"name"`
	Description       *string          `json:"description"`
	Quantity          *int             `json:"quantity"`
	Value             maybe[moneyView] `json:"value" doc:"Of one"`
	ExternalReference *string          `json:"externalReference"`
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
}

// itemText is the free text of one line.
type itemText struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func itemsOf(items []domain.CheckoutItem, told []itemText) []itemView {
	views := make([]itemView, len(items))
	for n, it := range items {
		t := at(told, n)
		views[n] = itemView{some(t.Name), some(t.Description), it.Quantity.Ptr(), amount(it.Value), some(it.ExternalReference)}
	}
	return views
}

// checkoutOf returns the checkout as the caller may see it.
func checkoutOf(l lens, s query.Stored[domain.Checkout]) (v checkoutView, err error) {
	c := &s.Value
	var t checkoutTexts
	if err := l.read(domain.KindCheckout, c.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = checkoutView{StoredView: storedOf("chk", s, c.Projection), Status: string(c.Status), MinutesToExpire: c.MinutesToExpire.Ptr(),
		ExternalReference: some(c.ExternalReference), Customer: some(c.Customer), BillingTypes: list(c.BillingTypes), ChargeTypes: list(c.ChargeTypes),
		Total: amount(c.Total), MaxInstallments: c.MaxInstallments.Ptr(), Link: some(t.Link)}
	v.CustomerName = some(l.payers[c.Customer].Name)
	v.Items = itemsOf(c.Items, t.Items)
	v.Subscription = maybeAs(c.Subscription, func(p domain.CheckoutSubscription) subscriptionView {
		return subscriptionView{some(p.Cycle), some(p.NextDueDate), some(p.EndDate)}
	})
	v.Split = splitsOf(c.Split, append(t.Split, t.Splits...))
	v.Callback = maybe[callbackView]{t.Callback}
	if t.CustomerData != nil && !l.personal {
		maskCustomer(t.CustomerData)
	}
	v.CustomerData = maybe[customerView]{t.CustomerData}
	v.Links = checkoutLinks{l.path("checkouts/" + v.ID), l.path("events?entity=" + url.QueryEscape(c.ID)), l.path("invoices?checkoutSession=" + url.QueryEscape(c.ID))}
	return v, nil
}

// maskCustomer hides the payer: that there is one may be seen, who it is not.
func maskCustomer(c *customerView) {
	if c.CpfCnpj != nil {
		masked := maskDocument(*c.CpfCnpj)
		c.CpfCnpj = &masked
	}
	for _, text := range []**string{&c.Name, &c.Email, &c.Phone, &c.Address, &c.AddressNumber, &c.Complement, &c.Province, &c.PostalCode, &c.City} {
		if *text != nil {
			hidden := dots
			*text = &hidden
		}
	}
}
