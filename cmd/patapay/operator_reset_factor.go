package main

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// operatorResetFactorCmd is for a person of the platform's team who lost their app and their recovery codes. No request
// can: whoever runs it has the server, as for adding a person.
type operatorResetFactorCmd struct {
	Email string `required:"" help:"What they log in with."`
}

// Run forgets the factor, ends the person's sessions and mails them, where there is a mail server.
func (c operatorResetFactorCmd) Run(ctx context.Context, k *kong.Context) error {
	return withApp(func(a *app.App) error { return c.run(ctx, a, k.Stdout) })
}

func (c operatorResetFactorCmd) run(ctx context.Context, a *app.App, out io.Writer) error {
	email, ok := domain.ParseEmail(c.Email)
	if !ok {
		return fmt.Errorf("--email is no bare address, like ana@example.com")
	}
	u, err := people.UserByEmail(a.APIDB, ctx, email)
	if domain.CodeOf(err) == domain.NotFound || err == nil && u.Clinic != 0 {
		return fmt.Errorf("nobody of the platform's team logs in with this e-mail; " +
			"a clinic's person is reset by an admin of theirs")
	}
	if err != nil {
		return err
	}
	forgotten, now, chain := 0, a.Now().UTC(), tenants.ChainOf(a.Chains)
	err = a.APIDB.Platform(ctx, func(tx *tenants.Tx) error {
		if forgotten, err = people.ResetFactors(tx, u.ID); err != nil {
			return err
		}
		if err := people.EndUserSessions(tx, u.ID, now); err != nil {
			return err
		}
		return tx.Audit(chain, tenants.AuditEntry{
			At: now, Actor: "patapay operator", Role: "cli", Action: "factor.reset", Subject: u.ID.Public("usr"),
		})
	})
	if err != nil {
		return err
	}
	if a.Config.SMTP != nil {
		const text = "Olá,\n\no seu segundo fator do PataPay foi redefinido no servidor. " +
			"Na próxima entrada você cadastra outro.\n"
		id := tenants.NewID(now).Public("fac") + "@patapay"
		if err := a.Config.SMTP.Send(ctx, id, []string{u.Email}, "PataPay · segundo fator", text); err != nil {
			fmt.Fprintln(out, "the person could not be mailed; tell them:", err)
		}
	}
	_, err = fmt.Fprintf(out, "%d authenticator apps forgotten; all sessions of %s ended\n", forgotten, u.Email)
	return err
}
