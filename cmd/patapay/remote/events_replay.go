package remote

import (
	"context"
	"fmt"
	"strings"
	"time"

	"patapay/api/client"
)

// EventsReplayCmd applies stored events anew.
type EventsReplayCmd struct {
	Remote
	IDs     []string      `arg:"" optional:"" name:"event" help:"Their ids, ours or Asaas's; none: those that the filters leave."`
	Tenant  string        `help:"The clinic: ten_… or ext: and the platform's id." env:"PATAPAY_TENANT"`
	Outcome []string      `help:"received, applied, no_effect, held or dead; several with commas." aliases:"view"`
	Type    []string      `help:"Asaas's name, such as PAYMENT_RECEIVED; several with commas."`
	Entity  string        `help:"Asaas's id of what they speak of, such as pay_…."`
	Since   time.Duration `help:"Only what came in this long, such as 2h."`
}

// Run tells what would change, asks, and follows the work to its end.
func (c EventsReplayCmd) Run(ctx context.Context) error {
	api, tenant, err := onClinic{Remote: c.Remote, Tenant: c.Tenant}.there()
	if err != nil {
		return err
	}
	in, err := c.which()
	if err != nil {
		return err
	}
	n, err := c.preview(ctx, tenant, in)
	if err != nil || n == 0 || c.DryRun {
		return err
	}
	if err := c.confirm(fmt.Sprintf("Replay %d events?", n)); err != nil {
		return err
	}
	res, err := api.ReplayEventsWithResponse(ctx, tenant, nil, in)
	if err != nil {
		return failed(err)
	}
	done, err := c.follow(ctx, begun(res.HTTPResponse))
	if err != nil {
		return err
	}
	return c.result(done)
}

// which returns the request that names the events.
func (c EventsReplayCmd) which() (in client.ReplayEventsInputBody, err error) {
	filtered := len(c.Outcome)+len(c.Type) > 0 || c.Entity != "" || c.Since > 0
	switch {
	case len(c.IDs) > 0 && filtered:
		return in, usage("name events, or filter them: not both")
	case len(c.IDs) > 0:
		in.Events = &c.IDs
		return in, nil
	case !filtered:
		return in, usage("which events? Name them, or say --outcome, --type, --entity or --since.")
	}
	in.Filter = &client.ReplayFilter{
		Outcome: anyOf[client.ReplayFilterOutcome](strings.Join(c.Outcome, ",")),
		Type:    anyOf[string](strings.Join(c.Type, ",")),
		Entity:  optional(c.Entity),
	}
	if c.Since > 0 {
		in.Filter.ReceivedFrom = optional(time.Now().Add(-c.Since).UTC().Truncate(time.Second))
	}
	return in, nil
}

// preview prints what a replay would change and returns how many events it would take.
func (c EventsReplayCmd) preview(ctx context.Context, tenant string, in client.ReplayEventsInputBody) (int64, error) {
	ask := c.Remote
	ask.DryRun = false // the dry run is the API's own
	api, err := ask.api()
	if err != nil {
		return 0, err
	}
	in.DryRun = optional(true)
	res, err := api.ReplayEventsWithResponse(ctx, tenant, nil, in)
	if err != nil {
		return 0, failed(err)
	}
	got := res.JSON200
	objects := valueOf(got.Preview).Objects
	changes := []map[string]any{}
	for _, o := range objects {
		for _, f := range o.Fields {
			changes = append(
				changes,
				map[string]any{"kind": o.Kind, "asaasId": o.AsaasID, "field": f.Field, "before": f.Before, "after": f.After},
			)
		}
		if len(o.Bookings) > 0 {
			changes = append(
				changes,
				map[string]any{
					"kind":    o.Kind,
					"asaasId": o.AsaasID,
					"field":   "ledger",
					"after":   fmt.Sprintf("%d bookings", len(o.Bookings)),
				},
			)
		}
	}
	fmt.Fprintf(c.stderr(), "%d events, %d objects would change\n", got.Matched, len(objects))
	if len(changes) == 0 {
		return got.Matched, nil
	}
	return got.Matched, c.Show(raw(map[string]any{"data": changes}), "kind", "asaasId", "field", "before", "after")
}

// result prints what came of the work.
func (c EventsReplayCmd) result(done *client.OperationView) error {
	result, _ := done.Result.(map[string]any)
	if err := c.Show(raw(result), "events", "changes", "failed"); err != nil {
		return err
	}
	if n, _ := result["failed"].(float64); n > 0 {
		return &exit{ExitUnhealthy, fmt.Sprintf("%.0f failed again and wait for their next try", n)}
	}
	return nil
}
