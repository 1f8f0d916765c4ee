package people

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *Handler) registerServiceTokens(api huma.API) {
	for _, of := range []struct{ path, id, whose string }{
		{"/v1/tenants/{tenant}/service-tokens", "ServiceToken", "the clinic"},
		{"/v1/service-tokens", "PlatformToken", "the platform (platform only)"},
	} {
		create := rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, of.path, "create"+of.id,
				"A token for a program of "+of.whose+": shown in this answer and never again", "Service tokens",
				rest.TokensWrite,
			),
		)
		create = rest.WithFreshFactor(create)
		create.DefaultStatus = http.StatusCreated
		list := rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, of.path, "list"+of.id+"s",
				"The tokens of programs of "+of.whose+", newest first, ended ones too", "Service tokens",
				rest.TokensRead,
			),
		)
		revoke := rest.WithFreshSession(
			rest.NewOperation(
				http.MethodDelete, of.path+"/{id}", "revoke"+of.id,
				"End a token, and what was made with it: within 5 s they open nothing",
				"Service tokens", rest.TokensWrite,
			),
		)
		if of.id == "ServiceToken" {
			rest.Register(api, create, s.createServiceToken)
			rest.Register(api, list, s.listServiceTokens)
			rest.Register(api, revoke, s.revokeServiceToken)
			continue
		}
		rest.Register(api, create, s.createPlatformToken)
		rest.Register(api, list, s.listPlatformTokens)
		rest.Register(api, revoke, s.revokePlatformToken)
	}
}

// serviceTokenView is a program's token: never the token, but in the answer that made it.
type serviceTokenView struct {
	ID         string     `json:"id" example:"tok_06a1…" doc:"jti of the token"`
	Name       string     `json:"name" doc:"Of the program; it stands in the audit log as the actor"`
	Scopes     []string   `json:"scopes" nullable:"false"`
	CreatedBy  *string    `json:"createdBy" doc:"Who made it; null: not noted"`
	OwnedBy    *string    `json:"ownedBy" doc:"Who answers for it: its maker, or who took it over; null: not noted"`
	ParentID   *string    `json:"parentId" doc:"The token that it was made with, whose end ends it too; null: a person made it, or not noted"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  time.Time  `json:"expiresAt"`
	LastUsedAt *time.Time `json:"lastUsedAt" doc:"To the minute; null: never"`
	RevokedAt  *time.Time `json:"revokedAt" doc:"Null: it counts until it expires"`
	Token      string     `json:"token,omitempty" doc:"The token: in the answer to its creation only"`
}

func viewServiceToken(t people.ServiceToken) serviceTokenView {
	return serviceTokenView{
		ID:         t.ID,
		Name:       t.Name,
		Scopes:     rest.OrEmpty(t.Scopes),
		CreatedBy:  rest.TextOrNull(t.By),
		OwnedBy:    rest.TextOrNull(cmp.Or(t.Owner, t.By)),
		ParentID:   rest.TextOrNull(t.Parent),
		CreatedAt:  t.CreatedAt,
		ExpiresAt:  t.EndsAt,
		LastUsedAt: t.LastUsed,
		RevokedAt:  t.RevokedAt,
	}
}

// NewTokenBody says what a token is for.
type NewTokenBody struct {
	Name          string   `json:"name" example:"faturamento" minLength:"1" maxLength:"60" pattern:"^[A-Za-z0-9][A-Za-z0-9 ._-]*$" doc:"Of the program"`
	Scopes        []string `json:"scopes" doc:"None that its maker does not have" minItems:"1" maxItems:"40" example:"[\"invoices:read\",\"feed:read\"]"`
	ExpiresInDays int      `json:"expiresInDays,omitempty" minimum:"1" maximum:"366" default:"90"`
}

type createServiceTokenInput struct {
	rest.TenantPath
	Body NewTokenBody
}

type createPlatformTokenInput struct{ Body NewTokenBody }

type serviceTokenOutput struct{ Body serviceTokenView }

func (s *Handler) createServiceToken(ctx context.Context, in *createServiceTokenInput) (*serviceTokenOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return s.newToken(ctx, in.Body, c.PublicID.Public("ten"), s.InClinic(c))
}

func (s *Handler) createPlatformToken(ctx context.Context, in *createPlatformTokenInput) (*serviceTokenOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	return s.newToken(ctx, in.Body, "", s.DB.Platform)
}

// newToken signs and registers a token for tenant, "" for the platform.
func (s *Handler) newToken(
	ctx context.Context, body NewTokenBody, tenant string, in rest.Transaction,
) (*serviceTokenOutput, error) {
	if len(body.Scopes) == 0 { // null passes the schema
		return nil, &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/scopes", Code: "required"}},
		}
	}
	if err := s.grantable(ctx, body.Scopes); err != nil {
		return nil, err
	}
	now, life := s.Instant(), time.Duration(body.ExpiresInDays)*24*time.Hour
	scopes := slices.Compact(slices.Sorted(slices.Values(body.Scopes)))
	t := people.ServiceToken{
		ID:        tenants.NewID(now).Public("tok"),
		Name:      body.Name,
		Scopes:    scopes,
		By:        rest.CallerOf(ctx).Subject,
		Parent:    madeWith(rest.CallerOf(ctx).Principal),
		CreatedAt: now,
		EndsAt:    now.Add(life),
		Key:       s.Issuer.KeyID(),
	}
	token, err := s.Issuer.Sign(auth.Principal{
		Subject: t.Name, Tenant: tenant, Platform: tenant == "", Role: auth.RoleService, Scopes: scopes,
		Session: t.Name, TokenID: t.ID, Kind: auth.Service,
	}, life)
	if err != nil {
		return nil, err
	}
	err = in(ctx, func(tx *tenants.Tx) error {
		if err := people.AddServiceToken(tx, t, now); err != nil {
			return err
		}
		return tx.Audit(
			s.Chain,
			s.AuditEntry(
				ctx, "token.issue", t.ID,
				map[string]any{"name": t.Name, "scopes": strings.Join(scopes, " "), "days": body.ExpiresInDays},
			),
		)
	})
	view := viewServiceToken(t)
	view.Token = token
	return &serviceTokenOutput{view}, err
}

// madeWith returns the id of the program's token that a caller asks with, "" for a person and for the
// platform's own tokens, which are not ours to end.
func madeWith(p auth.Principal) string {
	if p.Issuer != auth.Name || p.Kind != auth.Service {
		return ""
	}
	return p.TokenID
}

// grantable fails with Forbidden for a scope that the caller does not have: nobody gives
// more than they hold. A scope that nobody has is the same.
func (s *Handler) grantable(ctx context.Context, scopes []string) error {
	who := rest.CallerOf(ctx)
	for _, scope := range scopes {
		if !slices.Contains(rest.AllScopes(), scope) || !rest.May(who.Principal, scope) {
			return &problem.Error{
				Code: string(domain.Forbidden), Detail: "Um token não pode ter mais permissões do que quem o cria.",
				Fields: []problem.Field{{Pointer: "/scopes", Code: "not_one_of_allowed"}},
			}
		}
	}
	return nil
}

type listServiceTokensInput struct {
	rest.TenantPath
	rest.ListInput
}

func (s *Handler) listServiceTokens(
	ctx context.Context, in *listServiceTokensInput,
) (*rest.PageOf[serviceTokenView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return s.serviceTokens(ctx, &in.ListInput, s.InClinic(c))
}

type listPlatformTokensInput struct{ rest.ListInput }

func (s *Handler) listPlatformTokens(
	ctx context.Context, in *listPlatformTokensInput,
) (*rest.PageOf[serviceTokenView], error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	return s.serviceTokens(ctx, &in.ListInput, s.DB.Platform)
}

func (s *Handler) serviceTokens(
	ctx context.Context, in *rest.ListInput, within rest.Transaction,
) (out *rest.PageOf[serviceTokenView], err error) {
	err = within(ctx, func(tx *tenants.Tx) error {
		found, err := people.ServiceTokens(tx, in.Page(""))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(
			in, found, func(t people.ServiceToken) (serviceTokenView, error) { return viewServiceToken(t), nil },
		)
		return err
	})
	return out, err
}

type revokeServiceTokenInput struct {
	rest.TenantPath
	ID string `path:"id" doc:"tok_…"`
}

func (s *Handler) revokeServiceToken(ctx context.Context, in *revokeServiceTokenInput) (*serviceTokenOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return s.endToken(ctx, in.ID, s.InClinic(c))
}

type revokePlatformTokenInput struct {
	ID string `path:"id" doc:"tok_…"`
}

func (s *Handler) revokePlatformToken(ctx context.Context, in *revokePlatformTokenInput) (*serviceTokenOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	return s.endToken(ctx, in.ID, s.DB.Platform)
}

// endToken needs no If-Match: a token has one change, and it is the same from every state.
func (s *Handler) endToken(ctx context.Context, id string, in rest.Transaction) (*serviceTokenOutput, error) {
	if !rest.IsGatewayID(id) {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	var t people.ServiceToken
	err := in(ctx, func(tx *tenants.Tx) (err error) {
		if t, err = people.EndServiceToken(tx, id, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "token.revoke", t.ID, map[string]any{"name": t.Name}))
	})
	if err != nil {
		return nil, err
	}
	s.Authenticator.Forget()
	return &serviceTokenOutput{viewServiceToken(t)}, nil
}
