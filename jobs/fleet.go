package jobs

import (
	"context"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"patapay/tenants/asaasapi"
	"patapay/tenants/fleet"
)

// fleetPause is how old what operators sort clinics by may be, where no trigger keeps it.
const fleetPause = 15 * time.Second

// countFleet counts what each clinic has that somebody may have to look at.
func (w *Worker) countFleet(ctx context.Context) error {
	_, err := fleet.Count(w.DB, ctx, w.Now())
	return err
}

// quotaPause is how old the fleet's figures of the gateway's quota may be.
const quotaPause = time.Minute

// countQuota counts how much of its quota each clinic has used, where all processes count together.
func (w *Worker) countQuota(ctx context.Context) error {
	return fleet.CountQuota(w.DB, ctx, asaasapi.RedisCounter{Redis: w.Redis}.Used)
}

// countMinutes counts how soon what was received in the last minutes was applied. It is the worker's upkeep, so that
// neither a delivery nor a run pays for it.
func (w *Worker) countMinutes(ctx context.Context) error {
	_, err := fleet.CountMinutes(w.DB, ctx, w.Now())
	return err
}

// QueueState is what a queue of the workers' messages holds.
type QueueState struct {
	Name                               string
	Waiting, Active, Retrying, GivenUp int
	Latency                            time.Duration // of the oldest waiting message
}

// Queues returns the state of each queue in r, by name. It fails when Redis does not answer.
func Queues(r redis.UniversalClient) (states []QueueState, err error) {
	inspector := asynq.NewInspectorFromRedisClient(r)
	names, err := inspector.Queues()
	for _, name := range names {
		q, err := inspector.GetQueueInfo(name)
		if err != nil {
			return nil, err
		}
		states = append(states, QueueState{
			Name: name, Waiting: q.Pending + q.Scheduled, Active: q.Active,
			Retrying: q.Retry, GivenUp: q.Archived, Latency: q.Latency,
		})
	}
	return states, err
}
