package invoices

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerAnticipations(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/anticipations", "listAnticipations",
			"The clinic's anticipations, newest first", "Anticipations", rest.AnticipationsRead,
		),
		s.listAnticipations,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/anticipations/{id}", "getAnticipation", "One anticipation",
			"Anticipations", rest.AnticipationsRead,
		),
		s.getAnticipation,
	)
}

// ListAnticipationsInput is what the list of anticipations takes.
type ListAnticipationsInput struct {
	rest.TenantPath
	rest.ListInput
	Sort string `query:"sort" enum:"createdAt,-createdAt,dueDate,-dueDate,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
	AnticipationQuery
}

// AnticipationQuery has a filter for each attribute that people look for.
type AnticipationQuery struct {
	Status      []string                 `query:"status" enum:"pending,scheduled,credited,debited,denied,overdue,cancelled,unknown,not_at_asaas" doc:"Any of these"`
	AsaasStatus []string                 `query:"asaasStatus" doc:"Any of these words of Asaas's"`
	DueFrom     rest.Given[rest.DayText] `query:"dueDate[gte]"`
	DueTo       rest.Given[rest.DayText] `query:"dueDate[lte]"`
	AmountFrom  rest.Given[int64]        `query:"amountCents[gte]" doc:"Of value"`
	AmountTo    rest.Given[int64]        `query:"amountCents[lte]" doc:"Of value"`
	CreatedFrom rest.Given[time.Time]    `query:"createdAt[gte]"`
	CreatedTo   rest.Given[time.Time]    `query:"createdAt[lte]"`
	Payment     string                   `query:"payment" doc:"asaasId of the anticipated invoice" maxLength:"200"`
	Installment string                   `query:"installment" doc:"Asaas's id of the anticipated plan" maxLength:"200"`
	AsaasID     string                   `query:"asaasId" maxLength:"200"`
	Q           string                   `query:"q" doc:"One thing to look for: a value (R$ 310,00), a due date (30/11/2026 or 2026-11-30), or a name, letter for letter: an id (ant_…, or Asaas's, of the plan too), or any name of an invoice that is advanced (pay_…, cus_…, externalReference, invoiceNumber, nossoNumero). Beside filters of the same attribute it decides" maxLength:"500"`
}

// Filter returns what the store is asked for.
func (in *AnticipationQuery) Filter(tx *tenants.Tx) (query.AnticipationFilter, error) {
	f := query.AnticipationFilter{
		Status:      in.Status,
		AsaasStatus: in.AsaasStatus,
		Due:         rest.RangeOf(in.DueFrom, in.DueTo, rest.DayText.Domain),
		Value:       rest.RangeOf(in.AmountFrom, in.AmountTo, rest.Cents),
		Created:     rest.RangeOf(in.CreatedFrom, in.CreatedTo, rest.Same[time.Time]),
		Payment:     in.Payment,
		Installment: in.Installment,
		AsaasID:     in.AsaasID,
	}
	err := searchAnticipation(namesIn(tx), strings.TrimSpace(in.Q), &f)
	return f, err
}

func (s *Handler) listAnticipations(
	ctx context.Context, in *ListAnticipationsInput,
) (out *rest.PageOf[AnticipationView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		filter, err := in.Filter(tx)
		if err != nil {
			return err
		}
		list, err := query.Anticipations(tx, filter, in.Page(in.Sort))
		if err != nil {
			return rest.CursorProblem(err)
		}
		who, err := s.advanced(tx, l, list.Rows...)
		if err != nil {
			return err
		}
		out, err = rest.PageView(
			&in.ListInput, list,
			func(a query.Stored[domain.Anticipation]) (AnticipationView, error) { return AnticipationOf(l, a, who) },
		)
		return err
	})
	return out, err
}

func (s *Handler) getAnticipation(
	ctx context.Context, in *rest.ObjectInput,
) (out *rest.Object[AnticipationView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		l = l.Only(in.Fields)
		a, err := rest.FindStored(tx, "ant", in.ID, query.Anticipation, query.AnticipationByAsaasID)
		if err != nil {
			return err
		}
		who, err := s.advanced(tx, l, a)
		if err != nil {
			return err
		}
		view, err := AnticipationOf(l, a, who)
		out = rest.Show(in.IfNoneMatch, l.Tag(a.Version, who.version(a.Value)), view)
		return err
	})
	return out, err
}

// AnticipationView is receivables turned into balance early, for a fee. What Asaas did
// not tell is null.
type AnticipationView struct {
	rest.StoredView
	Status            string                     `json:"status" enum:"pending,scheduled,credited,debited,denied,overdue,cancelled,unknown,not_at_asaas" doc:"Where it stands; new words may come"`
	Payment           *string                    `json:"payment" doc:"asaasId of the anticipated invoice; null for a plan"`
	Installment       *string                    `json:"installment" doc:"Asaas's id of the anticipated plan; null for a single invoice"`
	Customer          *string                    `json:"customer" doc:"Asaas's id of who pays what is anticipated; null while no invoice of it is known, and in the feed"`
	CustomerName      *string                    `json:"customerName" doc:"The name of customer; null when it is not known yet, in the feed, and without the scope personal:read"`
	AnticipationDate  *string                    `json:"anticipationDate" format:"date"`
	DueDate           *string                    `json:"dueDate" doc:"When the receivable would have come" format:"date"`
	RequestDate       *string                    `json:"requestDate" format:"date"`
	Days              *int                       `json:"days" doc:"How many are anticipated"`
	TotalValue        rest.Maybe[rest.MoneyView] `json:"totalValue" doc:"The charge, gross"`
	Value             rest.Maybe[rest.MoneyView] `json:"value" doc:"The charge, net of its own fee"`
	Fee               rest.Maybe[rest.MoneyView] `json:"fee" doc:"Cost of the advance"`
	NetValue          rest.Maybe[rest.MoneyView] `json:"netValue" doc:"What is credited: value less fee"`
	DenialObservation *string                    `json:"denialObservation" doc:"Why it was denied, in Asaas's words"`
	Links             anticipationLinks          `json:"links"`
}

type anticipationLinks struct {
	Self     string  `json:"self"`
	Events   string  `json:"events"`
	Invoice  *string `json:"invoice" doc:"The anticipated invoice; there may be none yet"`
	Invoices *string `json:"invoices" doc:"Those of the anticipated plan"`
}

// AdvancePayers are who pays what anticipations turn into balance.
type AdvancePayers struct {
	of    query.AdvancePayers
	names PayerNames
}

// version changes when the payer, or the payer's name, comes to be known.
func (p AdvancePayers) version(a domain.Anticipation) int {
	payer := p.of.Of(a)
	if payer == "" {
		return 0
	}
	return 1 + p.names[payer].Version
}

// advanced returns the payers of these anticipations, whose own events name none: none when the caller asked for other
// members.
func (s *Handler) advanced(
	tx *tenants.Tx, l rest.ClinicView, list ...query.Stored[domain.Anticipation],
) (p AdvancePayers, err error) {
	if len(list) == 0 || !l.Shows("customer") && !l.Shows("customerName") {
		return p, nil
	}
	p.of, err = query.PayersOf(tx, rest.Map(list, func(a query.Stored[domain.Anticipation]) domain.Anticipation {
		return a.Value
	}))
	if err != nil {
		return p, err
	}
	p.names, err = s.shownNames(tx, l, slices.Collect(maps.Values(p.of))...)
	return p, err
}

// AnticipationOf shows an anticipation, with its payer among who, to who may see this much of it.
func AnticipationOf(
	l rest.ClinicView, s query.Stored[domain.Anticipation], who AdvancePayers,
) (v AnticipationView, err error) {
	a := &s.Value
	var t struct {
		DenialObservation string   `json:"denialObservation"`
		Cut               []string `json:"cut"`
	}
	if err := l.ReadTexts(domain.KindAnticipation, a.ID, s.Texts, &t); err != nil {
		return v, err
	}
	v = AnticipationView{
		StoredView:        rest.StoredOf("ant", s, a.Projection),
		Status:            string(a.Status),
		Payment:           rest.TextOrNull(a.Payment),
		Installment:       rest.TextOrNull(a.Installment),
		AnticipationDate:  rest.TextOrNull(a.AnticipationDate),
		DueDate:           rest.TextOrNull(a.DueDate),
		RequestDate:       rest.TextOrNull(a.RequestDate),
		Days:              a.Days.Ptr(),
		TotalValue:        rest.MoneyOrNull(a.TotalValue),
		Value:             rest.MoneyOrNull(a.Value),
		Fee:               rest.MoneyOrNull(a.Fee),
		NetValue:          rest.MoneyOrNull(a.NetValue),
		DenialObservation: rest.TextOrNull(t.DenialObservation),
	}
	v.CutTexts = t.Cut
	v.Customer = rest.TextOrNull(who.of.Of(*a))
	v.CustomerName = rest.TextOrNull(who.names[who.of.Of(*a)].Name)
	v.Links = anticipationLinks{
		Self:   l.Path("anticipations/" + v.ID),
		Events: l.Path("events?entity=" + url.QueryEscape(a.ID)),
	}
	if a.Payment != "" {
		v.Links.Invoice = rest.TextOrNull(l.Path("invoices/" + url.PathEscape(a.Payment)))
	}
	if a.Installment != "" {
		v.Links.Invoices = rest.TextOrNull(l.Path("invoices?installment=" + url.QueryEscape(a.Installment)))
	}
	return v, nil
}
