package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/scenarios"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// stage is a running PataPay and the simulator behind it: where scenarios are played.
type stage struct {
	api, sim, token string
	within          time.Duration
	disorder        bool
}

// part is one scenario under way: its account, its clinic, and what was made so far.
type part struct {
	*stage
	account accounts.Account
	tenant  string // ten_…
	door    string // webhook URL
	secret  string // webhook token
	hook    string // configuration at the simulator
	made    flows.Played
	etag    string // of the last answer of PataPay
}

// awaitDev waits for the ready file of a dev and reads where everything is.
func (s *stage) awaitDev(ctx context.Context, file string, ended <-chan error) error {
	for {
		if raw, err := os.ReadFile(file); err == nil {
			var r readiness
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			s.api, s.sim, s.token = r.URL, r.SimulatorURL, r.AdminToken
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("dev ended early: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// play plays one scenario and returns what differs at its end. It fails when something
// refuses to play along.
func (s *stage) play(ctx context.Context, name string) ([]string, error) {
	scenario, err := scenarios.Find(name)
	if err != nil {
		return nil, err
	}
	p := &part{stage: s}
	if err := p.open(ctx, name); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if s.disorder {
		err = p.admin(ctx, "accounts/"+p.account.ID+"/switches", p.disordered(accounts.Switches{}), nil)
	}
	for i := 0; err == nil && i < len(scenario.Steps); i++ {
		if err = p.step(ctx, scenario.Steps[i]); err != nil {
			err = fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	if err != nil {
		return nil, err
	}
	lines, err := p.compare(ctx, scenario.Expect)
	if err != nil || len(lines) > 0 {
		return lines, err
	}
	return p.level(ctx)
}

// open makes an account, a clinic, its connection and its webhook, all through the doors
// that a real clinic uses.
func (p *part) open(ctx context.Context, name string) error {
	if err := p.admin(ctx, "accounts", accounts.Account{Name: "Cenário " + name, Environment: domain.Sandbox}, &p.account); err != nil {
		return err
	}
	var tenant struct{ ID string }
	err := p.call(ctx, http.MethodPost, "/v1/tenants", map[string]any{"externalId": "cenario-" + p.account.ID, "name": p.account.Name, "taxId": p.account.TaxID,
		"sandbox": true, "admin": map[string]string{"name": "Cenário", "email": p.account.ID + "@patapay.example"}}, &tenant)
	if err != nil {
		return err
	}
	p.tenant = tenant.ID
	var conn struct {
		WebhookToken string
		Webhook      struct{ ID, Name, URL, SendType string }
	}
	if err := p.call(ctx, http.MethodPut, p.path("connection"), map[string]any{"apiKey": p.account.Key, "confirmTaxId": true}, &conn); err != nil {
		return err
	}
	p.door, p.secret = conn.Webhook.URL, conn.WebhookToken
	return p.setUpWebhook(ctx)
}

// setUpWebhook configures the webhook at the simulator, every event of it.
func (p *part) setUpWebhook(ctx context.Context) error {
	var made struct{ ID string }
	err := p.admin(ctx, "accounts/"+p.account.ID+"/webhooks", webhooks.Webhook{Name: "PataPay – Faturas", URL: p.door, Token: p.secret}, &made)
	p.hook = made.ID
	return err
}

func (p *part) step(ctx context.Context, s scenarios.Step) error {
	switch {
	case s.Play != "":
		var played flows.Played
		err := p.admin(ctx, "accounts/"+p.account.ID+"/flows/"+url.PathEscape(string(s.Play)), s.Story, &played)
		p.made.Payments = append(p.made.Payments, played.Payments...)
		p.made.Checkouts = append(p.made.Checkouts, played.Checkouts...)
		p.made.Anticipations = append(p.made.Anticipations, played.Anticipations...)
		return err
	case s.Switches != nil:
		return p.admin(ctx, "accounts/"+p.account.ID+"/switches", p.disordered(*s.Switches), nil)
	case s.Key != nil:
		return p.admin(ctx, "keys", map[string]any{"apiKey": p.account.Key, "behaviour": *s.Key}, nil)
	case s.Pause != nil:
		return p.gateway(ctx, http.MethodPut, "/v3/webhooks/"+p.hook, map[string]bool{"interrupted": *s.Pause})
	case s.Settle:
		lines, err := p.await(ctx, p.busy)
		if err == nil && len(lines) > 0 {
			err = errors.New(lines[0])
		}
		return err
	case s.Forge != nil:
		return p.forge(ctx, *s.Forge)
	case s.AgeHours > 0:
		return p.admin(ctx, "accounts/"+p.account.ID+"/age", map[string]int{"hours": s.AgeHours}, nil)
	case s.Compare:
		return p.reconcile(ctx)
	}
	return errors.New("nothing to do")
}

// disordered adds copies and disorder to the switches, when they are asked for.
func (p *part) disordered(s accounts.Switches) accounts.Switches {
	if p.disorder {
		s.Duplicates, s.Shuffle = max(s.Duplicates, 2), true
	}
	return s
}

// forge posts an event with the clinic's own token. It is no more than one: copies of it
// carry the same id.
func (p *part) forge(ctx context.Context, f scenarios.Forgery) error {
	kind := samples.EntityOf(samples.EventName(f.Sample))
	entity := samples.NewEntityID(kind)
	if f.OfLast {
		entity = p.made.Payments[len(p.made.Payments)-1]
	} else {
		p.made.Payments = append(p.made.Payments, entity)
	}
	now := time.Now()
	edit := samples.Edit{Fresh: true, Counter: now.UnixMicro(), Now: now, Account: p.account.ID, Entity: map[string]string{kind: entity}, Set: f.Set}
	body, err := edit.Apply(samples.Event(f.Sample))
	if err != nil {
		return err
	}
	for range max(f.Deliveries, 1) {
		if got := webhooks.Send(ctx, p.door, p.secret, body); got.Status != http.StatusOK {
			return fmt.Errorf("the forged event was answered %d %s", got.Status, got.Failure)
		}
	}
	return nil
}

// compare waits until everything is delivered and applied, and the state is right, or
// Within is over; it returns what differs.
func (p *part) compare(ctx context.Context, want scenarios.Expected) ([]string, error) {
	return p.await(ctx, func(ctx context.Context) ([]string, error) {
		lines, err := p.busy(ctx)
		if err == nil && lines == nil {
			lines, err = p.differences(ctx, want)
		}
		return lines, err
	})
}

// await repeats what until it finds nothing more to say, or Within is over; it returns what
// was said last.
func (p *part) await(ctx context.Context, what func(context.Context) ([]string, error)) ([]string, error) {
	deadline := time.Now().Add(p.within)
	for {
		lines, err := what(ctx)
		if err != nil || len(lines) == 0 || time.Now().After(deadline) {
			return lines, err
		}
		if err := pause(ctx, 150*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// busy tells what is still under way, nil when all is quiet.
func (p *part) busy(ctx context.Context) ([]string, error) {
	var state admin.State
	if err := ask(ctx, http.MethodGet, p.sim+"/admin/state", nil, &state); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(state.Accounts, func(a admin.AccountState) bool { return a.ID == p.account.ID })
	for _, h := range state.Accounts[at].Webhooks {
		if h.Waiting > 0 && h.Enabled && !h.Interrupted {
			return []string{fmt.Sprintf("%d events wait to be delivered, after %d failures", h.Waiting, h.Failures)}, nil
		}
	}
	var events struct{ Data []any }
	if err := p.call(ctx, http.MethodGet, p.path("events?outcome=received&limit=1"), nil, &events); err != nil || len(events.Data) == 0 {
		return nil, err
	}
	return []string{"events wait to be applied"}, nil
}

func (p *part) path(rest string) string { return "/v1/tenants/" + p.tenant + "/" + rest }

// admin orders something of the simulator.
func (p *part) admin(ctx context.Context, path string, in, out any) error {
	if out == nil {
		out = &struct{}{}
	}
	return ask(ctx, http.MethodPost, p.sim+"/admin/"+path, in, out)
}

// gateway calls the simulated API as the account's owner.
func (p *part) gateway(ctx context.Context, method, path string, in any) error {
	return p.send(ctx, method, p.sim+path, http.Header{"Access_token": {p.account.Key}}, in, nil)
}

// call calls PataPay's API with the platform's token, again while it asks for patience.
func (p *part) call(ctx context.Context, method, path string, in, out any) error {
	for {
		match := `"0"`
		if method == http.MethodPost && p.etag != "" {
			match = p.etag
		}
		err := p.send(ctx, method, p.api+path, http.Header{"Authorization": {"Bearer " + p.token}, "If-Match": {match}}, in, out)
		var status *statusError
		if !errors.As(err, &status) || status.status != http.StatusTooManyRequests {
			return err
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (p *part) send(ctx context.Context, method, url string, header http.Header, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
		header.Set("Content-Type", "application/json")
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header = header
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	p.etag = res.Header.Get("ETag")
	switch {
	case err != nil:
		return err
	case res.StatusCode >= 300:
		return &statusError{res.StatusCode, fmt.Sprintf("%s %s: %s: %.300s", method, req.URL.Path, res.Status, raw)}
	case out == nil:
		return nil
	}
	return json.Unmarshal(raw, out)
}

// statusError is an answer that is no success.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }
