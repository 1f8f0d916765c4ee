package app

import (
	"context"
	"strings"
	"time"

	"patapay/api/auth"
	"patapay/api/rest"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// Clinic returns the clinic that an argument names: ten_…, or ext: and the platform's id. Every
// command that asks for a clinic here reads it so. It fails with NotFound when there is none.
func (a *App) Clinic(ctx context.Context, name string) (tenants.Clinic, error) {
	if external, ok := strings.CutPrefix(name, "ext:"); ok && external != "" {
		return a.APIDB.ClinicBy(ctx, domain.UUID{}, external)
	}
	id, ok := domain.ParseUUID("ten", name)
	if !ok {
		return tenants.Clinic{}, domain.Errorf(
			domain.NotFound, "no clinic %q: it is ten_… or ext: and the platform's id", name,
		)
	}
	return a.APIDB.ClinicBy(ctx, id, "")
}

// SignService returns a registered service token for a clinic, or for the platform when
// the clinic is the zero one. Its making is in the audit log.
func (a *App) SignService(
	ctx context.Context, clinic tenants.Clinic, name string, scopes []string, ttl time.Duration,
) (string, error) {
	now := a.Now().UTC()
	p := auth.Principal{
		Subject:  name,
		Platform: true,
		Role:     auth.RoleService,
		Scopes:   scopes,
		Session:  name,
		Kind:     auth.Service,
		TokenID:  tenants.NewID(now).Public("tok"),
	}
	in := a.APIDB.Platform
	if clinic.ID != 0 {
		p.Platform, p.Tenant = false, clinic.PublicID.Public("ten")
		in = func(ctx context.Context, fn func(*tenants.Tx) error) error { return a.APIDB.In(ctx, clinic.ID, fn) }
	}
	issuer := auth.NewIssuer(a.Config.SigningKey, a.wall)
	token, err := issuer.Sign(p, ttl)
	if err != nil {
		return "", err
	}
	chain := tenants.ChainOf(a.Chains)
	return token, in(ctx, func(tx *tenants.Tx) error {
		if err := people.AddServiceToken(
			tx,
			people.ServiceToken{ID: p.TokenID, Name: name, Scopes: scopes, EndsAt: a.wall().UTC().Add(ttl), Key: issuer.KeyID()},
			now,
		); err != nil {
			return err
		}
		return tx.Audit(chain, tenants.AuditEntry{
			At: now, Actor: "patapay token", Role: "cli", Action: "token.issue", Subject: p.TokenID,
			Detail: map[string]any{"name": name, "scopes": strings.Join(scopes, " ")},
		})
	})
}

// SignUser returns an access token of a person.
func (a *App) SignUser(ctx context.Context, email string, ttl time.Duration) (string, error) {
	u, err := people.UserByEmail(a.APIDB, ctx, strings.ToLower(email))
	if err != nil {
		return "", err
	}
	p := auth.Principal{
		Subject:  u.ID.Public("usr"),
		Platform: u.Clinic == 0,
		Role:     u.Role,
		Scopes:   rest.Scopes(u.Role),
		Session:  auth.Session(u.SessionVersion, auth.CommandLine),
		Kind:     auth.Access,
	}
	if !p.Platform {
		p.Tenant = u.Tenant.Public("ten")
	}
	return auth.NewIssuer(a.Config.SigningKey, a.wall).Sign(p, ttl)
}
