package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"patapay/api/auth"
	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// operatorCmd adds people of the platform's team: no request can, because they see every
// clinic.
type operatorCmd struct {
	Add         operatorAddCmd         `cmd:"" help:"Add a person and print their password, once."`
	ResetFactor operatorResetFactorCmd `cmd:"" help:"Forget the second factor of a person who lost it: they set one up at their next login."`
}

type operatorAddCmd struct {
	Email string `required:"" help:"What they log in with."`
	Name  string `required:"" help:"Who they are."`
	Role  string `required:"" help:"support: reads, masked. sre: reads and replays." enum:"support,sre"`
}

// Run stores the person and prints a password that is kept nowhere else.
func (c operatorAddCmd) Run(ctx context.Context, k *kong.Context) error {
	return withApp(func(a *app.App) error { return c.run(ctx, a, k.Stdout) })
}

func (c operatorAddCmd) run(ctx context.Context, a *app.App, out io.Writer) error {
	email, ok := domain.ParseEmail(c.Email)
	if !ok {
		return fmt.Errorf("--email is no bare address, like ana@example.com")
	}
	now, password := a.Now().UTC(), strings.ToLower(rand.Text()[:20])
	hash, err := auth.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	u := people.User{
		ID:           tenants.NewID(now),
		Email:        email,
		Name:         c.Name,
		Role:         c.Role,
		PasswordHash: hash,
	}
	chain := tenants.ChainOf(a.Chains)
	err = a.APIDB.Platform(ctx, func(tx *tenants.Tx) error {
		if err := people.AddUser(tx, u, now); err != nil {
			return err
		}
		return tx.Audit(chain, tenants.AuditEntry{
			At: now, Actor: "patapay operator", Role: "cli", Action: "operator.add", Subject: u.ID.Public("usr"),
			Detail: map[string]any{"role": c.Role},
		})
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, password)
	return err
}
