package dev

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

	"patapay/cmd/patapay/remote"
	"patapay/domain"
	"patapay/domain/asaas/samples"
	"patapay/domain/asaas/scenarios"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// Stage is a running PataPay and the simulator behind it: where scenarios are played.
type Stage struct {
	APIDB, Sim, token string
	Within            time.Duration
	Disorder          bool
	Forms             string // of ids and addresses: old, new, or "" for both
	Quiet             bool   // without notifications: the sweep carries everything
}

// Part is one scenario under way: its account, its clinic, and what was made so far.
type Part struct {
	*Stage
	Account accounts.Account
	Tenant  string // ten_…
	door    string // webhook URL
	secret  string // webhook token
	hook    string // configuration at the simulator
	made    flows.Played
	etag    string // of PataPay's last answer
	asked   string // the path that was answered so
	broken  bool   // the key does not answer as a good one
}

// awaitDev waits for the ready file of a dev and reads where everything is.
func (s *Stage) awaitDev(ctx context.Context, file string, ended <-chan error) error {
	for {
		if raw, err := os.ReadFile(file); err == nil {
			var r Readiness
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			s.APIDB, s.Sim, s.token = r.URL, r.SimulatorURL, r.AdminToken
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

// Play plays one scenario and returns what differs at its end. It fails when something
// refuses to play along.
func (s *Stage) Play(ctx context.Context, name string) ([]string, error) {
	scenario, err := scenarios.Find(name)
	if err != nil {
		return nil, err
	}
	p := &Part{Stage: s}
	if err := p.Open(ctx, name); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if s.Disorder {
		err = p.Admin(ctx, "accounts/"+p.Account.ID+"/switches", p.disordered(accounts.Switches{}), nil)
	}
	for i := 0; err == nil && i < len(scenario.Steps); i++ {
		if err = p.Step(ctx, scenario.Steps[i]); err != nil {
			err = fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	if err != nil {
		return nil, err
	}
	lines, err := p.Compare(ctx, scenario.Expect)
	if err != nil || len(lines) > 0 {
		return lines, err
	}
	return p.level(ctx)
}

// Open makes an account, a clinic, its connection and its webhook, all through the doors
// that a real clinic uses.
func (p *Part) Open(ctx context.Context, name string) error {
	if err := p.Admin(
		ctx, "accounts", accounts.Account{Name: "Cenário " + name, Environment: domain.Sandbox}, &p.Account,
	); err != nil {
		return err
	}
	var tenant struct{ ID string }
	err := p.Call(ctx, http.MethodPost, "/v1/tenants", map[string]any{
		"externalId": "cenario-" + p.Account.ID, "name": p.Account.Name, "taxId": p.Account.TaxID,
		"sandbox": true, "admin": map[string]string{"name": "Cenário", "email": p.Account.ID + "@patapay.example"},
	}, &tenant)
	if err != nil {
		return err
	}
	p.Tenant = tenant.ID
	var conn struct {
		WebhookToken string
		Webhook      struct{ ID, Name, URL, SendType string }
	}
	if err := p.Call(
		ctx, http.MethodPut, p.Path("connection"), map[string]any{"apiKey": p.Account.Key, "confirmTaxId": true},
		&conn,
	); err != nil {
		return err
	}
	p.door, p.secret = conn.Webhook.URL, conn.WebhookToken
	return p.setUpWebhook(ctx)
}

// setUpWebhook configures the webhook at the simulator, every event of it.
func (p *Part) setUpWebhook(ctx context.Context) error {
	var made struct{ ID string }
	err := p.Admin(
		ctx, "accounts/"+p.Account.ID+"/webhooks",
		webhooks.Webhook{Name: "PataPay – Faturas", URL: p.door, Token: p.secret}, &made,
	)
	p.hook = made.ID
	return err
}

// Step plays one step of the scenario.
func (p *Part) Step(ctx context.Context, s scenarios.Step) error {
	switch {
	case s.Play != "":
		var played flows.Played
		err := p.Admin(ctx, "accounts/"+p.Account.ID+"/flows/"+url.PathEscape(string(s.Play)), s.Variation, &played)
		p.made.Payments = append(p.made.Payments, played.Payments...)
		p.made.Checkouts = append(p.made.Checkouts, played.Checkouts...)
		p.made.Anticipations = append(p.made.Anticipations, played.Anticipations...)
		return err
	case s.Switches != nil:
		return p.Admin(ctx, "accounts/"+p.Account.ID+"/switches", p.disordered(*s.Switches), nil)
	case s.Key != nil:
		p.broken = *s.Key != accounts.KeyGood
		return p.Admin(ctx, "keys", map[string]any{"apiKey": p.Account.Key, "behaviour": *s.Key}, nil)
	case s.Pause != nil:
		return p.gateway(ctx, http.MethodPut, "/v3/webhooks/"+p.hook, map[string]bool{"interrupted": *s.Pause})
	case s.Disable != nil:
		return p.gateway(ctx, http.MethodPut, "/v3/webhooks/"+p.hook, map[string]bool{"enabled": !*s.Disable})
	case s.Settle:
		lines, err := p.await(ctx, p.busy)
		if err == nil && len(lines) > 0 {
			err = errors.New(lines[0])
		}
		return err
	case s.Forge != nil:
		return p.forge(ctx, *s.Forge)
	case s.AgeHours > 0:
		return p.Admin(ctx, "accounts/"+p.Account.ID+"/age", map[string]int{"hours": s.AgeHours}, nil)
	case s.Compare:
		return p.reconcile(ctx)
	case s.Statement != nil:
		return p.book(ctx, s.Statement)
	case s.Withdrawal != "":
		return p.askApproval(ctx, s.Withdrawal)
	case s.Expect != nil:
		path := p.Path("expected-payments/" + url.PathEscape(s.Expect.Reference))
		value := map[string]any{"amountCents": s.Expect.AmountCents, "currency": "BRL"}
		return p.Call(ctx, http.MethodPut, path, map[string]any{"value": value}, nil)
	}
	return errors.New("nothing to do")
}

// disordered adds copies and disorder to the switches, when they are asked for.
func (p *Part) disordered(s accounts.Switches) accounts.Switches {
	if p.Disorder {
		s.Duplicates, s.Shuffle = max(s.Duplicates, 2), true
	}
	return s
}

// forge posts an event with the clinic's own token. It is no more than one: copies of it
// carry the same id.
func (p *Part) forge(ctx context.Context, f scenarios.Forgery) error {
	kind := samples.EntityOf(samples.EventName(f.Sample))
	entity := samples.NewEntityID(kind)
	if f.OfLast {
		entity = p.made.Payments[len(p.made.Payments)-1]
	} else {
		p.made.Payments = append(p.made.Payments, entity)
	}
	now := time.Now()
	edit := samples.Edit{
		Fresh:   true,
		Counter: now.UnixMicro(),
		Now:     now,
		Account: p.Account.ID,
		Entity:  map[string]string{kind: entity},
		Set:     f.Set,
	}
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

// book adds lines to the gateway's statement.
func (p *Part) book(ctx context.Context, lines []scenarios.Movement) error {
	movements := make([]accounts.Movement, len(lines))
	for i, l := range lines {
		if movements[i] = l.Movement; l.OfLast {
			movements[i].Payment = p.made.Payments[len(p.made.Payments)-1]
		}
	}
	return p.Admin(ctx, "accounts/"+p.Account.ID+"/statement", map[string]any{"lines": movements}, nil)
}

// askApproval asks our address to approve a withdrawal, three times as the gateway does; it must not.
func (p *Part) askApproval(ctx context.Context, kind string) error {
	body := fmt.Appendf(nil, `{"type":%q,"transfer":{"object":"transfer","id":"t","value":10}}`, kind)
	for range 3 {
		if got := webhooks.Send(ctx, p.door, p.secret, body); got.Status != http.StatusServiceUnavailable {
			return fmt.Errorf("the withdrawal was answered %d %s", got.Status, got.Failure)
		}
	}
	return nil
}

// Compare waits until everything is delivered and applied, and the state is right, or
// Within is over; it returns what differs.
func (p *Part) Compare(ctx context.Context, want scenarios.Expected) ([]string, error) {
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
func (p *Part) await(ctx context.Context, what func(context.Context) ([]string, error)) ([]string, error) {
	deadline := time.Now().Add(p.Within)
	for {
		lines, err := what(ctx)
		if err != nil || len(lines) == 0 || time.Now().After(deadline) {
			return lines, err
		}
		if err := remote.Pause(ctx, 150*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// busy tells what is still under way, nil when all is quiet.
func (p *Part) busy(ctx context.Context) ([]string, error) {
	var state admin.State
	if err := ask(ctx, http.MethodGet, p.Sim+"/admin/state", nil, &state); err != nil {
		return nil, err
	}
	at := slices.IndexFunc(state.Accounts, func(a admin.AccountState) bool { return a.ID == p.Account.ID })
	for _, h := range state.Accounts[at].Webhooks {
		if h.Waiting > 0 && h.Enabled && !h.Interrupted {
			return []string{fmt.Sprintf("%d events wait to be delivered, after %d failures", h.Waiting, h.Failures)}, nil
		}
	}
	var events struct{ Data []any }
	if err := p.Call(ctx, http.MethodGet, p.Path("events?outcome=received&limit=1"), nil, &events); err != nil ||
		len(events.Data) == 0 {
		return nil, err
	}
	return []string{"events wait to be applied"}, nil
}

// Path returns the address of something of the clinic under /v1.
func (p *Part) Path(rest string) string { return "/v1/tenants/" + p.Tenant + "/" + rest }

// Admin orders something of the simulator.
func (p *Part) Admin(ctx context.Context, path string, in, out any) error {
	if out == nil {
		out = &struct{}{}
	}
	return ask(ctx, http.MethodPost, p.Sim+"/admin/"+path, in, out)
}

// gateway calls the simulated API as the account's owner.
func (p *Part) gateway(ctx context.Context, method, path string, in any) error {
	return p.send(ctx, method, p.Sim+path, http.Header{"Access_token": {p.Account.Key}}, in, nil)
}

// Call calls PataPay's API with the platform's token, again while it asks for patience.
func (p *Part) Call(ctx context.Context, method, path string, in, out any) error {
	for {
		match := `"0"`
		if (method == http.MethodPost || path == p.asked) && p.etag != "" {
			match = p.etag
		}
		err := p.send(
			ctx, method, p.APIDB+path, http.Header{"Authorization": {"Bearer " + p.token}, "If-Match": {match}}, in,
			out,
		)
		p.asked = path
		var status *StatusError
		if !errors.As(err, &status) || status.status != http.StatusTooManyRequests {
			return err
		}
		if err := remote.Pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (p *Part) send(ctx context.Context, method, url string, header http.Header, in, out any) error {
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
		return &StatusError{res.StatusCode, fmt.Sprintf("%s %s: %s: %.800s", method, req.URL.Path, res.Status, raw)}
	case out == nil:
		return nil
	}
	return json.Unmarshal(raw, out)
}

// StatusError is an answer that is no success.
type StatusError struct {
	status int
	text   string
}

func (e *StatusError) Error() string { return e.text }
