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
	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/people"
)

// tokenCmd makes the tokens that programs, and people trying the API, call it with.
type tokenCmd struct {
	Tenant string        `help:"The clinic it is for, ten_… or ext: and the platform's id. None: the platform."`
	Role   string        `help:"Take this role's scopes; service has all there are." enum:"service,admin,finance,reader,support,sre" default:"service"`
	Scope  []string      `help:"Only these of the role's scopes, with commas between: tenants:write,invoices:read."`
	Name   string        `help:"Who calls, for the audit log." default:"cli"`
	User   string        `help:"E-mail of a person: sign the access token that a login would give, at most 15 minutes."`
	TTL    time.Duration `help:"How long it lives, a year at most." default:"1h"`
	Revoke string        `help:"Revoke the token with this id (jti); nothing else is done."`

	EndToken   string `help:"Refuse the platform's own token with this id (jti) from now on; nothing else is done."`
	EndSubject string `help:"Refuse all that the platform issued for this subject (sub) until now; nothing else is done."`
}

// Run prints the token, alone on its line. Settings are those of serve: it is signed with
// JWT_SIGNING_KEY and registered in the database, so that it can be revoked.
func (c tokenCmd) Run(ctx context.Context, k *kong.Context) error {
	cfg, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	a, err := app.New(cfg, app.NewLogger(os.Stderr, cfg, problem.RequestID))
	if err != nil {
		return err
	}
	defer a.Close()
	return c.run(ctx, a, k.Stdout)
}

func (c tokenCmd) run(ctx context.Context, a *app.App, out io.Writer) error {
	if c.Revoke != "" {
		return people.RevokeServiceToken(a.APIDB, ctx, c.Revoke, a.Now().UTC())
	}
	if c.EndToken != "" || c.EndSubject != "" {
		return c.endPlatforms(ctx, a)
	}
	token, err := c.sign(ctx, a)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, token)
	return err
}

// endPlatforms ends tokens that the platform signed, which every process heeds within five seconds, and audits it.
func (c tokenCmd) endPlatforms(ctx context.Context, a *app.App) error {
	now, chain := a.Now().UTC(), tenants.ChainOf(a.Chains)
	return a.APIDB.Platform(ctx, func(tx *tenants.Tx) error {
		for _, end := range []struct {
			value, action string
			do            func(*tenants.Tx, string, time.Time) error
		}{
			{c.EndToken, "platform_token.end", people.EndPlatformToken},
			{c.EndSubject, "platform_subject.end", people.EndPlatformSubject},
		} {
			if end.value == "" {
				continue
			}
			if err := end.do(tx, end.value, now); err != nil {
				return err
			}
			err := tx.Audit(chain, tenants.AuditEntry{
				At: now, Actor: "patapay token", Role: "cli", Action: end.action, Subject: end.value,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (c tokenCmd) sign(ctx context.Context, a *app.App) (string, error) {
	if c.User != "" {
		return a.SignUser(ctx, c.User, min(c.TTL, auth.AccessLife))
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
		if clinic, err = a.Clinic(ctx, c.Tenant); err != nil {
			return "", err
		}
	}
	return a.SignService(ctx, clinic, c.Name, scopes, c.TTL)
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
