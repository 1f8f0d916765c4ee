package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// ConnectionCmd is a clinic's side of Asaas.
type ConnectionCmd struct {
	Show       ConnectionShowCmd       `cmd:"" help:"State, since when, why, what to do, what is at risk."`
	Check      ConnectionCheckCmd      `cmd:"" help:"Look at it now, at Asaas and here; ends with 5 when something is wrong."`
	Connect    ConnectionConnectCmd    `cmd:"" help:"Connect with an API key: webhook, round trip, done in seconds."`
	ReplaceKey ConnectionReplaceKeyCmd `cmd:"" name:"replace-key" help:"Another API key of the same account; the old one stays until the new one is verified."`
	Disconnect ConnectionDisconnectCmd `cmd:"" help:"Forget the key and delete our webhook at Asaas."`
}

// keySource is where an API key comes from: never an argument.
type keySource struct {
	KeyFile string `type:"existingfile" help:"File that holds the key alone. None: a prompt, or standard input."`
}

// read returns the key.
func (k keySource) read(r Remote) (string, error) {
	if k.KeyFile == "" {
		return r.secret("Asaas API key")
	}
	raw, err := os.ReadFile(k.KeyFile)
	if err != nil {
		return "", usage("the key file cannot be read")
	}
	return strings.TrimSpace(string(raw)), nil
}

// ConnectionShowCmd shows the connection of a clinic.
type ConnectionShowCmd struct{ onClinic }

// Run prints the connection.
func (c ConnectionShowCmd) Run(ctx context.Context) error {
	answer, _, err := c.connection(ctx)
	if err != nil {
		return err
	}
	return c.Show(answer.raw, "id", "state", "since", "reason", "nextAction", "lossAt", "environment", "accountId", "walletId", "ownerName", "apiKey", "apiKeySetAt", "notificationEmail", "firstEventAt")
}

// connection reads the connection, and the version for a change of it.
func (c onClinic) connection(ctx context.Context) (answer got, version string, err error) {
	path, err := c.path("/connection")
	if err == nil {
		answer, err = c.ask(ctx, http.MethodGet, path, "", nil)
	}
	if err != nil {
		return got{}, "", err
	}
	return answer, answer.header.Get("ETag"), nil
}

// change makes one change of the version that stands now.
func (c onClinic) change(ctx context.Context, method, rest string, in any) (got, error) {
	path, err := c.path(rest)
	if err != nil {
		return got{}, err
	}
	_, version, err := c.connection(ctx)
	if err != nil {
		return got{}, err
	}
	return c.ask(ctx, method, path, version, in)
}

// ConnectionCheckCmd checks the connection of a clinic now.
type ConnectionCheckCmd struct{ onClinic }

// Run looks, prints, and ends with 5 when a check is not passed.
func (c ConnectionCheckCmd) Run(ctx context.Context) error {
	path, err := c.path("/connection/checks")
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodPost, path, "", nil)
	if err != nil {
		return dry(err)
	}
	var seen struct {
		Checks []struct{ Name, Status string }
	}
	if err := errors.Join(answer.into(&seen), c.Show(answer.raw, "name", "status", "since", "detail", "action")); err != nil {
		return err
	}
	var bad []string
	for _, check := range seen.Checks {
		if check.Status == "failed" || check.Status == "warning" {
			bad = append(bad, check.Name)
		}
	}
	if len(bad) > 0 {
		return &exit{ExitUnhealthy, "not as it should be: " + strings.Join(bad, ", ")}
	}
	return nil
}

// ConnectionConnectCmd connects a clinic to its account at Asaas.
type ConnectionConnectCmd struct {
	onClinic
	keySource
	Email        string `help:"Where Asaas writes when deliveries fail. None: the account's address."`
	Manual       bool   `help:"Save only: set the webhook up in Asaas's panel, with the token that is printed once."`
	ConfirmTaxID bool   `help:"The account may be of another CNPJ than the clinic."`
}

// Run saves the key, then follows the set-up to its end.
func (c ConnectionConnectCmd) Run(ctx context.Context) error {
	key, err := c.read(c.Remote)
	if err != nil {
		return err
	}
	in := map[string]any{"apiKey": key, "setUp": !c.Manual, "confirmTaxId": c.ConfirmTaxID}
	if c.Email != "" {
		in["notificationEmail"] = c.Email
	}
	answer, err := c.change(ctx, http.MethodPut, "/connection", in)
	if err != nil {
		return dry(err)
	}
	var saved struct{ SetUpOperation string }
	if err := answer.into(&saved); err != nil {
		return err
	}
	if c.Manual {
		return c.Show(answer.raw, "id", "state", "nextAction", "accountId", "apiKey", "webhookToken")
	}
	if saved.SetUpOperation != "" {
		if err := c.follow(ctx, "/v1/operations/"+saved.SetUpOperation); err != nil {
			return err
		}
	}
	return c.active(ctx)
}

// firstEvent is how long the round trip's event may take to be applied.
const firstEvent = 10 * time.Second

// active shows the connection once it is active, or as it is after ten seconds.
func (c onClinic) active(ctx context.Context) error {
	for end := time.Now().Add(firstEvent); ; {
		answer, _, err := c.connection(ctx)
		if err != nil {
			return err
		}
		var now struct{ State string }
		if err := answer.into(&now); err != nil {
			return err
		}
		if now.State == "active" || time.Now().After(end) {
			return c.Show(answer.raw, "id", "state", "since", "reason", "nextAction", "accountId", "apiKey", "firstEventAt")
		}
		if err := Pause(ctx, c.rest()); err != nil {
			return err
		}
	}
}

// ConnectionReplaceKeyCmd replaces the API key of a connected clinic.
type ConnectionReplaceKeyCmd struct {
	onClinic
	keySource
}

// Run replaces the key.
func (c ConnectionReplaceKeyCmd) Run(ctx context.Context) error {
	key, err := c.read(c.Remote)
	if err != nil {
		return err
	}
	answer, err := c.change(ctx, http.MethodPut, "/connection", map[string]any{"apiKey": key})
	if err != nil {
		return dry(err)
	}
	return c.Show(answer.raw, "id", "state", "accountId", "apiKey", "apiKeySetAt")
}

// ConnectionDisconnectCmd deletes the webhook and forgets the key of a clinic.
type ConnectionDisconnectCmd struct{ onClinic }

// Run asks, disconnects, and says what became of the webhook.
func (c ConnectionDisconnectCmd) Run(ctx context.Context) error {
	if err := c.confirm("Disconnect this clinic? Invoices stay as they are and are no longer updated."); err != nil {
		return err
	}
	answer, err := c.change(ctx, http.MethodDelete, "/connection", nil)
	if err != nil {
		return dry(err)
	}
	return c.Show(answer.raw, "webhook", "deleted", "code", "detail")
}

// dry lets a dry run end well.
func dry(err error) error {
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

func (r Remote) rest() time.Duration {
	if r.Pause > 0 {
		return r.Pause
	}
	return 500 * time.Millisecond
}

// follow tells each step of long work as it ends, and fails when the work does.
func (r Remote) follow(ctx context.Context, at string) error {
	for told := 0; ; {
		answer, err := r.ask(ctx, http.MethodGet, at, "", nil)
		if err != nil {
			return err
		}
		var o operationState
		if err := answer.into(&o); err != nil {
			return err
		}
		for ; told < len(o.Steps) && o.Steps[told].State != "running"; told++ {
			r.tell(o.Steps[told], told+1, max(o.Total, len(o.Steps)))
		}
		switch o.State {
		case "done":
			return nil
		case "failed":
			return &exit{ExitFailure, "it ended early: " + o.Code}
		}
		if err := Pause(ctx, r.rest()); err != nil {
			return err
		}
	}
}

// operationState is what follow reads of an operation.
type operationState struct {
	State, Code string
	Total       int
	Steps       []operationStep
}

type operationStep struct {
	Name, State, Detail string
	Millis              int64
}

// tell writes a line to standard error: standard output is for the result.
func (r Remote) tell(s operationStep, n, of int) {
	fmt.Fprintf(r.stderr(), "%d/%d %-20s %-6s %5d ms  %s\n", n, of, s.Name, s.State, s.Millis, s.Detail)
}

// begin starts long work and returns where to look for it.
func (c onClinic) begin(ctx context.Context, rest string, in any) (string, error) {
	answer, err := c.change(ctx, http.MethodPost, rest, in)
	if err != nil {
		return "", err
	}
	return answer.header.Get("Location"), nil
}

// raw puts a value into the form of an answer.
func raw(v any) []byte {
	b, _ := json.Marshal(v) // our own maps and slices
	return b
}
