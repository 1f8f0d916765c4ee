package remote

import (
	"context"
	"time"

	"patapay/api/client"
)

// EndpointsCmd is about the addresses that a clinic's changes are pushed to.
type EndpointsCmd struct {
	List       EndpointsListCmd       `cmd:"" help:"The clinic's endpoints, the newest first."`
	Show       EndpointsShowCmd       `cmd:"" help:"One endpoint: its state, and what waits for it."`
	Add        EndpointsAddCmd        `cmd:"" help:"Push changes to an address; its secret is printed this once."`
	Pause      EndpointsPauseCmd      `cmd:"" help:"Send nothing more; it keeps its place."`
	Resume     EndpointsResumeCmd     `cmd:"" help:"Go on where it stood."`
	Test       EndpointsTestCmd       `cmd:"" help:"Send one delivery that carries nothing, and print how it went; ends with 5 when it did not arrive."`
	Rotate     EndpointsRotateCmd     `cmd:"" help:"A new secret, printed this once; the one before signs too for 24 hours."`
	Replay     EndpointsReplayCmd     `cmd:"" help:"Send again what changed since an instant, or behind an entry."`
	Deliveries EndpointsDeliveriesCmd `cmd:"" help:"The tries of the last seven days, the newest first."`
	Remove     EndpointsRemoveCmd     `cmd:"" help:"Forget an endpoint, with its deliveries."`
}

var endpointColumns = []string{
	"id", "url", "types", "payload", "state", "reason", "waiting",
	"failures", "nextAttemptAt", "succeededAt", "failedAt", "seq",
}

// EndpointsListCmd lists the endpoints of a clinic.
type EndpointsListCmd struct{ listed }

// Run prints the list.
func (c EndpointsListCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		res, err := api.ListEndpointsWithResponse(ctx, tenant, &client.ListEndpointsParams{Limit: &limit, Cursor: cursor})
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "id", "url", "state", "reason", "waiting", "failures", "succeededAt")
}

// EndpointsShowCmd shows one endpoint.
type EndpointsShowCmd struct{ ofClinic }

// Run prints the endpoint.
func (c EndpointsShowCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.GetEndpointWithResponse(ctx, tenant, c.ID)
	if err != nil {
		return failed(err)
	}
	return c.Show(res.Body, endpointColumns...)
}

// EndpointsAddCmd makes an endpoint.
type EndpointsAddCmd struct {
	onClinic
	To          string `required:"" placeholder:"https://…" help:"The address: https, port 443 or above 1024, on the internet."`
	Description string `help:"What it is for."`
	Types       string `help:"invoice.updated, checkout.updated … ; several with commas. None: all, those to come too."`
	Payload     string `help:"whole: with the object. thin: who receives it asks for what it needs." enum:"whole,thin" default:"whole"`
}

// Run makes it and prints it with its secret.
func (c EndpointsAddCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	payload := client.NewEndpointPayload(c.Payload)
	res, err := api.CreateEndpointWithResponse(ctx, tenant, nil, client.NewEndpoint{
		URL: c.To, Description: optional(c.Description), Types: anyOf[client.NewEndpointTypes](c.Types), Payload: &payload,
	})
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, "id", "url", "state", "secret")
}

// EndpointsPauseCmd stops an endpoint.
type EndpointsPauseCmd struct{ ofClinic }

// Run stops it and prints it.
func (c EndpointsPauseCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.PauseEndpointWithResponse(ctx, tenant, c.ID, nil)
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, endpointColumns...)
}

// EndpointsResumeCmd lets an endpoint go on.
type EndpointsResumeCmd struct{ ofClinic }

// Run lets it go on and prints it.
func (c EndpointsResumeCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.ResumeEndpointWithResponse(ctx, tenant, c.ID, nil)
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, endpointColumns...)
}

// EndpointsRotateCmd gives an endpoint a new secret.
type EndpointsRotateCmd struct{ ofClinic }

// Run prints the endpoint with the new secret.
func (c EndpointsRotateCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.RotateEndpointSecretWithResponse(ctx, tenant, c.ID, nil)
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, "id", "url", "state", "secret")
}

// EndpointsReplayCmd sends again.
type EndpointsReplayCmd struct {
	ofClinic
	Since time.Time `xor:"from" required:"" placeholder:"2026-11-29T00:00:00Z" help:"Everything that changed from then on."`
	After int64     `xor:"from" required:"" placeholder:"SEQ" help:"Everything behind the entry with this number; 0: all that is kept."`
}

// Run moves its place and prints it.
func (c EndpointsReplayCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	if err := c.confirm("Its receiver gets again what it got already. Go on?"); err != nil {
		return err
	}
	body := client.ReplayEndpointJSONRequestBody{After: &c.After}
	if !c.Since.IsZero() {
		body = client.ReplayEndpointJSONRequestBody{Since: &c.Since}
	}
	res, err := api.ReplayEndpointWithResponse(ctx, tenant, c.ID, nil, body)
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, endpointColumns...)
}

// EndpointsRemoveCmd forgets an endpoint.
type EndpointsRemoveCmd struct{ ofClinic }

// Run forgets it.
func (c EndpointsRemoveCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	if err := c.confirm("Its receiver learns of nothing more, and its deliveries are forgotten. Go on?"); err != nil {
		return err
	}
	_, err = api.DeleteEndpointWithResponse(ctx, tenant, c.ID)
	return dry(failed(err))
}
