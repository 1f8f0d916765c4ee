package dev

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// SimCmd runs a local Asaas and asks it for events.
type SimCmd struct {
	Serve    SimServeCmd    `cmd:"" help:"Run an offline Asaas: API, webhooks, retries, pause."`
	Clock    SimClockCmd    `cmd:"" help:"Show the clock of a running simulator; freeze, scale or move it."`
	Play     SimPlayCmd     `cmd:"" help:"Let a flow happen in an account of a running simulator."`
	Scenario SimScenarioCmd `cmd:"" help:"Play named scenarios through a whole PataPay and compare its state with what is expected."`
}

// Help lists what to paste to see each message about keys.
func (*SimCmd) Help() string {
	var b strings.Builder
	b.WriteString("Keys that make a receiver say each of its messages (asaas simulado, também em 'make run'):\n\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range accounts.Rehearsals() {
		fmt.Fprintf(w, "  %s\t%q\t%s\n", r.Code, r.Paste, r.About)
	}
	w.Flush()
	return b.String()
}

// SimServeCmd serves the simulator until ctx ends.
type SimServeCmd struct {
	Addr     string    `default:"127.0.0.1:8090" help:"Address to listen on."`
	Target   string    `help:"Webhook URL; every seeded account gets one that points there."`
	Accounts int       `default:"3" help:"Accounts to seed; the last one is in production."`
	Token    string    `help:"Token of the seeded webhooks; a fresh one each when empty."`
	Scale    float64   `default:"1" help:"Speed of the retry clock: 600 makes 10 minutes pass in a second."`
	Forms    string    `default:"mixed" help:"Which forms of charges' ids and public addresses the accounts have; mixed: half of them the new ones." enum:"mixed,old,new"`
	Seed     uint64    `help:"Make ids, keys and counters repeat; 0 takes them from the clock."`
	Play     []string  `help:"Flows to play in every seeded account at the start."`
	Out      io.Writer `kong:"-"`
}

// Run serves until ctx ends. It fails for an address in use, a target that is no URL and
// a flow that does not exist.
func (c *SimServeCmd) Run(ctx context.Context) error {
	out := orStdout(c.Out)
	if u, err := url.Parse(c.Target); c.Target != "" && (err != nil || u.Host == "") {
		return fmt.Errorf("target %q is not a URL", c.Target)
	}
	if c.Scale <= 0 {
		return fmt.Errorf("scale %v must be above zero", c.Scale)
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	sim := simulator.New(
		simulator.Options{Seed: c.Seed, Forms: accounts.FormsOf(c.Forms), Clock: clock.NewScaledClock(time.Now(), c.Scale)},
	)
	defer sim.Close()
	fmt.Fprintf(out, "Asaas simulado em http://%s (API /v3, comandos /admin)\n", listener.Addr())
	if err := c.seed(sim, out); err != nil {
		listener.Close()
		return err
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("simulator: %w", err)
	}
	return nil
}

// seed makes the accounts and prints what a person needs to connect them.
func (c *SimServeCmd) seed(sim *simulator.Simulator, out io.Writer) error {
	for i := range c.Accounts {
		made := accounts.Account{Environment: domain.Sandbox}
		if i == c.Accounts-1 && i > 0 {
			made.Environment = domain.Production
		}
		made = sim.AddAccount(made)
		fmt.Fprintf(
			out, "\n%s (%s)\n  conta    %s\n  carteira %s\n  chave    %s\n", made.Name, made.Environment, made.ID,
			made.WalletID, made.Key,
		)
		if c.Target != "" {
			id, err := sim.AddWebhook(made.ID, webhooks.Webhook{Name: "PataPay – Faturas", URL: c.Target, Token: c.Token})
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "  webhook  %s\n  token    %s\n", id, sim.Token(id))
		}
		for _, flow := range c.Play {
			if _, err := sim.Play(made.ID, flows.Flow(flow), flows.Variation{}); err != nil {
				return err
			}
		}
	}
	if all := sim.State().Accounts; len(all) > 1 {
		return sim.AddRehearsals(all[0].ID, all[1].ID)
	}
	return nil
}

// SimPlayCmd asks a running simulator for a flow.
type SimPlayCmd struct {
	Flow      string    `arg:"" help:"Flow: pix, boleto, card, checkout_paid …; an unknown one is answered with an error."`
	Sim       string    `help:"The simulator's URL." default:"http://127.0.0.1:8090"`
	Account   string    `help:"Account; the first one when empty."`
	Amount    int64     `help:"Amount of one charge, in centavos."`
	Reference string    `help:"externalReference of the charge."`
	Out       io.Writer `kong:"-"`
}

// Run prints the ids of what the flow made. It fails when the simulator refuses.
func (c *SimPlayCmd) Run(ctx context.Context) error {
	account := c.Account
	if account == "" {
		var state admin.State
		if err := ask(ctx, http.MethodGet, c.Sim+"/admin/state", nil, &state); err != nil {
			return err
		}
		if len(state.Accounts) == 0 {
			return errors.New("the simulator has no account")
		}
		account = state.Accounts[0].ID
	}
	var played flows.Played
	path := c.Sim + "/admin/accounts/" + url.PathEscape(account) + "/flows/" + url.PathEscape(c.Flow)
	if err := ask(
		ctx, http.MethodPost, path, flows.Variation{AmountCents: c.Amount, Reference: c.Reference}, &played,
	); err != nil {
		return err
	}
	enc := json.NewEncoder(orStdout(c.Out))
	return enc.Encode(played)
}

// ask sends in, unless nil, to the simulator's admin API and reads its answer into out.
func ask(ctx context.Context, method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, path, &body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
		return fmt.Errorf("simulator: %s: %s", res.Status, bytes.TrimSpace(said))
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func orStdout(w io.Writer) io.Writer {
	if w == nil {
		return os.Stdout
	}
	return w
}
