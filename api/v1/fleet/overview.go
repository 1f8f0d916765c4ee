package fleet

import (
	"context"
	"maps"
	"slices"
	"time"

	"patapay/api/rest"
	"patapay/tenants"
	"patapay/tenants/alarm"
	"patapay/tenants/fleet"
)

const shownMost = 100 // rows of a list that has no pages

// connectionCountView is how many clinics have their connection in a state.
type connectionCountView struct {
	Connection string `json:"connection" enum:"disconnected,verifying,awaiting_first_event,active,attention,paused,key_refused,silent"`
	Clinics    int64  `json:"clinics"`
}

// overviewView is what the fleet comes to; behind each number there are rows of a list of /v1/ops.
type overviewView struct {
	CountedAt           *time.Time            `json:"countedAt" doc:"When counts was counted; null: not yet"`
	Connections         []connectionCountView `json:"connections" nullable:"false" doc:"Clinics that are not suspended"`
	Suspended           int64                 `json:"suspended" doc:"Clinics"`
	Losing              int64                 `json:"losing" doc:"Clinics whose queue at Asaas stands still"`
	SoonestLossAt       *time.Time            `json:"soonestLossAt" doc:"null: none loses anything"`
	Waiting             int64                 `json:"waiting" doc:"Clinics where an event waits to be applied"`
	WaitingSince        *time.Time            `json:"waitingSince" doc:"When the oldest of them was received; null: none waits"`
	QuotaNear           int64                 `json:"quotaNear" doc:"Clinics that have used four fifths of their account's calls of Asaas"`
	Counts              countsView            `json:"counts"`
	PlatformAlarms      int64                 `json:"platformAlarms" doc:"Open alarms of the platform itself"`
	UnclaimedDeliveries int64                 `json:"unclaimedDeliveries" doc:"No token proved them and no clinic's account is named"`
	FeedHeldMs          int64                 `json:"feedHeldMs" doc:"How long a transaction has kept entries out of the platform's feed"`
	MonitorLateMs       int64                 `json:"monitorLateMs" doc:"How long the health check that is due longest has waited"`
	AuditEntries        int64                 `json:"auditEntries" doc:"Of the platform's own audit log"`
	Queues              []Queue               `json:"queues" doc:"null: notifications are off, and the sweep carries everything"`
	QueuesUnread        bool                  `json:"queuesUnread" doc:"Redis did not answer"`
}

type overviewOutput struct{ Body overviewView }

func (s *Handler) getOverview(ctx context.Context, _ *struct{}) (*overviewOutput, error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	var o fleet.Overview
	err := s.DB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		o, err = fleet.Read(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	_, unclaimed, err := fleet.UnclaimedDeliveries(s.DB, ctx, 1)
	if err != nil {
		return nil, err
	}
	figures, err := alarm.FleetFigures(s.DB, ctx, s.Instant())
	if err != nil {
		return nil, err
	}
	v := overviewView{
		CountedAt: rest.TimeOrNull(o.CountedAt), Connections: []connectionCountView{},
		Suspended: o.Suspended, Losing: o.Losing,
		SoonestLossAt: rest.TimeOrNull(o.SoonestLoss), Waiting: o.Waiting,
		WaitingSince: rest.TimeOrNull(o.WaitingSince), QuotaNear: o.QuotaNear,
		Counts: countsOf(o.Counts), PlatformAlarms: o.PlatformAlarms, UnclaimedDeliveries: unclaimed,
		FeedHeldMs: figures.FeedHeld.Milliseconds(), MonitorLateMs: figures.MonitorLate.Milliseconds(),
		AuditEntries: o.AuditEntries,
	}
	for _, state := range slices.Sorted(maps.Keys(o.Connections)) {
		v.Connections = append(v.Connections, connectionCountView{state, o.Connections[state]})
	}
	if s.Queues != nil {
		v.Queues, err = s.Queues(ctx)
		v.QueuesUnread = err != nil // what Postgres tells is shown all the same
	}
	return &overviewOutput{v}, nil
}

// fleetOperationView is long work of any clinic: no step's text and no result, which a clinic sees.
type fleetOperationView struct {
	ID         string    `json:"id" example:"opr_06a1…"`
	TenantID   string    `json:"tenantId"`
	TenantName string    `json:"tenantName"`
	Kind       string    `json:"kind" example:"connection.test"`
	State      string    `json:"state" enum:"running,done,failed"`
	Code       string    `json:"code,omitempty" doc:"Why it failed; interrupted: its process ended"`
	Progress   int       `json:"progress" doc:"Steps that are done"`
	Total      int       `json:"total" doc:"Steps there will be; 0: it has none"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"`
}

type listAllOperationsInput struct {
	State string `query:"state" enum:"running,done,failed" doc:"Only those in this state"`
}

type fleetOperationsOutput struct {
	Body struct {
		Data []fleetOperationView `json:"data" nullable:"false"`
	}
}

func (s *Handler) listOperations(ctx context.Context, in *listAllOperationsInput) (*fleetOperationsOutput, error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	out := &fleetOperationsOutput{}
	err := s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		list, err := fleet.Works(tx, in.State, shownMost)
		out.Body.Data = rest.Map(list, func(w fleet.Work) fleetOperationView {
			return fleetOperationView{
				ID: w.ID.Public("opr"), TenantID: w.Clinic.Public("ten"), TenantName: w.ClinicName, Kind: string(w.Kind),
				State: w.State, Code: w.Code, Progress: w.Done, Total: w.Total, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
			}
		})
		return err
	})
	return out, err
}

// unclaimedView is a delivery whose body is sealed and shown to nobody.
type unclaimedView struct {
	ReceivedAt time.Time `json:"receivedAt"`
	Event      string    `json:"event" doc:"Its name, as the sender wrote it" example:"PAYMENT_RECEIVED"`
	Source     string    `json:"source" doc:"Address that sent it"`
}

type unclaimedOutput struct {
	Body struct {
		Data  []unclaimedView `json:"data" nullable:"false"`
		Total int64           `json:"total"`
	}
}

func (s *Handler) listUnclaimed(ctx context.Context, _ *struct{}) (*unclaimedOutput, error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	list, total, err := fleet.UnclaimedDeliveries(s.DB, ctx, shownMost)
	out := &unclaimedOutput{}
	out.Body.Total = total
	out.Body.Data = rest.Map(list, func(u fleet.Unclaimed) unclaimedView {
		return unclaimedView{u.ReceivedAt, u.Type, u.SourceIP}
	})
	return out, err
}
