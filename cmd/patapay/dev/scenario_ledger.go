package dev

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"patapay/cmd/patapay/remote"
	"patapay/domain/asaas/simulator/accounts"
)

// level has the clinic's ledger compared with the gateway's statement until they agree, or
// Within is over; it returns what differs. A key that the scenario broke is mended first:
// what nobody may read nobody can compare.
func (p *Part) level(ctx context.Context) ([]string, error) {
	for deadline := time.Now().Add(p.Within + 70*time.Second); ; { // an entity is read at most once a minute
		lines, err := p.mendKey(ctx)
		if err == nil && len(lines) == 0 {
			lines, err = p.unlevel(ctx)
		}
		if err != nil || len(lines) == 0 || time.Now().After(deadline) {
			return lines, err
		}
		if err := remote.Pause(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// mendKey saves the key again that the scenario broke, as its clinic would: a refused key
// pauses the account's reads until that is done.
func (p *Part) mendKey(ctx context.Context) ([]string, error) {
	if !p.broken {
		return nil, nil
	}
	good := map[string]any{"apiKey": p.Account.Key, "behaviour": accounts.KeyGood}
	if err := p.Admin(ctx, "keys", good, nil); err != nil {
		return nil, err
	}
	if err := p.Call(ctx, http.MethodGet, p.Path("connection"), nil, nil); err != nil {
		return nil, err
	}
	saved := map[string]any{"apiKey": p.Account.Key, "confirmTaxId": true}
	lines, err := patience(p.Call(ctx, http.MethodPut, p.Path("connection"), saved, nil))
	p.broken = err != nil || len(lines) > 0
	return lines, err
}

// patience turns an answer that says one may ask again into a line of what differs yet.
func patience(err error) ([]string, error) {
	var status *StatusError
	if errors.As(err, &status) &&
		(status.status == http.StatusServiceUnavailable || status.status == http.StatusPreconditionFailed) {
		return []string{"not yet: " + status.text}, nil
	}
	return nil, err
}

// unlevel compares once: the balance, each day, and whether debits equal credits.
func (p *Part) unlevel(ctx context.Context) (lines []string, err error) {
	type cents struct{ AmountCents int64 }
	var found struct {
		Difference cents
		Days       []struct {
			Day                           string
			Statement, Ledger, Difference cents
		}
	}
	lines, err = patience(p.Call(ctx, http.MethodPost, p.Path("ledger/match"), map[string]int{"days": 90}, &found))
	if err != nil || len(lines) > 0 {
		return lines, err
	}
	if d := found.Difference.AmountCents; d != 0 {
		lines = append(lines, fmt.Sprintf("ledger: Asaas holds %d centavos more", d))
	}
	for _, d := range found.Days {
		if d.Difference.AmountCents != 0 {
			lines = append(
				lines,
				fmt.Sprintf(
					"ledger: on %s the statement moved %d centavos, the ledger %d", d.Day, d.Statement.AmountCents,
					d.Ledger.AmountCents,
				),
			)
		}
	}
	var trial struct{ Balanced bool }
	if err := p.Call(ctx, http.MethodGet, p.Path("ledger/balance"), nil, &trial); err == nil && !trial.Balanced {
		lines = append(lines, "ledger: debits and credits differ")
	}
	return lines, err
}
