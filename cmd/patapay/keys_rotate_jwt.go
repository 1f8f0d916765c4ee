package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"time"

	"patapay/api/auth"
	"patapay/cmd/patapay/app"
	"patapay/tenants"
	"patapay/tenants/people"
)

type keysRotateJWTCmd struct {
	Finish bool `help:"Tell whether the old key is still needed, and until when."`
}

// Run ends with 5 when --finish finds something left, or a process that signs with another key.
func (c keysRotateJWTCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return c.run(a, ctx, os.Stdout) })
}

func (c keysRotateJWTCmd) run(a *app.App, ctx context.Context, out io.Writer) error {
	if c.Finish {
		if err := everyProcessHas(a, ctx, a.SigningMark(), out); err != nil {
			return err
		}
	}
	return rotateJWT(a, ctx, c.Finish, out)
}

// listedTokens is how many tokens are named, those that end last.
const listedTokens = 20

// rotateJWT names the programs' tokens that another key signed. Nothing here can sign them anew: each is in its
// program's hands alone. People's sessions go over to the newest key by themselves, within the life of an access token.
func rotateJWT(a *app.App, ctx context.Context, finish bool, out io.Writer) error {
	newest := auth.KeyID(a.Config.SigningKey.Public().(ed25519.PublicKey))
	var list []people.ServiceToken
	var left int
	err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		list, left, err = people.SignedByOther(tx, newest, a.Now(), listedTokens)
		return err
	})
	if err != nil {
		return err
	}
	if left == 0 {
		_, err = fmt.Fprintf(out, "no program's token is left that another key than %s signed: "+
			"once every process has signed with it for %s,\n"+
			"remove JWT_OLD_KEY\n", newest, auth.AccessLife)
		return err
	}
	last := list[0].EndsAt.UTC().Format("2006-01-02 15:04Z")
	fmt.Fprintf(out, "%d programs' tokens were signed by another key than %s, the last ends on %s: "+
		"keep JWT_OLD_KEY until then,\n"+
		"or replace and revoke them (patapay token --revoke)\n", left, newest, last)
	if finish {
		return unhealthy(left)
	}
	for _, t := range list {
		used := "never used"
		if t.LastUsed != nil {
			used = "last used " + t.LastUsed.Format(time.DateOnly)
		}
		fmt.Fprintf(out, "  %s %s, until %s, %s\n", t.ID, t.Name, t.EndsAt.Format(time.DateOnly), used)
	}
	if left > len(list) {
		fmt.Fprintf(out, "  and %d more\n", left-len(list))
	}
	return nil
}
