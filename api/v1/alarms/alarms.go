package alarms

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

func (s *Handler) registerAlarms(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/alarms", "listAlarms", "The clinic's alarms, newest first",
			"Alarms", rest.AlarmsRead,
		),
		s.listAlarms,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/ops/alarms", "listAllAlarms",
			"The alarms of the platform and of every clinic, newest first", "Operation", rest.AlarmsRead,
		),
		s.listAllAlarms,
	)
}

// AlarmFilter is what narrows a list of alarms.
type AlarmFilter struct {
	Sort  string   `query:"sort" enum:"openedAt,-openedAt" default:"-openedAt" doc:"With - in front: the newest first"`
	State string   `query:"state" enum:"open,closed,all" default:"open"`
	Kind  []string `query:"kind" doc:"Any of these"`
}

func (f AlarmFilter) filter() alarm.AlarmFilter {
	return alarm.AlarmFilter{Kinds: f.Kind, Open: f.State == "open", Closed: f.State == "closed"}
}

type listAlarmsInput struct {
	rest.TenantPath
	rest.ListInput
	AlarmFilter
}

type listAllAlarmsInput struct {
	rest.ListInput
	AlarmFilter
}

// alarmView is something that someone must look at. One is open per kind and clinic.
type alarmView struct {
	Kind       string     `json:"kind" example:"dead_letters"`
	TenantID   *string    `json:"tenantId" doc:"null: of the platform itself"`
	TenantName string     `json:"tenantName,omitempty" doc:"Absent: of the platform itself"`
	OpenedAt   time.Time  `json:"openedAt"`
	LastAt     time.Time  `json:"lastAt" doc:"When it was last raised"`
	Count      int64      `json:"count" doc:"How often it was raised"`
	NextAction string     `json:"nextAction" doc:"What to do"`
	ClosedAt   *time.Time `json:"closedAt" doc:"null: open"`
}

func alarmOf(a alarm.Alarm) (alarmView, error) {
	v := alarmView{
		Kind:       a.Kind,
		TenantName: a.ClinicName,
		OpenedAt:   a.OpenedAt,
		LastAt:     a.LastAt,
		Count:      a.Count,
		NextAction: a.NextAction,
		ClosedAt:   a.ClosedAt,
	}
	if a.Clinic != 0 {
		v.TenantID = rest.TextOrNull(a.ClinicID.Public("ten"))
	}
	return v, nil
}

func (s *Handler) listAlarms(ctx context.Context, in *listAlarmsInput) (out *rest.PageOf[alarmView], err error) {
	err = s.WithVisibility(ctx, in.Tenant, func(tx *tenants.Tx, _ rest.ClinicView) error {
		out, err = alarmsOf(tx, &in.ListInput, in.AlarmFilter)
		return err
	})
	return out, err
}

// listAllAlarms is for the platform only: a clinic's token is told no more than that it
// may not.
func (s *Handler) listAllAlarms(ctx context.Context, in *listAllAlarmsInput) (out *rest.PageOf[alarmView], err error) {
	if !rest.CallerOf(ctx).Platform {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		out, err = alarmsOf(tx, &in.ListInput, in.AlarmFilter)
		return err
	})
	return out, err
}

func alarmsOf(tx *tenants.Tx, in *rest.ListInput, f AlarmFilter) (*rest.PageOf[alarmView], error) {
	list, err := alarm.Alarms(tx, f.filter(), in.Page(f.Sort))
	if err != nil {
		return nil, rest.CursorProblem(err)
	}
	return rest.PageView(in, list, alarmOf)
}
