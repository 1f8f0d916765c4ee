package v1

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

func (s *Server) registerTenants(api huma.API) {
	const path = "/v1/tenants/{tenant}"
	create := settings(operation(http.MethodPost, "/v1/tenants", "createTenant", "A clinic and its first admin; the same externalId is the same tenant", "Tenants", tenantsWrite))
	create.DefaultStatus = http.StatusCreated
	add(api, create, s.createTenant)
	orThere(api, "/v1/tenants")
	add(api, operation(http.MethodGet, "/v1/tenants", "listTenants", "All clinics, newest first (platform)", "Tenants", tenantsRead), s.listTenants)
	add(api, operation(http.MethodGet, path, "getTenant", "One clinic", "Tenants", tenantsRead), s.getTenant)
	add(api, settings(operation(http.MethodPost, path+"/suspend", "suspendTenant", "Hold a clinic's events; it can be read", "Tenants", tenantsWrite)), s.suspendTenant)
	add(api, settings(operation(http.MethodPost, path+"/resume", "resumeTenant", "Apply what was held and go on", "Tenants", tenantsWrite)), s.resumeTenant)
	add(api, settings(operation(http.MethodDelete, path, "deleteTenant", "Delete a clinic for good: its keys are destroyed", "Tenants", tenantsWrite)), s.deleteTenant)
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
	Admin      *adminView `json:"admin,omitempty" doc:"The first admin: in the answer to the creation only"`
}

type adminView struct {
	ID              string `json:"id" example:"usr_06a1…"`
	Email           string `json:"email"`
	OneTimePassword string `json:"oneTimePassword,omitempty" doc:"When none was given: shown in this answer and never again"`
}

func viewTenant(ctx context.Context, c tenants.Clinic) tenantView {
	v := tenantView{ID: c.PublicID.Public("ten"), ExternalID: c.ExternalID, Name: c.Name, TaxID: c.TaxID, Sandbox: c.Sandbox,
		State: c.State, Since: c.StateSince, Version: c.Version, CreatedAt: c.CreatedAt}
	if !seesPersonal(ctx) {
		v.TaxID = maskTaxID(c.TaxID)
	}
	return v
}

type listTenantsInput struct {
	State string `query:"state" enum:"active,suspended" doc:"Only those in this state"`
	PageInput
}

func (s *Server) listTenants(ctx context.Context, in *listTenantsInput) (*listOutput[tenantView], error) {
	if err := s.platform(ctx); err != nil {
		return nil, err
	}
	filter := "tenants " + in.State
	at, err := in.at(filter)
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
	return paged(in.PageInput, filter, views, func(v tenantView) string { return v.ID }), nil
}

type getTenantInput struct {
	Tenant      string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Server) getTenant(ctx context.Context, in *getTenantInput) (*object[tenantView], error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return show(in.IfNoneMatch, etagOf(c.Version), viewTenant(ctx, c)), nil
}

type changeTenantInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
}

func (s *Server) suspendTenant(ctx context.Context, in *changeTenantInput) (*object[tenantView], error) {
	return s.setState(ctx, in, "suspended", "tenant.suspend")
}

func (s *Server) resumeTenant(ctx context.Context, in *changeTenantInput) (*object[tenantView], error) {
	return s.setState(ctx, in, "active", "tenant.resume")
}

// setState moves a clinic to state; one that is there already is no failure and no news.
func (s *Server) setState(ctx context.Context, in *changeTenantInput, state, action string) (*object[tenantView], error) {
	if err := s.platform(ctx); err != nil {
		return nil, err
	}
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if c, err = s.seen(tx, in.IfMatch); err != nil || c.State == state {
			return err
		}
		if err = tx.SetClinicState(state, s.now()); err != nil {
			return err
		}
		if c, err = tx.Self(); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.entry(ctx, action, c.PublicID.Public("ten"), nil))
	})
	if err != nil {
		return nil, err
	}
	return show("", etagOf(c.Version), viewTenant(ctx, c)), nil
}

// seen locks the transaction's clinic and returns it, if it is the version the caller saw.
func (s *Server) seen(tx *tenants.Tx, ifMatch string) (tenants.Clinic, error) {
	if err := tx.Lock(); err != nil {
		return tenants.Clinic{}, err
	}
	c, err := tx.Self()
	if err != nil {
		return c, err
	}
	return c, match(ifMatch, etagOf(c.Version))
}

type deleteTenantInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Name string `json:"name" minLength:"1" maxLength:"200" doc:"The clinic's name, typed by whoever wants it gone"`
	}
}

func (s *Server) deleteTenant(ctx context.Context, in *deleteTenantInput) (*removalOutput, error) {
	if err := s.platform(ctx); err != nil {
		return nil, err
	}
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	agreed := func(c tenants.Clinic) error {
		if err := match(in.IfMatch, etagOf(c.Version)); err != nil {
			return err
		}
		if strings.TrimSpace(in.Body.Name) != c.Name {
			return &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/name", Code: "name_differs", Detail: "Digite o nome da clínica como está cadastrado."}}}
		}
		return nil
	}
	removal, err := s.Connector.Delete(ctx, c, agreed, func(tx *tenants.Tx) error {
		return tx.Audit(s.Chain, s.entry(ctx, "tenant.delete", c.PublicID.Public("ten"), map[string]any{"externalId": c.ExternalID}))
	})
	if err != nil {
		return nil, err
	}
	return &removalOutput{viewRemoval(removal)}, nil
}
