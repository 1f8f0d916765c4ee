package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// tokenCmd makes the tokens that programs, and people trying the API, call it with.
type tokenCmd struct {
	Tenant string        `help:"The clinic it is for, ten_… or ext: and the platform's id. None: the platform."`
	Role   string        `enum:"service,admin,finance,reader,support,sre" default:"service" help:"Take this role's scopes; service has all there are."`
	Scope  []string      `help:"Only these of the role's scopes, with commas between: tenants:write,invoices:read."`
	Name   string        `default:"cli" help:"Who calls, for the audit log."`
	User   string        `help:"E-mail of a person: sign the access token that a login would give, at most 15 minutes."`
	TTL    time.Duration `default:"1h" help:"How long it lives, a year at most."`
	Revoke string        `help:"Revoke the token with this id (jti); nothing else is done."`
}

// Run prints the token, alone on its line. Settings are those of serve: it is signed with
// JWT_SIGNING_KEY and registered in the database, so that it can be revoked.
func (c tokenCmd) Run(ctx context.Context, k *kong.Context) error {
	cfg, err := Load(os.Environ())
	if err != nil {
		return err
	}
	a, err := newApp(cfg, newLogger(os.Stderr, cfg, problem.RequestID))
	if err != nil {
		return err
	}
	defer a.close()
	return c.run(ctx, a, k.Stdout)
}

func (c tokenCmd) run(ctx context.Context, a *app, out io.Writer) error {
	if c.Revoke != "" {
		return people.RevokeServiceToken(a.api, ctx, c.Revoke, a.now().UTC())
	}
	token, err := c.sign(ctx, a)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, token)
	return err
}

func (c tokenCmd) sign(ctx context.Context, a *app) (string, error) {
	if c.User != "" {
		return a.signUser(ctx, c.User, min(c.TTL, auth.AccessLife))
	}
	if c.TTL <= 0 || c.TTL > 366*24*time.Hour {
		return "", errors.New("--ttl is between a second and a year")
	}
	scopes, err := c.scopes()
	if err != nil {
		return "", err
	}
	var clinic tenants.Clinic
	if c.Tenant != "" {
		if clinic, err = a.clinic(ctx, c.Tenant); err != nil {
			return "", err
		}
	}
	return a.signService(ctx, clinic, c.Name, scopes, c.TTL)
}

// scopes returns what the role has, or the part of it that was asked for.
func (c tokenCmd) scopes() ([]string, error) {
	all := rest.Scopes(c.Role)
	if c.Role == auth.RoleService {
		all = rest.AllScopes()
	}
	if len(c.Scope) == 0 {
		return all, nil
	}
	for _, scope := range c.Scope {
		if !slices.Contains(all, scope) {
			return nil, fmt.Errorf("%s has no scope %q; it has %s", c.Role, scope, strings.Join(all, ", "))
		}
	}
	return c.Scope, nil
}

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
	p := auth.Principal{Subject: u.ID.Public("usr"), Platform: u.Clinic == 0, Role: u.Role, Scopes: rest.Scopes(u.Role), Session: auth.Session(u.SessionVersion, "cli"), Kind: auth.Access}
	if !p.Platform {
		p.Tenant = u.Tenant.Public("ten")
	}
	return auth.NewIssuer(a.cfg.SigningKey, a.wall).Sign(p, ttl)
}
