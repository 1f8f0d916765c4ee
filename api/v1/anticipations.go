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

func (s *Server) registerAnticipations(api huma.API) {
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/anticipations", "listAnticipations", "The clinic's anticipations, newest first", "Anticipations", anticipationsRead), s.listAnticipations)
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/anticipations/{id}", "getAnticipation", "One anticipation", "Anticipations", anticipationsRead), s.getAnticipation)
}

type listAnticipationsInput struct {
	TenantPath
	ListInput
	Sort        string           `query:"sort" enum:"createdAt,-createdAt,dueDate,-dueDate,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
	Status      []string         `query:"status" enum:"pending,scheduled,credited,debited,denied,overdue,cancelled,unknown" doc:"Any of these"`
	AsaasStatus []string         `query:"asaasStatus" doc:"Any of these words of Asaas's"`
	DueFrom     given[day]       `query:"dueDate[gte]"`
	DueTo       given[day]       `query:"dueDate[lte]"`
	AmountFrom  given[int64]     `query:"amountCents[gte]" doc:"Of value"`
	AmountTo    given[int64]     `query:"amountCents[lte]" doc:"Of value"`
	CreatedFrom given[time.Time] `query:"createdAt[gte]"`
	CreatedTo   given[time.Time] `query:"createdAt[lte]"`
	Payment     string           `query:"payment" maxLength:"200" doc:"asaasId of the anticipated invoice"`
	Installment string           `query:"installment" maxLength:"200" doc:"Asaas's id of the anticipated plan"`
	AsaasID     string           `query:"asaasId" maxLength:"200"`
	Q           string           `query:"q" maxLength:"200" doc:"One thing to look for, told apart by its form: an id (ant_…, pay_… of the invoice, else Asaas's), a value (R$ 310,00), a due date (30/11/2026 or 2026-11-30). Beside filters of the same attribute it decides"`
}

func (in *listAnticipationsInput) filter() query.AnticipationFilter {
	f := query.AnticipationFilter{Status: in.Status, AsaasStatus: in.AsaasStatus, Due: span(in.DueFrom, in.DueTo, day.domain), Value: span(in.AmountFrom, in.AmountTo, cents),
		Created: span(in.CreatedFrom, in.CreatedTo, same[time.Time]), Payment: in.Payment, Installment: in.Installment, AsaasID: in.AsaasID}
	soughtAnticipation(strings.TrimSpace(in.Q), &f)
	return f
}

func (s *Server) listAnticipations(ctx context.Context, in *listAnticipationsInput) (out *pageOf[anticipationView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, l lens) error {
		list, err := query.Anticipations(tx, in.filter(), in.page(in.Sort))
		if err != nil {
			return refused(err)
		}
		out, err = pageView(&in.ListInput, list, func(a query.Stored[domain.Anticipation]) (anticipationView, error) { return anticipationOf(l, a) })
		return err
	})
	return out, err
}

func (s *Server) getAnticipation(ctx context.Context, in *getInput) (out *object[anticipationView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, l lens) error {
		a, err := found(tx, "ant", in.ID, query.Anticipation, query.AnticipationByAsaasID)
		if err != nil {
			return err
		}
		view, err := anticipationOf(l, a)
		out = show(in.IfNoneMatch, l.tag(a.Version), view)
		return err
	})
	return out, err
}

// anticipationView is receivables turned into balance early, for a fee. What Asaas did
// not tell is null.
type anticipationView struct {
	StoredView
	Status            string            `json:"status" enum:"pending,scheduled,credited,debited,denied,overdue,cancelled,unknown" doc:"Where it stands; new words may come"`
	Payment           *string           `json:"payment" doc:"asaasId of the anticipated invoice; null for a plan"`
	Installment       *string           `json:"installment" doc:"Asaas's id of the anticipated plan; null for a single invoice"`
	AnticipationDate  *string           `json:"anticipationDate" format:"date"`
	DueDate           *string           `json:"dueDate" format:"date" doc:"When the receivable would have come"`
	RequestDate       *string           `json:"requestDate" format:"date"`
	Days              *int              `json:"days" doc:"How many are anticipated"`
	TotalValue        maybe[moneyView]  `json:"totalValue" doc:"The charge, gross"`
	Value             maybe[moneyView]  `json:"value" doc:"The charge, net of its own fee"`
	Fee               maybe[moneyView]  `json:"fee" doc:"Cost of the advance"`
	NetValue          maybe[moneyView]  `json:"netValue" doc:"What is credited: value less fee"`
	DenialObservation *string           `json:"denialObservation" doc:"Why it was denied, in Asaas's words"`
	Links             anticipationLinks `json:"links"`
}

type anticipationLinks struct {
	Self     string  `json:"self"`
	Events   string  `json:"events"`
	Invoice  *string `json:"invoice" doc:"The anticipated invoice; there may be none yet"`
	Invoices *string `json:"invoices" doc:"Those of the anticipated plan"`
}

func anticipationOf(l lens, s query.Stored[domain.Anticipation]) (v anticipationView, err error) {
	a := &s.Value
	var t struct {
		DenialObservation string `json:"denialObservation"`
	}
	if err := l.read(domain.KindAnticipation, a.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = anticipationView{StoredView: storedOf("ant", s, a.Projection), Status: string(a.Status), Payment: some(a.Payment), Installment: some(a.Installment),
		AnticipationDate: some(a.AnticipationDate), DueDate: some(a.DueDate), RequestDate: some(a.RequestDate), Days: a.Days.Ptr(),
		TotalValue: amount(a.TotalValue), Value: amount(a.Value), Fee: amount(a.Fee), NetValue: amount(a.NetValue), DenialObservation: some(t.DenialObservation)}
	v.Links = anticipationLinks{Self: l.path("anticipations/" + v.ID), Events: l.path("events?entity=" + url.QueryEscape(a.ID))}
	if a.Payment != "" {
		v.Links.Invoice = some(l.path("invoices/" + url.PathEscape(a.Payment)))
	}
	if a.Installment != "" {
		v.Links.Invoices = some(l.path("invoices?installment=" + url.QueryEscape(a.Installment)))
	}
	return v, nil
}
