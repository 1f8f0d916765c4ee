package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"patapay/api/client"
)

// WebhookCmd is our webhook at Asaas.
type WebhookCmd struct {
	Show       WebhookShowCmd       `cmd:"" help:"As Asaas has it now, line by line; ends with 5 when a line differs."`
	Ensure     WebhookEnsureCmd     `cmd:"" help:"Adopt or create it, put right what differs, and read it back."`
	Reactivate WebhookReactivateCmd `cmd:"" help:"Resume a paused queue, once our own door was tried, and compare what was missed."`
	Unpenalize WebhookUnpenalizeCmd `cmd:"" help:"Let Asaas try again at once instead of waiting out a penalty."`
}

// WebhookShowCmd shows our webhook at Asaas, line by line.
type WebhookShowCmd struct{ onClinic }

// Run prints the lines.
func (c WebhookShowCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.GetWebhookWithResponse(ctx, tenant)
	if err != nil {
		return failed(err)
	}
	return c.showWebhook(res.Body, res.JSON200)
}

// showWebhook prints the lines and fails with 5 when they are not as wanted.
func (c onClinic) showWebhook(body []byte, report *client.WebhookReport) error {
	if err := c.Show(body, "field", "ok", "wanted", "got"); err != nil {
		return err
	}
	switch n := len(valueOf(report.Duplicates)); {
	case n > 0:
		return &exit{
			ExitUnhealthy,
			fmt.Sprintf("%d further configuration(s) call our door: `webhook ensure --keep-one` deletes them", n),
		}
	case !report.Ok:
		return &exit{ExitUnhealthy, "not every line is as wanted: `webhook ensure` puts it right"}
	}
	return nil
}

// WebhookEnsureCmd makes our webhook at Asaas what it should be.
type WebhookEnsureCmd struct {
	onClinic
	Email   string `help:"Where Asaas writes when deliveries fail."`
	KeepOne bool   `help:"Delete further configurations with our address."`
}

// Run ensures the webhook and prints its lines.
func (c WebhookEnsureCmd) Run(ctx context.Context) error {
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	res, err := now.EnsureWebhookWithResponse(ctx, now.tenant, &client.EnsureWebhookParams{IfMatch: now.version},
		client.EnsureWebhookInputBody{KeepOne: &c.KeepOne, NotificationEmail: optional(types.Email(c.Email))})
	if err != nil {
		return dry(failed(err))
	}
	return c.showWebhook(res.Body, res.JSON200)
}

// WebhookReactivateCmd resumes a paused queue at Asaas.
type WebhookReactivateCmd struct{ onClinic }

// Run follows the five steps, then shows the connection.
func (c WebhookReactivateCmd) Run(ctx context.Context) error {
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	res, err := now.ReactivateWebhookWithResponse(ctx, now.tenant, &client.ReactivateWebhookParams{IfMatch: now.version})
	if err != nil {
		return dry(failed(err))
	}
	if _, err := c.follow(ctx, begun(res.HTTPResponse)); err != nil {
		return err
	}
	return ConnectionShowCmd(c).Run(ctx)
}

// WebhookUnpenalizeCmd lets a queue that waits out a penalty try at once.
type WebhookUnpenalizeCmd struct{ onClinic }

// Run drops the penalty.
func (c WebhookUnpenalizeCmd) Run(ctx context.Context) error {
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	res, err := now.UnpenalizeWebhookWithResponse(ctx, now.tenant, &client.UnpenalizeWebhookParams{IfMatch: now.version})
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, "unpenalized")
}

// ReconcileCmd compares a clinic with Asaas.
type ReconcileCmd struct {
	onClinic
	Days    int    `default:"15" help:"How far back, 1 to 90."`
	Invoice string `help:"Compare this one invoice only, ivc_… or Asaas's id."`
}

// Run compares, and ends with 5 when something stays unexplained.
func (c ReconcileCmd) Run(ctx context.Context) error {
	if c.Days < 1 || c.Days > 90 {
		return usage("--days is 1 to 90")
	}
	if c.Invoice != "" {
		return c.one(ctx)
	}
	now, err := c.changing(ctx)
	if err != nil {
		return err
	}
	days := int64(c.Days)
	res, err := now.ReconcileWithResponse(
		ctx, now.tenant, &client.ReconcileParams{IfMatch: now.version}, client.ReconcileInputBody{Days: &days},
	)
	if err != nil {
		return dry(failed(err))
	}
	id := begun(res.HTTPResponse)
	if _, err := c.follow(ctx, id); err != nil {
		return err
	}
	return c.report(ctx, now, id)
}

func (c ReconcileCmd) one(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	res, err := api.ReconcileInvoiceWithResponse(ctx, tenant, c.Invoice, nil)
	if err != nil {
		return dry(failed(err))
	}
	return c.Show(res.Body, "checkedAt", "found", "equal", "differences", "applied")
}

// report shows what the comparison found.
func (c ReconcileCmd) report(ctx context.Context, at change, id string) error {
	res, err := at.ListCertificatesWithResponse(ctx, at.tenant)
	if err != nil {
		return failed(err)
	}
	var all struct{ Data []json.RawMessage }
	if err := json.Unmarshal(res.Body, &all); err != nil {
		return failed(err)
	}
	for i, cert := range valueOf(res.JSON200.Data) {
		if cert.ID != id {
			continue
		}
		if err := c.Show(all.Data[i], "id", "from", "to", "read", "equal", "repaired", "unexplained"); err != nil {
			return err
		}
		if cert.Unexplained > 0 {
			return &exit{ExitUnhealthy, fmt.Sprintf("%d stay unexplained", cert.Unexplained)}
		}
		return nil
	}
	return &exit{ExitFailure, "the comparison left no certificate"}
}

// ListenCmd relays a clinic's stored events to a program under development.
type ListenCmd struct {
	onClinic
	ForwardTo string        `required:"" placeholder:"URL" help:"Where each event is posted, as Asaas posted it, with personal data masked."`
	Since     time.Duration `help:"Also those of this long ago."`
	Once      bool          `help:"Stop when there is nothing more."`
}

// Run relays until it is stopped. Each event is posted once, the oldest first; what the
// other side answers is told and changes nothing here.
func (c ListenCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	return c.each(ctx, c.Since, c.Once, func(e told) error {
		res, err := api.GetEventPayloadWithResponse(ctx, tenant, e.ID, nil)
		if err != nil {
			return failed(err)
		}
		var body struct{ Payload json.RawMessage } // as Asaas wrote it
		if err := json.Unmarshal(res.Body, &body); err != nil {
			return failed(err)
		}
		fmt.Fprintf(
			c.stdout(), "%s  %-40s %s\n", e.ReceivedAt.Format(time.RFC3339), e.Type,
			relayTo(ctx, c.ForwardTo, body.Payload),
		)
		return nil
	})
}

// relayTo posts a body and returns the status in words.
func relayTo(ctx context.Context, url string, body []byte) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // as long as Asaas waits
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "not a URL"
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "no answer"
	}
	defer res.Body.Close()
	return res.Status
}
