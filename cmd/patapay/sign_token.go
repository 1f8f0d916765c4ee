package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"patapay/api/auth"

	v1 "patapay/api/v1"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// clinic returns the clinic named by ten_… or ext:….
func (a *app) clinic(ctx context.Context, name string) (tenants.Clinic, error) {
	external, isExternal := strings.CutPrefix(name, "ext:")
	id, isID := domain.ParseUUID("ten", name)
	if !isID && (!isExternal || external == "") {
		return tenants.Clinic{}, errors.New("--tenant is ten_… or ext: and the platform's id")
	}
	return a.api.ClinicBy(ctx, id, external)
}

// signService returns a registered service token for a clinic, or for the platform when
// the clinic is the zero one. Its making is in the audit log.
func (a *app) signService(ctx context.Context, clinic tenants.Clinic, name string, scopes []string, ttl time.Duration) (string, error) {
	now := a.now().UTC()
	p := auth.Principal{Subject: name, Platform: true, Role: auth.RoleService, Scopes: scopes, Session: name, Kind: auth.Service, TokenID: tenants.NewID(now).Public("tok")}
	in := a.api.Platform
	if clinic.ID != 0 {
		p.Platform, p.Tenant = false, clinic.PublicID.Public("ten")
		in = func(ctx context.Context, fn func(*tenants.Tx) error) error { return a.api.In(ctx, clinic.ID, fn) }
	}
	token, err := auth.NewIssuer(a.cfg.SigningKey, a.wall).Sign(p, ttl)
	if err != nil {
		return "", err
	}
	return token, in(ctx, func(tx *tenants.Tx) error {
		if err := people.AddServiceToken(tx, people.ServiceToken{ID: p.TokenID, Name: name, Scopes: scopes, EndsAt: a.wall().UTC().Add(ttl)}, now); err != nil {
			return err
		}
		return tx.Audit(tenants.NewChain(a.cfg.Pepper), tenants.AuditEntry{At: now, Actor: "patapay token", Role: "cli", Action: "token.issue", Subject: p.TokenID,
			Detail: map[string]any{"name": name, "scopes": strings.Join(scopes, " ")}})
	})
}

// signUser returns an access token of a person.
func (a *app) signUser(ctx context.Context, email string, ttl time.Duration) (string, error) {
	u, err := people.UserByEmail(a.api, ctx, strings.ToLower(email))
	if err != nil {
		return "", err
	}
	p := auth.Principal{Subject: u.ID.Public("usr"), Platform: u.Clinic == 0, Role: u.Role, Scopes: v1.Scopes(u.Role), Session: auth.Session(u.SessionVersion, "cli"), Kind: auth.Access}
	if !p.Platform {
		p.Tenant = u.Tenant.Public("ten")
	}
	return auth.NewIssuer(a.cfg.SigningKey, a.wall).Sign(p, ttl)
}
