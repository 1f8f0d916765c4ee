// Package fleet answers the part of /v1 that operators watch all clinics by: counts, instants and clinics' names, and
// nothing of a payer.
package fleet

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
)

// Queue is one queue of the workers' messages. What waits there is only a notification: the record is in Postgres.
type Queue struct {
	Name      string `json:"name" example:"operations"`
	Waiting   int    `json:"waiting" doc:"Messages that no worker has taken"`
	Active    int    `json:"active" doc:"Messages that a worker has taken"`
	Retrying  int    `json:"retrying" doc:"Messages that failed and come again"`
	GivenUp   int    `json:"givenUp" doc:"Messages that failed for good"`
	LatencyMs int64  `json:"latencyMs" doc:"How long the oldest waiting message has waited"`
}

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Queues func(context.Context) ([]Queue, error) // reads the queues; nil: this process has none
}

// Register adds the operations to api. What they show is of no payer, so that no reason is asked for.
func (s *Handler) Register(api huma.API) {
	get := func(path, id, summary string) huma.Operation {
		return rest.NewOperation(http.MethodGet, "/v1/ops/"+path, id, summary, "Operation", rest.AlarmsRead)
	}
	rest.Register(
		api, get("fleet", "listFleet", "All clinics by what may be wrong with them, the first loss first"), s.listFleet,
	)
	rest.Register(api, get("overview", "getOverview", "What the whole fleet comes to"), s.getOverview)
	rest.Register(
		api, get("operations", "listAllOperations", "The last 100 pieces of long work of all clinics, newest first"),
		s.listOperations,
	)
	rest.Register(
		api,
		get("unclaimed", "listUnclaimed", "The last 100 deliveries that no token proved and no clinic's account is named in"),
		s.listUnclaimed,
	)
	s.registerActions(api)
	s.registerVisits(api)
}

// platform lets only callers through that speak for the platform.
func platform(ctx context.Context) error {
	if !rest.CallerOf(ctx).Platform {
		return domain.Errorf(domain.Forbidden, "")
	}
	return nil
}
