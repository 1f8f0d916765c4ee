package invoices

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/query"
)

func (s *Handler) registerCompare(api huma.API) {
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, "/v1/tenants/{tenant}/invoices/{id}/reconcile", "reconcileInvoice",
				"Compare one invoice with Asaas, and apply Asaas's word", "Invoices", rest.InvoicesRead,
			),
		),
		s.compareInvoice,
	)
}

type compareInput struct {
	rest.TenantPath
	ID string `path:"id" doc:"Ours, or Asaas's; one that only Asaas knows is read in"`
}

// comparedView is one invoice beside Asaas's own word on it.
type comparedView struct {
	CheckedAt   time.Time        `json:"checkedAt" doc:"Asaas's clock"`
	Found       bool             `json:"found" doc:"Asaas knows it"`
	Equal       bool             `json:"equal"`
	Differences []differenceView `json:"differences" doc:"As it was before this comparison" nullable:"false"`
	Applied     bool             `json:"applied" doc:"What differed is applied; false: in a moment"`
	Detail      string           `json:"detail" doc:"For people"`
}

type differenceView struct {
	Field  string `json:"field" example:"asaasStatus"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

type comparedOutput struct{ Body comparedView }

func (s *Handler) compareInvoice(ctx context.Context, in *compareInput) (*comparedOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	id, err := s.asaasInvoice(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	got, err := s.Connector.CompareInvoice(ctx, c, id)
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	v := comparedView{
		CheckedAt:   got.At,
		Found:       got.Found,
		Equal:       got.Found && got.Differences == nil,
		Differences: []differenceView{},
		Applied:     got.Settled,
	}
	for _, d := range got.Differences {
		v.Differences = append(v.Differences, differenceView(d))
	}
	at := got.At.In(asaas.SaoPaulo).Format("15:04")
	v.Detail = "Conferido às " + at + ": diferente."
	if v.Equal {
		v.Detail = "Conferido às " + at + ": igual."
	}
	return &comparedOutput{v}, nil
}

// asaasInvoice returns Asaas's id of the invoice that a path names. One of Asaas's own may
// be unknown here: that is what a comparison is for.
func (s *Handler) asaasInvoice(ctx context.Context, c tenants.Clinic, id string) (string, error) {
	ours, ok := domain.ParseUUID("ivc", id)
	if !ok {
		if !rest.IsGatewayID(id) {
			return "", domain.Errorf(domain.NotFound, "")
		}
		return id, nil
	}
	err := s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		i, err := query.Invoice(tx, ours)
		id = i.Value.ID
		return err
	})
	return id, err
}
