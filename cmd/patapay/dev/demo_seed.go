package dev

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/flows"
	"patapay/web/ptbr"
)

// DemoSeedCmd lets months pass in a running `patapay dev`: every flow there is, in every
// clinic that is connected, spread over the days, with the same choices for the same seed.
// At the end the demo clinics are compared with Asaas, so that what they show is known to be so.
type DemoSeedCmd struct {
	Sim  string        `default:"http://127.0.0.1:8090" help:"The simulator's URL."`
	Days int           `default:"120" help:"Days of the simulator's clock that pass."`
	Seed uint64        `default:"1" help:"Makes amounts and order repeat."`
	Wait time.Duration `default:"2m" help:"How long deliveries may take to be accepted after each step."`
	Out  io.Writer     `kong:"-"`
}

// seedStep is how far the clock goes at once: less than the days that Asaas takes to pay a
// boleto or a card out, so that due dates fall between the steps.
const seedStep = 3 // days

// Run plays and moves the clock in turns, and prints what was played. It fails when the
// simulator refuses, and when deliveries stay undone.
func (c DemoSeedCmd) Run(ctx context.Context) error {
	var state admin.State
	if err := ask(ctx, http.MethodGet, c.Sim+"/admin/state", nil, &state); err != nil {
		return err
	}
	accounts := connectedAccounts(state)
	if len(accounts) == 0 {
		return fmt.Errorf("%s: no account has a webhook yet", c.Sim)
	}
	played, total, err := c.play(ctx, accounts)
	if err != nil {
		return err
	}
	lines, err := c.compare(ctx, true)
	if err != nil {
		return err
	}
	lines = append(lines, fmt.Sprintf("%s histórias em %s clínicas e %s dias, %s em cobranças.",
		ptbr.Count(int64(played)), ptbr.Count(int64(len(accounts))), ptbr.Count(int64(c.Days)), ptbr.Money(total)))
	_, err = fmt.Fprintln(orStdout(c.Out), strings.Join(lines, "\n"))
	return err
}

// connectedAccounts returns the accounts whose events somebody receives.
func connectedAccounts(state admin.State) (ids []string) {
	for _, a := range state.Accounts {
		if len(a.Webhooks) > 0 {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// play returns how many flows were played and what was charged in them, in centavos.
func (c DemoSeedCmd) play(ctx context.Context, accounts []string) (played int, total int64, err error) {
	random := rand.New(rand.NewPCG(c.Seed, c.Seed))
	kinds := flows.All()
	steps := max(1, (c.Days+seedStep-1)/seedStep)
	each := max(1, (len(kinds)+steps-1)/steps) // so that every flow has its turn
	for step, next := 0, 0; step < steps; step, next = step+1, next+each {
		for i, account := range accounts {
			for n := range each {
				flow := kinds[(next+n+i)%len(kinds)]
				variation := flows.Variation{
					AmountCents: 3_000 + random.Int64N(90_000),
					Reference:   fmt.Sprintf("orc-%d-%03d%d", i+1, step+1, n),
				}
				if err := ask(
					ctx, http.MethodPost, c.Sim+"/admin/accounts/"+url.PathEscape(account)+"/flows/"+string(flow),
					variation, new(flows.Played),
				); err != nil {
					return played, total, fmt.Errorf("%s: %w", flow, err)
				}
				played, total = played+1, total+variation.AmountCents
			}
		}
		if err := c.pass(ctx, min(seedStep, c.Days-step*seedStep)); err != nil {
			return played, total, err
		}
		if (step+1)*seedStep%compareEvery == 0 {
			if _, err := c.compare(ctx, false); err != nil {
				return played, total, err
			}
		}
	}
	return played, total, nil
}

// pass moves the clock on by days, once what was told before is accepted: else the jump
// would make late news of all of it.
func (c DemoSeedCmd) pass(ctx context.Context, days int) error {
	if err := c.quiet(ctx); err != nil {
		return err
	}
	change := admin.ClockChange{Advance: (time.Duration(days) * 24 * time.Hour).String()}
	if err := ask(ctx, http.MethodPost, c.Sim+"/admin/clock", change, new(admin.ClockState)); err != nil {
		return err
	}
	return c.quiet(ctx)
}

// quiet waits until no webhook has an event waiting.
func (c DemoSeedCmd) quiet(ctx context.Context) error {
	limit := time.Now().Add(c.Wait)
	for {
		var state admin.State
		if err := ask(ctx, http.MethodGet, c.Sim+"/admin/state", nil, &state); err != nil {
			return err
		}
		waiting := 0
		for _, a := range state.Accounts {
			for _, w := range a.Webhooks {
				waiting += w.Waiting
			}
		}
		switch {
		case waiting == 0:
			return nil
		case time.Now().After(limit):
			return fmt.Errorf("%d events are still not accepted", waiting)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
