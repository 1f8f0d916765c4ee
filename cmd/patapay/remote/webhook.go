package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
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
	path, err := c.path("/connection/webhook")
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	return c.showWebhook(answer)
}

// showWebhook prints the lines and fails with 5 when they are not as wanted.
func (c onClinic) showWebhook(answer got) error {
	var report struct {
		OK         bool
		Duplicates []struct{ ID string }
	}
	if err := errors.Join(answer.into(&report), c.Show(answer.raw, "field", "ok", "wanted", "got")); err != nil {
		return err
	}
	switch {
	case len(report.Duplicates) > 0:
		return &exit{ExitUnhealthy, fmt.Sprintf("%d further configuration(s) call our door: `webhook ensure --keep-one` deletes them", len(report.Duplicates))}
	case !report.OK:
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
	in := map[string]any{"keepOne": c.KeepOne}
	if c.Email != "" {
		in["notificationEmail"] = c.Email
	}
	answer, err := c.change(ctx, http.MethodPost, "/connection/webhook", in)
	if err != nil {
		return dry(err)
	}
	return c.showWebhook(answer)
}

// WebhookReactivateCmd resumes a paused queue at Asaas.
type WebhookReactivateCmd struct{ onClinic }

// Run follows the five steps, then shows the connection.
func (c WebhookReactivateCmd) Run(ctx context.Context) error {
	at, err := c.begin(ctx, "/connection/webhook/reactivate", nil)
	if err != nil {
		return dry(err)
	}
	if err := c.follow(ctx, at); err != nil {
		return err
	}
	return ConnectionShowCmd{c.onClinic}.Run(ctx)
}

// WebhookUnpenalizeCmd lets a queue that waits out a penalty try at once.
type WebhookUnpenalizeCmd struct{ onClinic }

// Run drops the penalty.
func (c WebhookUnpenalizeCmd) Run(ctx context.Context) error {
	answer, err := c.change(ctx, http.MethodPost, "/connection/webhook/unpenalize", nil)
	if err != nil {
		return dry(err)
	}
	return c.Show(answer.raw, "unpenalized")
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
	at, err := c.begin(ctx, "/reconcile", map[string]any{"days": c.Days})
	if err != nil {
		return dry(err)
	}
	if err := c.follow(ctx, at); err != nil {
		return err
	}
	return c.report(ctx, at[len("/v1/operations/"):])
}

func (c ReconcileCmd) one(ctx context.Context) error {
	path, err := c.path("/invoices/" + c.Invoice + "/reconcile")
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodPost, path, "", nil)
	if err != nil {
		return dry(err)
	}
	return c.Show(answer.raw, "checkedAt", "found", "equal", "differences", "applied")
}

// certificate shows what the comparison found.
func (c ReconcileCmd) report(ctx context.Context, id string) error {
	path, err := c.path("/certificates")
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	var all struct{ Data []map[string]any }
	if err := answer.into(&all); err != nil {
		return err
	}
	for _, cert := range all.Data {
		if cert["id"] != id {
			continue
		}
		if err := c.Show(raw(cert), "id", "from", "to", "read", "equal", "repaired", "unexplained"); err != nil {
			return err
		}
		if n, _ := cert["unexplained"].(float64); n > 0 {
			return &exit{ExitUnhealthy, fmt.Sprintf("%.0f stay unexplained", n)}
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
	return c.each(ctx, c.Since, c.Once, func(e told) error { return c.relay(ctx, e) })
}

// relay posts one event.
func (c ListenCmd) relay(ctx context.Context, e told) error {
	path, err := c.path("/events/" + e.ID + "/payload")
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	var body struct{ Payload json.RawMessage }
	if err := answer.into(&body); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout(), "%s  %-40s %s\n", e.ReceivedAt.Format(time.RFC3339), e.Type, relayTo(ctx, c.ForwardTo, body.Payload))
	return nil
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
