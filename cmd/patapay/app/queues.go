package app

import (
	"context"

	"patapay/api/rest"
	v1fleet "patapay/api/v1/fleet"
	"patapay/jobs"
)

// queues returns what reads the workers' queues; nil: notifications are off, and there are none.
func (a *App) queues() func(context.Context) ([]v1fleet.Queue, error) {
	if a.redis == nil {
		return nil
	}
	return func(context.Context) ([]v1fleet.Queue, error) {
		states, err := jobs.Queues(a.redis)
		return rest.Map(states, func(q jobs.QueueState) v1fleet.Queue {
			return v1fleet.Queue{
				Name: q.Name, Waiting: q.Waiting, Active: q.Active, Retrying: q.Retrying, GivenUp: q.GivenUp,
				LatencyMs: q.Latency.Milliseconds(),
			}
		}), err
	}
}
