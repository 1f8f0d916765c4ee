package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/api/v1/operations"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connection"
)

func (s *Handler) registerReconcile(api huma.API) {
	const path = "/v1/tenants/{tenant}"
	op := rest.WithFreshSession(
		rest.NewOperation(
			http.MethodPost, path+"/reconcile", "reconcile",
			"Compare the last days with Asaas and repair what differs", "Connection", rest.ConnectionWrite,
		),
	)
	op.DefaultStatus = http.StatusAccepted
	rest.Register(api, op, s.reconcile)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, path+"/certificates", "listCertificates",
				"What the last 30 comparisons with Asaas found, newest first", "Connection", rest.ConnectionRead,
			),
		),
		s.listReconciliationReports,
	)
}

type reconcileInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the connection's version you saw" header:"If-Match"`
	Body    *struct {
		Days int `json:"days,omitempty" minimum:"1" maximum:"90" doc:"How far back; 15 when absent, more than Asaas keeps undelivered events"`
	}
}

// reconcileDays is how far back a comparison looks: a day more than the gateway keeps
// undelivered events.
const reconcileDays = 15

func (s *Handler) reconcile(ctx context.Context, in *reconcileInput) (*operations.OperationOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	days := reconcileDays
	if in.Body != nil && in.Body.Days > 0 {
		days = in.Body.Days
	}
	o, err := s.Connector.Reconcile(
		ctx, c, days,
		s.precondition(ctx, c, in.IfMatch, string(domain.OperationReconcile), map[string]any{"days": days}),
	)
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	return operations.Accepted(o), nil
}

// certificateView is what one comparison found: read = equal + repaired + unexplained.
type certificateView struct {
	ID          string     `json:"id" doc:"Of the operation"`
	From        domain.Day `json:"from"`
	To          domain.Day `json:"to"`
	Read        int        `json:"read"`
	Equal       int        `json:"equal"`
	Repaired    int        `json:"repaired" doc:"Differed, and agree since Asaas's answer was applied"`
	Unexplained int        `json:"unexplained" doc:"Still differ, or could not be read in time"`
	EndedAt     time.Time  `json:"endedAt"`

	Objects []connection.Finding `json:"objects" doc:"What was repaired or stays unexplained, by Asaas's ids: the first thousand"`
}

type certificatesOutput struct {
	Body struct {
		Data []certificateView `json:"data"`
	}
}

func (s *Handler) listReconciliationReports(ctx context.Context, in *rest.ClinicInput) (*certificatesOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &certificatesOutput{}
	out.Body.Data = []certificateView{}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		list, err := connection.ReconciliationReports(tx, 30)
		for _, r := range list {
			out.Body.Data = append(
				out.Body.Data,
				certificateView{r.ID.Public("opr"), r.From, r.To, r.Read, r.Equal, r.Repaired, r.Unexplained, r.EndedAt, r.Objects},
			)
		}
		return err
	})
	return out, err
}
