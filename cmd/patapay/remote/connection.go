package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"patapay/api/client"
)

// ConnectionCmd is a clinic's side of Asaas.
type ConnectionCmd struct {
	Show       ConnectionShowCmd       `cmd:"" help:"State, since when, why, what to do, what is at risk."`
	Check      ConnectionCheckCmd      `cmd:"" help:"Look at it now, at Asaas and here; ends with 5 when something is wrong."`
	Connect    ConnectionConnectCmd    `cmd:"" help:"Connect with an API key: webhook, round trip, done in seconds."`
	ReplaceKey ConnectionReplaceKeyCmd `cmd:"" help:"Another API key of the same account; the old one stays until the new one is verified." name:"replace-key"`
	Production ConnectionProductionCmd `cmd:"" help:"Move a sandbox clinic to production: a tenant of its own, with nothing of the sandbox's money."`
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
	res, err := c.connection(ctx)
	if err != nil {
		return err
	}
	return c.Show(res.Body, "id", "state", "since", "reason", "nextAction", "lossAt", "environment", "accountId",
		"walletId", "ownerName", "apiKey", "apiKeySetAt", "notificationEmail", "firstEventAt")
}

// connection reads the connection.
func (c onClinic) connection(ctx context.Context) (*client.GetConnectionResponse, error) {
	api, tenant, err := c.there()
	if err != nil {
		return nil, err
	}
	res, err := api.GetConnectionWithResponse(ctx, tenant, nil)
	return res, failed(err)
}

// change is what a change of the connection is made with: the API, what the clinic is called
// in it, and the version that stands now.
type change struct {
	*client.API
	tenant  string
	version *string
}

// changing reads the version that stands now, for a change of it.
func (c onClinic) changing(ctx context.Context) (change, error) {
	api, tenant, err := c.there()
	if err != nil {
		return change{}, err
	}
	res, err := api.GetConnectionWithResponse(ctx, tenant, nil)
	if err != nil {
		return change{}, failed(err)
	}
	return change{api, tenant, optional(res.HTTPResponse.Header.Get("ETag"))}, nil
}

// save changes the connection.
func (c change) save(ctx context.Context, in client.PutConnectionInputBody) (*client.PutConnectionResponse, error) {
	res, err := c.PutConnectionWithResponse(ctx, c.tenant, &client.PutConnectionParams{IfMatch: c.version}, in)
	return res, failed(err)
}

// ConnectionCheckCmd checks the connection of a clinic now.
type ConnectionCheckCmd struct{ onClinic }

// Run looks, prints, and ends with 5 when a check is not passed.
func (c ConnectionCheckCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.RunConnectionChecksWithResponse(ctx, tenant, nil)
	if err != nil {
		return dry(failed(err))
	}
	if err := c.Show(res.Body, "name", "status", "since", "detail", "action"); err != nil {
		return err
	}
	var bad []string
	for _, check := range valueOf(res.JSON200.Checks) {
		if check.Status == client.CheckViewStatusFailed || check.Status == client.CheckViewStatusWarning {
			bad = append(bad, string(check.Name))
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
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	setUp := !c.Manual
	res, err := now.save(ctx, client.PutConnectionInputBody{
		APIKey: &key, SetUp: &setUp, ConfirmTaxID: &c.ConfirmTaxID, NotificationEmail: optional(types.Email(c.Email)),
	})
	if err != nil {
		return dry(err)
	}
	if c.Manual {
		return c.Show(res.Body, "id", "state", "nextAction", "accountId", "apiKey", "webhookToken")
	}
	if id := valueOf(res.JSON200.SetUpOperation); id != "" {
		if _, err := c.follow(ctx, id); err != nil {
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
		res, err := c.connection(ctx)
		if err != nil {
			return err
		}
		if res.JSON200.State == client.ConnectionViewStateActive || time.Now().After(end) {
			return c.Show(res.Body, "id", "state", "since", "reason", "nextAction", "accountId", "apiKey", "firstEventAt")
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
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	res, err := now.save(ctx, client.PutConnectionInputBody{APIKey: &key})
	if err != nil {
		return dry(err)
	}
	return c.Show(res.Body, "id", "state", "accountId", "apiKey", "apiKeySetAt")
}

// ConnectionDisconnectCmd deletes the webhook and forgets the key of a clinic.
type ConnectionDisconnectCmd struct{ onClinic }

// Run asks, disconnects, and says what became of the webhook.
func (c ConnectionDisconnectCmd) Run(ctx context.Context) error {
	if err := c.confirm("Disconnect this clinic? Invoices stay as they are and are no longer updated."); err != nil {
		return err
	}
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	res, err := now.DeleteConnectionWithResponse(ctx, now.tenant, &client.DeleteConnectionParams{IfMatch: now.version})
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, "webhook", "deleted", "code", "detail")
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
func (r Remote) follow(ctx context.Context, id string) (*client.OperationView, error) {
	api, err := r.api()
	if err != nil {
		return nil, err
	}
	for told := 0; ; {
		res, err := api.GetOperationWithResponse(ctx, id)
		if err != nil {
			return nil, failed(err)
		}
		o := res.JSON200
		steps := valueOf(o.Steps)
		for ; told < len(steps) && steps[told].State != client.StepViewStateRunning; told++ {
			r.tell(steps[told], told+1, max(int(o.Total), len(steps)))
		}
		switch o.State {
		case client.OperationViewStateDone:
			return o, nil
		case client.OperationViewStateFailed:
			return nil, &exit{ExitFailure, "it ended early: " + valueOf(o.Code)}
		}
		if err := Pause(ctx, r.rest()); err != nil {
			return nil, err
		}
	}
}

// tell writes a line to standard error: standard output is for the result.
func (r Remote) tell(s client.StepView, n, of int) {
	fmt.Fprintf(r.stderr(), "%d/%d %-20s %-6s %5d ms  %s\n", n, of, s.Name, s.State, valueOf(s.Millis), valueOf(s.Detail))
}

// raw puts a value into the form of an answer.
func raw(v any) []byte {
	b, _ := json.Marshal(v) // our own maps and slices
	return b
}
