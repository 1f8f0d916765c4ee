package remote

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"patapay/api/client"
)

// EndpointsDeliveriesCmd lists the tries of an endpoint.
type EndpointsDeliveriesCmd struct {
	Endpoint string `arg:"" help:"end_…"`
	listed
	Failed bool `help:"Only those that failed."`
}

// Run prints the list.
func (c EndpointsDeliveriesCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	params := client.ListEndpointDeliveriesParams{}
	if c.Failed {
		params.State = optional(client.ListEndpointDeliveriesParamsStateFailed)
	}
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		params.Limit, params.Cursor = &limit, cursor
		res, err := api.ListEndpointDeliveriesWithResponse(ctx, tenant, c.Endpoint, &params)
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "at", "type", "objectId", "try", "code", "reason", "latencyMs", "webhookId")
}

// EndpointsTestCmd asks for a test and waits for it.
type EndpointsTestCmd struct {
	ofClinic
	Wait time.Duration `default:"30s" help:"How long to wait for it."`
}

// Run prints how the test went.
func (c EndpointsTestCmd) Run(ctx context.Context) error {
	api, tenant, err := c.there()
	if err != nil {
		return err
	}
	newest := func() (d client.EndpointDeliveryView, err error) {
		few := int64(20)
		res, err := api.ListEndpointDeliveriesWithResponse(
			ctx, tenant, c.ID, &client.ListEndpointDeliveriesParams{Limit: &few},
		)
		if err != nil {
			return d, err
		}
		for _, d := range res.JSON200.Data {
			if d.Type == "endpoint.test" {
				return d, nil
			}
		}
		return d, nil
	}
	before, err := newest()
	if err != nil {
		return failed(err)
	}
	if _, err = api.TestEndpointWithResponse(ctx, tenant, c.ID, nil); err != nil {
		return dry(failed(err))
	}
	for end := time.Now().Add(c.Wait); time.Now().Before(end); {
		d, err := newest()
		if err != nil {
			return failed(err)
		}
		if d.ID != before.ID {
			return c.went(d)
		}
		select {
		case <-time.After(cmp.Or(c.Pause, 500*time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return &exit{ExitFailure, fmt.Sprintf("no test within %s: is `patapay work` running?", c.Wait)}
}

// went prints how a delivery went, and fails with 5 when it did not arrive.
func (c EndpointsTestCmd) went(d client.EndpointDeliveryView) error {
	if err := c.Show(raw(d), "at", "code", "reason", "latencyMs", "answer", "webhookId"); err != nil {
		return err
	}
	if reason := valueOf(d.Reason); reason != "" {
		return &exit{ExitUnhealthy, "it did not arrive: " + reason}
	}
	return nil
}
