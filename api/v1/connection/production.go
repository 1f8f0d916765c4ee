package connection

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/vault"
)

func (s *Handler) registerProduction(api huma.API) {
	rest.Register(
		api,
		rest.WithFreshFactor(rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, "/v1/tenants/{tenant}/connection/production", "moveToProduction",
				"Move a sandbox clinic to production: a tenant of its own, with nothing of the sandbox's money",
				"Connection", rest.ConnectionWrite,
			),
		)),
		s.moveToProduction,
	)
}

type moveToProductionInput struct {
	Tenant string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	Body   struct {
		APIKey            vault.Secret `json:"apiKey" writeOnly:"true" doc:"Of the production account, which must be of the clinic's own CNPJ" example:"$aact_prod_…"`
		KeyExpiresOn      domain.Day   `json:"keyExpiresOn,omitempty" example:"2027-05-31" doc:"The day on which the key ends, when one was chosen at Asaas"`
		NotificationEmail string       `json:"notificationEmail,omitempty" format:"email" maxLength:"254" doc:"Where Asaas writes when deliveries fail"`
	}
}

// productionView says where a clinic is after its move.
type productionView struct {
	TenantID        string      `json:"tenantId" example:"ten_06a1…" doc:"The production tenant: the clinic's people and the platform's id are there now. Nothing of the sandbox is"`
	SandboxTenantID string      `json:"sandboxTenantId" example:"ten_06a1…" doc:"Keeps what was tried out, apart, and is disconnected; its service tokens and endpoints stay with it"`
	SetUpOperation  string      `json:"setUpOperation" example:"opr_06a1…" doc:"The webhook's set-up in production, for /v1/operations/{id}"`
	Sandbox         removalView `json:"sandbox" doc:"What became of our webhook at Asaas's sandbox"`
}

type productionOutput struct{ Body productionView }

func (s *Handler) moveToProduction(ctx context.Context, in *moveToProductionInput) (*productionOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if !c.Sandbox {
		return nil, &problem.Error{Code: string(domain.Conflict), Detail: "Esta clínica já está em produção."}
	}
	b := in.Body
	live, err := connect.MoveToProduction(ctx, s.Connector, c, connect.GoLive{
		Key: b.APIKey, KeyExpiresOn: b.KeyExpiresOn, Email: b.NotificationEmail,
		Audit: func(tx *tenants.Tx, from, to tenants.Clinic) error {
			detail := map[string]any{"from": from.PublicID.Public("ten"), "to": to.PublicID.Public("ten")}
			return tx.Audit(s.Chain, s.AuditEntry(ctx, "tenant.production", to.PublicID.Public("ten"), detail))
		},
	})
	if err != nil {
		return nil, productionProblem(err)
	}
	s.Authenticator.Forget() // whose tokens say the sandbox tenant are told of the other one by a refresh
	return &productionOutput{productionView{
		live.Clinic.PublicID.Public("ten"), c.PublicID.Public("ten"), live.SetUp.ID.Public("opr"), ViewRemoval(live.Sandbox),
	}}, nil
}

// productionProblem is GatewayProblem for a move, in which no other CNPJ can be confirmed.
func productionProblem(err error) error {
	var refused *asaasapi.Error
	if errors.As(err, &refused) && refused.Code == asaasapi.CNPJDiffers {
		const other = "A conta desta chave é de outro CNPJ. " +
			"Uma clínica só passa para a produção na conta do seu próprio CNPJ."
		return &problem.Error{
			Code: string(refused.Code), Detail: other, Err: err,
			Fields: []problem.Field{{Pointer: "/apiKey", Code: string(refused.Code), Detail: other}},
		}
	}
	if domain.CodeOf(err) == domain.Conflict && refused == nil {
		return &problem.Error{Code: string(domain.Conflict), Detail: "Esta clínica já passou para a produção.", Err: err}
	}
	return rest.GatewayProblem(err)
}
