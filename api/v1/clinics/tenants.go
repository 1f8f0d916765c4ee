package clinics

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	v1connection "patapay/api/v1/connection"
	"patapay/domain"
	"patapay/tenants"
)

func (s *Handler) registerTenants(api huma.API) {
	const path = "/v1/tenants/{tenant}"
	create := rest.WithFreshSession(
		rest.NewOperation(
			http.MethodPost, "/v1/tenants", "createTenant",
			"A clinic and its first admin; the same externalId is the same tenant", "Tenants", rest.TenantsWrite,
		),
	)
	create.DefaultStatus = http.StatusCreated
	rest.Register(api, create, s.createTenant)
	rest.DescribeExisting(api, "/v1/tenants")
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants", "listTenants", "All clinics, newest first (platform)", "Tenants",
			rest.TenantsRead,
		),
		s.listTenants,
	)
	rest.Register(
		api, rest.NewOperation(http.MethodGet, path, "getTenant", "One clinic", "Tenants", rest.TenantsRead),
		s.getTenant,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/suspend", "suspendTenant", "Hold a clinic's events; it can be read",
				"Tenants", rest.TenantsWrite,
			),
		),
		s.suspendTenant,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/resume", "resumeTenant", "Apply what was held and go on", "Tenants",
				rest.TenantsWrite,
			),
		),
		s.resumeTenant,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodDelete, path, "deleteTenant", "Delete a clinic for good: its keys are destroyed",
				"Tenants", rest.TenantsWrite,
			),
		),
		s.deleteTenant,
	)
}

// tenantView is a clinic as the world sees it.
type tenantView struct {
	ID         string     `json:"id" example:"ten_06a1…"`
	ExternalID string     `json:"externalId,omitempty" doc:"The platform's id of the clinic"`
	Name       string     `json:"name"`
	TaxID      string     `json:"taxId,omitempty" doc:"CNPJ or CPF without punctuation; masked without personal:read"`
	Sandbox    bool       `json:"sandbox" doc:"A tenant for trying: its keys are of Asaas's sandbox"`
	State      string     `json:"state" enum:"active,suspended"`
	Since      time.Time  `json:"since"`
	Version    int        `json:"version"`
	CreatedAt  time.Time  `json:"createdAt"`
	Production string     `json:"productionTenantId,omitempty" example:"ten_06a1…" doc:"Of a sandbox tenant that moved to production: the tenant that took its place"`
	Admin      *adminView `json:"admin,omitempty" doc:"The first admin: in the answer to the creation only"`
}

type adminView struct {
	ID              string `json:"id" example:"usr_06a1…"`
	Email           string `json:"email"`
	OneTimePassword string `json:"oneTimePassword,omitempty" doc:"When none was given: shown in this answer and never again"`
}

func viewTenant(ctx context.Context, c tenants.Clinic) tenantView {
	v := tenantView{
		ID: c.PublicID.Public("ten"), ExternalID: c.ExternalID, Name: c.Name, TaxID: c.TaxID, Sandbox: c.Sandbox,
		State: c.State, Since: c.StateSince, Version: c.Version, CreatedAt: c.CreatedAt,
	}
	if c.Production != (domain.UUID{}) {
		v.Production = c.Production.Public("ten")
	}
	if !rest.SeesPersonal(ctx) {
		v.TaxID = rest.MaskTaxID(c.TaxID)
	}
	return v
}

type listTenantsInput struct {
	State string `query:"state" enum:"active,suspended" doc:"Only those in this state"`
	rest.PageInput
}

func (s *Handler) listTenants(ctx context.Context, in *listTenantsInput) (*rest.ListOutput[tenantView], error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	filter := "tenants " + in.State
	at, err := in.At(filter)
	if err != nil {
		return nil, err
	}
	before, _ := domain.ParseUUID("ten", at)
	var rows []tenants.Clinic
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		rows, err = tx.Clinics(before, in.State, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	views := make([]tenantView, len(rows))
	for i, c := range rows {
		views[i] = viewTenant(ctx, c)
	}
	return rest.Paged(in.PageInput, filter, views, func(v tenantView) string { return v.ID }), nil
}

type getTenantInput struct {
	Tenant      string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Handler) getTenant(ctx context.Context, in *getTenantInput) (*rest.Object[tenantView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return rest.Show(in.IfNoneMatch, rest.VersionTag(c.Version), viewTenant(ctx, c)), nil
}

type changeTenantInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the version you saw" header:"If-Match"`
}

func (s *Handler) suspendTenant(ctx context.Context, in *changeTenantInput) (*rest.Object[tenantView], error) {
	return s.setState(ctx, in, "suspended", "tenant.suspend")
}

func (s *Handler) resumeTenant(ctx context.Context, in *changeTenantInput) (*rest.Object[tenantView], error) {
	return s.setState(ctx, in, "active", "tenant.resume")
}

// setState moves a clinic to state; one that is there already is no failure and no news.
func (s *Handler) setState(
	ctx context.Context, in *changeTenantInput, state, action string,
) (*rest.Object[tenantView], error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if c, err = s.seen(tx, in.IfMatch); err != nil || c.State == state {
			return err
		}
		if err = tx.SetClinicState(state, s.Instant()); err != nil {
			return err
		}
		if c, err = tx.Self(); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, action, c.PublicID.Public("ten"), nil))
	})
	if err != nil {
		return nil, err
	}
	return rest.Show("", rest.VersionTag(c.Version), viewTenant(ctx, c)), nil
}

// seen locks the transaction's clinic and returns it, if it is the version the caller saw.
func (s *Handler) seen(tx *tenants.Tx, ifMatch string) (tenants.Clinic, error) {
	if err := tx.Lock(); err != nil {
		return tenants.Clinic{}, err
	}
	c, err := tx.Self()
	if err != nil {
		return c, err
	}
	return c, rest.RequireMatch(ifMatch, rest.VersionTag(c.Version))
}

type deleteTenantInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the version you saw" header:"If-Match"`
	Body    struct {
		Name string `json:"name" example:"Clínica Vida" minLength:"1" maxLength:"200" doc:"The clinic's name, typed by whoever wants it gone"`
	}
}

func (s *Handler) deleteTenant(ctx context.Context, in *deleteTenantInput) (*v1connection.RemovalOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	agreed := func(c tenants.Clinic) error {
		if err := rest.RequireMatch(in.IfMatch, rest.VersionTag(c.Version)); err != nil {
			return err
		}
		if strings.TrimSpace(in.Body.Name) != c.Name {
			return &problem.Error{
				Code: string(domain.Invalid),
				Fields: []problem.Field{
					{Pointer: "/name", Code: "name_differs", Detail: "Digite o nome da clínica como está cadastrado."},
				},
			}
		}
		return nil
	}
	removal, err := s.Connector.Delete(ctx, c, agreed, func(tx *tenants.Tx) error {
		return tx.Audit(
			s.Chain,
			s.AuditEntry(ctx, "tenant.delete", c.PublicID.Public("ten"), map[string]any{"externalId": c.ExternalID}),
		)
	})
	if err != nil {
		return nil, err
	}
	return &v1connection.RemovalOutput{Body: v1connection.ViewRemoval(removal)}, nil
}
