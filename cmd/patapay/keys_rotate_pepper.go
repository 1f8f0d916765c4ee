package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"patapay/cmd/patapay/app"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
)

type keysRotatePepperCmd struct {
	Renew  bool `help:"Put a fresh token into the webhook of every clinic whose token is left under the old pepper."`
	Finish bool `help:"Retire the old pepper, unless a webhook token is left under it."`
}

// Run ends with 5 when --finish finds something left, or a process that lacks the new pepper.
func (c keysRotatePepperCmd) Run(ctx context.Context) error {
	return withApp(func(a *app.App) error { return c.run(a, ctx, os.Stdout) })
}

func (c keysRotatePepperCmd) run(a *app.App, ctx context.Context, out io.Writer) error {
	if err := a.KeysFit(ctx); err != nil { // notes the new pepper too, before any process used it
		return err
	}
	if !c.Finish { // what moves is still found by processes with the old pepper alone
		return rotatePepper(a, ctx, c.Renew, out)
	}
	if err := everyProcessHas(a, ctx, a.PepperMark(), out); err != nil {
		return err
	}
	return retirePepper(a, ctx, out)
}

// rotatePepper tells how far the tokens have moved. They do so by their use: none is kept that could be digested anew.
// With renew each clinic whose token has not been used since gets another one, which Asaas is told of; what a killed
// run did stays done.
func rotatePepper(a *app.App, ctx context.Context, renew bool, out io.Writer) error {
	if renew {
		if err := renewOldTokens(a, ctx, out); err != nil {
			return err
		}
	}
	left, err := leftUnderOld(a, ctx)
	if err != nil {
		return err
	}
	if left.Tokens == 0 {
		_, err := fmt.Fprintln(out, "every webhook token is kept under the newest pepper. Next: keys rotate pepper --finish")
		return err
	}
	_, err = fmt.Fprintln(
		out, toldLeft(left)+". Each moves with its next delivery; --renew gives those clinics a fresh one",
	)
	return err
}

func leftUnderOld(a *app.App, ctx context.Context) (left connection.OldDigests, err error) {
	err = a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		left, err = connection.LeftUnderOld(tx, a.Config.Peppers.Newest(), a.Now())
		return err
	})
	return left, err
}

// toldLeft says how many tokens are left, how old, and until when those live that were replaced already.
func toldLeft(left connection.OldDigests) string {
	text := fmt.Sprintf("%d webhook tokens of %d clinics are left under the old pepper, the oldest of %s",
		left.Tokens, left.Clinics, left.Oldest.UTC().Format(time.DateOnly))
	if !left.Last.IsZero() {
		text += "; those that were replaced end by " + left.Last.UTC().Format("2006-01-02 15:04Z")
	}
	return text
}

// renewOldTokens renews clinic by clinic. One whose webhook cannot be set up now is named and left to the next run.
func renewOldTokens(a *app.App, ctx context.Context, out io.Writer) error {
	connector, err := a.MakeConnector()
	if err != nil {
		return err
	}
	renewed := 0
	bar := progress{out: out, live: isTerminal(out)}
	err = eachPage(a, ctx, func(c tenants.Clinic) error {
		var old bool
		err := a.APIDB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) {
			old, err = connection.HasOldToken(tx, a.Config.Peppers.Newest())
			return err
		})
		if err == nil && old {
			_, err = connector.EnsureWebhook(ctx, c, connect.Ensure{Renew: true, Precondition: connect.Unconditional})
			if err == nil {
				renewed++
			} else if ctx.Err() == nil {
				fmt.Fprintf(out, "%s was left: %s\n", c.PublicID.Public("ten"), domain.CodeOf(err))
				err = nil
			}
		}
		bar.step()
		return err
	})
	bar.end()
	fmt.Fprintf(out, "%d clinics have a fresh webhook token\n", renewed)
	return err
}

// retirePepper retires the old pepper in one transaction, or says what is left.
func retirePepper(a *app.App, ctx context.Context, out io.Writer) error {
	var left connection.OldDigests
	err := a.APIDB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		left, err = connection.RetirePeppers(tx, a.Config.Peppers.Newest(), a.Now())
		return err
	})
	if err != nil {
		return err
	}
	if left.Tokens > 0 {
		fmt.Fprintln(out, toldLeft(left))
		return unhealthy(left.Tokens)
	}
	_, err = fmt.Fprintln(
		out, "nothing is left under another pepper: leave the newest alone in TOKEN_PEPPER, and start every process anew",
	)
	return err
}
