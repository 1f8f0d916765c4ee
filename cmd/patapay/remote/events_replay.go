package remote

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// EventsReplayCmd applies stored events anew.
type EventsReplayCmd struct {
	Remote
	IDs     []string      `arg:"" optional:"" name:"event" help:"Their ids, ours or Asaas's; none: those that the filters leave."`
	Tenant  string        `env:"PATAPAY_TENANT" help:"The clinic: ten_… or ext: and the platform's id."`
	Outcome []string      `aliases:"view" help:"received, applied, no_effect, held or dead; several with commas."`
	Type    []string      `help:"Asaas's name, such as PAYMENT_RECEIVED; several with commas."`
	Entity  string        `help:"Asaas's id of what they speak of, such as pay_…."`
	Since   time.Duration `help:"Only what came in this long, such as 2h."`
}

// Run tells what would change, asks, and follows the work to its end.
func (c EventsReplayCmd) Run(ctx context.Context) error {
	clinic := onClinic{Remote: c.Remote, Tenant: c.Tenant}
	path, err := clinic.path("/events/replays")
	if err != nil {
		return err
	}
	in, err := c.which()
	if err != nil {
		return err
	}
	n, err := c.preview(ctx, path, in)
	if err != nil || n == 0 || c.DryRun {
		return err
	}
	if err := c.confirm(fmt.Sprintf("Replay %d events?", n)); err != nil {
		return err
	}
	answer, err := c.ask(ctx, http.MethodPost, path, "", in)
	if err != nil {
		return err
	}
	at := answer.header.Get("Location")
	if err := c.follow(ctx, at); err != nil {
		return err
	}
	return c.result(ctx, at)
}

// which returns the request that names the events.
func (c EventsReplayCmd) which() (map[string]any, error) {
	filter := map[string]any{}
	if len(c.Outcome) > 0 {
		filter["outcome"] = c.Outcome
	}
	if len(c.Type) > 0 {
		filter["type"] = c.Type
	}
	if c.Entity != "" {
		filter["entity"] = c.Entity
	}
	if c.Since > 0 {
		filter["receivedFrom"] = time.Now().Add(-c.Since).UTC().Format(time.RFC3339)
	}
	switch {
	case len(c.IDs) > 0 && len(filter) > 0:
		return nil, usage("name events, or filter them: not both")
	case len(c.IDs) > 0:
		return map[string]any{"events": c.IDs}, nil
	case len(filter) == 0:
		return nil, usage("which events? Name them, or say --outcome, --type, --entity or --since.")
	}
	return map[string]any{"filter": filter}, nil
}

// preview prints what a replay would change and returns how many events it would take.
func (c EventsReplayCmd) preview(ctx context.Context, path string, in map[string]any) (int, error) {
	ask := c.Remote
	ask.DryRun = false // the dry run is the API's own
	in = maps.Clone(in)
	in["dryRun"] = true
	answer, err := ask.ask(ctx, http.MethodPost, path, "", in)
	if err != nil {
		return 0, err
	}
	var got struct {
		Matched int
		Preview struct {
			Objects []struct {
				Kind, AsaasID string
				Fields        []struct {
					Field         string
					Before, After any
				}
				Bookings []any
			}
		}
	}
	if err := answer.into(&got); err != nil {
		return 0, &exit{ExitFailure, "PataPay's answer cannot be read"}
	}
	changes := []map[string]any{}
	for _, o := range got.Preview.Objects {
		for _, f := range o.Fields {
			changes = append(changes, map[string]any{"kind": o.Kind, "asaasId": o.AsaasID, "field": f.Field, "before": f.Before, "after": f.After})
		}
		if len(o.Bookings) > 0 {
			changes = append(changes, map[string]any{"kind": o.Kind, "asaasId": o.AsaasID, "field": "ledger", "after": fmt.Sprintf("%d bookings", len(o.Bookings))})
		}
	}
	fmt.Fprintf(c.stderr(), "%d events, %d objects would change\n", got.Matched, len(got.Preview.Objects))
	if len(changes) == 0 {
		return got.Matched, nil
	}
	return got.Matched, c.Show(raw(map[string]any{"data": changes}), "kind", "asaasId", "field", "before", "after")
}

// result prints what came of the work.
func (c EventsReplayCmd) result(ctx context.Context, at string) error {
	answer, err := c.ask(ctx, http.MethodGet, at, "", nil)
	if err != nil {
		return err
	}
	var o struct{ Result map[string]any }
	if err := answer.into(&o); err != nil {
		return &exit{ExitFailure, "PataPay's answer cannot be read"}
	}
	if err := c.Show(raw(o.Result), "events", "changes", "failed"); err != nil {
		return err
	}
	if n, _ := o.Result["failed"].(float64); n > 0 {
		return &exit{ExitUnhealthy, fmt.Sprintf("%.0f failed again and wait for their next try", n)}
	}
	return nil
}
