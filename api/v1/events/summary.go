package events

import (
	"context"
	"time"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

type eventSummaryInput struct {
	rest.TenantPath
	EventQuery
}

// eventSummaryView is what came in a period. Our own reads and tries of the door are not
// among it.
type eventSummaryView struct {
	EventCountsView
	From              time.Time         `json:"from"`
	To                time.Time         `json:"to"`
	MedianDelayMillis *int64            `json:"medianDelayMillis" doc:"From Asaas's clock to ours, of the newest 2000; null: none is dated"`
	Step              string            `json:"step" doc:"hour in periods of up to three days; days are São Paulo's" enum:"hour,day"`
	Buckets           []eventBucketView `json:"buckets" doc:"Oldest first; those without an event are left out" nullable:"false"`
}

// EventCountsView is how many deliveries there were, and what became of them.
type EventCountsView struct {
	Received int `json:"received" doc:"All of them"`
	Done     int `json:"done" doc:"Applied, or nothing was to be done"`
	Waiting  int `json:"waiting"`
	Failed   int `json:"failed" doc:"Given up"`
	Refused  int `json:"refused" doc:"Quarantined"`
}

type eventBucketView struct {
	At time.Time `json:"at" doc:"Begin of the hour or day"`
	EventCountsView
}

func countsOf(n query.EventCounts) EventCountsView {
	return EventCountsView{n.All(), n.Done, n.Waiting, n.Failed, n.Refused}
}

type eventSummaryOutput struct{ Body eventSummaryView }

const (
	usualPeriod   = 30 * 24 * time.Hour
	longestPeriod = 400 * 24 * time.Hour
	hourlyPeriod  = 72 * time.Hour
)

// getEventSummary answers for the last 30 days unless a period is given, for 400 at most.
func (s *Handler) getEventSummary(ctx context.Context, in *eventSummaryInput) (out *eventSummaryOutput, err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, l rest.ClinicView) error {
		f, err := in.Filter(tx, l)
		if err != nil {
			return err
		}
		from, to, err := s.period(f.Received)
		if err != nil {
			return err
		}
		f.Received = query.Range[time.Time]{From: &from, To: &to}
		step := "day"
		if to.Sub(from) <= hourlyPeriod {
			step = "hour"
		}
		sum, err := query.SummarizeEvents(tx, f, step)
		if err != nil {
			return err
		}
		out = &eventSummaryOutput{
			eventSummaryView{
				EventCountsView: countsOf(sum.EventCounts),
				From:            from.UTC(),
				To:              to.UTC(),
				Step:            step,
				Buckets: rest.Map(
					sum.Buckets,
					func(b query.EventBucket) eventBucketView { return eventBucketView{b.At, countsOf(b.EventCounts)} },
				),
			},
		}
		if sum.Delay != nil {
			millis := sum.Delay.Milliseconds()
			out.Body.MedianDelayMillis = &millis
		}
		return nil
	})
	return out, err
}

// period returns the bounds of r; open ones become now and 30 days before the end.
func (s *Handler) period(r query.Range[time.Time]) (from, to time.Time, err error) {
	to = s.Instant()
	if r.To != nil {
		to = *r.To
	}
	from = to.Add(-usualPeriod)
	if r.From != nil {
		from = *r.From
	}
	if to.Sub(from) > longestPeriod {
		return from, to, &problem.Error{
			Code: string(domain.Invalid),
			Fields: []problem.Field{
				{Parameter: "receivedAt[gte]", Code: "out_of_range", Detail: "O período pode ter até 400 dias."},
			},
		}
	}
	return from, to, nil
}
