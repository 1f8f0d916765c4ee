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

// ListAnticipationsInput is what the list of anticipations takes, and the export of it.
type ListAnticipationsInput struct {
	rest.TenantPath
	rest.ListInput
	Sort        string                   `query:"sort" enum:"createdAt,-createdAt,dueDate,-dueDate,amountCents,-amountCents,updatedAt,-updatedAt" default:"-createdAt" doc:"With - in front: the greatest first"`
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
func (in *ListAnticipationsInput) Filter(tx *tenants.Tx) (query.AnticipationFilter, error) {
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
		out, err = rest.PageView(
			&in.ListInput, list,
			func(a query.Stored[domain.Anticipation]) (AnticipationView, error) { return AnticipationOf(l, a) },
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
		view, err := AnticipationOf(l, a)
		out = rest.Show(in.IfNoneMatch, l.Tag(a.Version), view)
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

// AnticipationOf shows an anticipation to who may see this much of it.
func AnticipationOf(l rest.ClinicView, s query.Stored[domain.Anticipation]) (v AnticipationView, err error) {
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
