package dev

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"patapay/api/client"
	"patapay/api/webhook"
	"patapay/cmd/patapay/remote"
	"patapay/domain/asaas/simulator/admin"
	"patapay/web/ptbr"
)

const (
	compareEvery = 60 // days of the seed; with the span of the longest flow less than compareBack
	compareBack  = 90 // days that a comparison reads again: the most that /v1 takes
)

// compare has every demo clinic's ledger compared with the statement of its account. A comparison of the night reads
// three days again, and would miss lines of the seed: its flows are told when they end, a month after they began.
// At the end it waits, for as long as c.Wait, until nothing differs, for what was told last is still asked about,
// and has the connection looked at, for the clock's jumps end the turns of its monitor. It returns a line for each
// clinic, and fails when a clinic's program refuses to compare for so long.
func (c DemoSeedCmd) compare(ctx context.Context, end bool) (lines []string, err error) {
	var state admin.State
	if err := ask(ctx, http.MethodGet, c.Sim+"/admin/state", nil, &state); err != nil {
		return nil, err
	}
	demo := demoAccounts()
	for _, a := range state.Accounts {
		i := slices.IndexFunc(demo, func(d demoAccount) bool { return d.connected && d.ID == a.ID })
		for _, w := range a.Webhooks {
			base, ours := strings.CutSuffix(w.URL, webhook.Path)
			if i < 0 || !ours {
				continue
			}
			difference, err := c.level(ctx, base, demo[i].login, end)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Name, err)
			}
			lines = append(lines, fmt.Sprintf("%s: %s de diferença com o Asaas.", a.Name, ptbr.Money(difference)))
		}
	}
	return lines, nil
}

// level compares one clinic, at the end until nothing differs, and returns what differs, in centavos.
func (c DemoSeedCmd) level(ctx context.Context, base, login string, end bool) (difference int64, err error) {
	api, tenant, err := demoSession(ctx, base, login)
	if err != nil {
		return 0, err
	}
	for limit := time.Now().Add(c.Wait); ; {
		difference, err = matchOnce(ctx, api, tenant)
		if err == nil && (difference == 0 || !end) || time.Now().After(limit) {
			break
		}
		if err := remote.Pause(ctx, time.Second); err != nil {
			return 0, err
		}
	}
	if err == nil && end {
		err = checkOnce(ctx, api, tenant)
	}
	return difference, err
}

// checkOnce has a clinic's connection looked at, unless it was within the last minute.
func checkOnce(ctx context.Context, api *client.API, tenant string) error {
	_, err := api.RunConnectionChecksWithResponse(ctx, tenant, &client.RunConnectionChecksParams{})
	var refused *client.Error
	if errors.As(err, &refused) && refused.Code == "rate_limited" {
		return nil
	}
	return err
}

// matchOnce compares once, and returns what differs, in centavos.
func matchOnce(ctx context.Context, api *client.API, tenant string) (difference int64, err error) {
	days := int64(compareBack)
	found, err := api.MatchLedgerWithResponse(
		ctx, tenant, &client.MatchLedgerParams{}, client.MatchInputBody{Days: &days},
	)
	if err != nil {
		return 0, err
	}
	return found.JSON200.Difference.AmountCents, nil
}

// demoSession logs a demo clinic's admin in, as the pages do, and returns the clinic's id too.
func demoSession(ctx context.Context, base, login string) (api *client.API, tenant string, err error) {
	if api, err = client.New(base, ""); err != nil {
		return nil, "", err
	}
	password := demoPassword
	session, err := api.LoginWithResponse(ctx, client.LoginInputBody{Email: login, Password: &password})
	if err != nil {
		return nil, "", err
	}
	if api, err = client.New(base, session.JSON200.AccessToken); err != nil {
		return nil, "", err
	}
	me, err := api.MeWithResponse(ctx)
	if err != nil {
		return nil, "", err
	}
	return api, *me.JSON200.TenantID, nil
}
