package remote

import (
	"context"

	"patapay/api/client"
)

// TenantsCmd looks at the clinics that the token may see.
type TenantsCmd struct {
	List TenantsListCmd `cmd:"" help:"The clinics: ids, name, state."`
}

// OpsCmd is the operator's console without a browser: all clinics at once, for a token of the platform.
type OpsCmd struct {
	Overview OpsOverviewCmd `cmd:"" help:"The fleet in numbers: connections, what waits, what is being lost."`
	Clinics  OpsClinicsCmd  `cmd:"" help:"A line a clinic, the one that loses events first on top."`
	Alarms   OpsAlarmsCmd   `cmd:"" help:"Open alarms of all clinics and of the platform, the newest first."`
}

// paged is Remote for a list over all clinics.
type paged struct {
	Remote
	Limit int `default:"25" help:"How many at most; 0: all."`
}

// list prints the objects that the pages have.
func (c paged) list(read pageReader, columns ...string) error {
	return c.pages(c.Limit, read, columns...)
}

// TenantsListCmd lists clinics.
type TenantsListCmd struct {
	paged
	State string `help:"active or suspended. None: both." enum:"active,suspended," default:""`
}

// Run prints the list.
func (c TenantsListCmd) Run(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		res, err := api.ListTenantsWithResponse(ctx, &client.ListTenantsParams{
			State: optional(client.ListTenantsParamsState(c.State)), Limit: &limit, Cursor: cursor,
		})
		if err != nil {
			return nil, client.Pages{}, err
		}
		page := res.JSON200.Page
		return res.Body, client.Pages{HasMore: page.HasMore, NextCursor: page.NextCursor}, nil
	}, "id", "externalId", "name", "taxId", "state", "sandbox", "productionTenantId")
}

// OpsOverviewCmd shows the fleet in numbers.
type OpsOverviewCmd struct{ Remote }

// Run prints the numbers.
func (c OpsOverviewCmd) Run(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	res, err := api.GetOverviewWithResponse(ctx)
	if err != nil {
		return failed(err)
	}
	return c.Show(res.Body, "connections", "suspended", "losing", "soonestLossAt", "waiting", "waitingSince", "countedAt",
		"counts.deadEvents", "counts.quarantinedEvents", "counts.openAlarms", "counts.unsentMails",
		"counts.troubledEndpoints", "counts.runningOperations", "quotaNear", "unclaimedDeliveries", "platformAlarms",
		"monitorLateMs", "feedHeldMs", "queuesUnread")
}

// OpsClinicsCmd lists the clinics with what is wrong at each.
type OpsClinicsCmd struct {
	paged
	Connection string `help:"active, paused, key_refused … ; several with commas."`
	Concern    string `help:"Only clinics that have at least one of these: alarms, dead, quarantined, waiting, loss, endpoints, operations, mails, quota."`
	Search     string `short:"q" help:"A part of the name, or an id."`
	Sort       string `help:"loss, oldestWaiting, alarms, dead, quota, comparedAt, name; - in front: the other way round." default:"loss"`
}

// Run prints the list.
func (c OpsClinicsCmd) Run(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	sort := client.ListFleetParamsSort(c.Sort)
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		res, err := api.ListFleetWithResponse(ctx, &client.ListFleetParams{
			Limit: &limit, Cursor: cursor, Sort: &sort, Q: optional(c.Search),
			Connection: anyOf[client.ListFleetParamsConnection](c.Connection),
			Concern:    optional(client.ListFleetParamsConcern(c.Concern)),
		})
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "tenantId", "name", "connection", "lossAt", "waitingSince", "quotaCalls", "counts.openAlarms",
		"counts.deadEvents", "comparedAt")
}

// OpsAlarmsCmd lists alarms.
type OpsAlarmsCmd struct {
	paged
	State string `help:"open, closed or all." enum:"open,closed,all" default:"open"`
	Kind  string `help:"Any of these kinds, with commas."`
}

// Run prints the list.
func (c OpsAlarmsCmd) Run(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	state := client.ListAllAlarmsParamsState(c.State)
	return c.list(func(limit int64, cursor *string) ([]byte, client.Pages, error) {
		res, err := api.ListAllAlarmsWithResponse(ctx, &client.ListAllAlarmsParams{
			Limit: &limit, Cursor: cursor, State: &state, Kind: anyOf[string](c.Kind),
		})
		if err != nil {
			return nil, client.Pages{}, err
		}
		return res.Body, res.JSON200.Page, nil
	}, "tenantId", "tenantName", "kind", "openedAt", "lastAt", "count", "closedAt", "nextAction")
}
