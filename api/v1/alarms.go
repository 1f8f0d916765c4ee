package v1

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/alarm"
)

func (s *Server) registerAlarms(api huma.API) {
	add(api, operation(http.MethodGet, "/v1/tenants/{tenant}/alarms", "listAlarms", "The clinic's alarms, newest first", "Alarms", alarmsRead), s.listAlarms)
	add(api, operation(http.MethodGet, "/v1/ops/alarms", "listAllAlarms", "The alarms of the platform and of every clinic, newest first", "Operation", alarmsRead), s.listAllAlarms)
}

type AlarmFilter struct {
	Sort  string   `query:"sort" enum:"openedAt,-openedAt" default:"-openedAt" doc:"With - in front: the newest first"`
	State string   `query:"state" enum:"open,closed,all" default:"open"`
	Kind  []string `query:"kind" doc:"Any of these"`
}

func (f AlarmFilter) filter() alarm.AlarmFilter {
	return alarm.AlarmFilter{Kinds: f.Kind, Open: f.State == "open", Closed: f.State == "closed"}
}

type listAlarmsInput struct {
	TenantPath
	ListInput
	AlarmFilter
}

type listAllAlarmsInput struct {
	ListInput
	AlarmFilter
}

// alarmView is something that someone must look at. One is open per kind and clinic.
type alarmView struct {
	Kind       string     `json:"kind" example:"dead_letters"`
	TenantID   *string    `json:"tenantId" doc:"null: of the platform itself"`
	OpenedAt   time.Time  `json:"openedAt"`
	LastAt     time.Time  `json:"lastAt" doc:"When it was last raised"`
	Count      int64      `json:"count" doc:"How often it was raised"`
	NextAction string     `json:"nextAction" doc:"What to do"`
	ClosedAt   *time.Time `json:"closedAt" doc:"null: open"`
}

func alarmOf(a alarm.Alarm) (alarmView, error) {
	v := alarmView{Kind: a.Kind, OpenedAt: a.OpenedAt, LastAt: a.LastAt, Count: a.Count, NextAction: a.NextAction, ClosedAt: a.ClosedAt}
	if a.Clinic != 0 {
		v.TenantID = some(a.ClinicID.Public("ten"))
	}
	return v, nil
}

func (s *Server) listAlarms(ctx context.Context, in *listAlarmsInput) (out *pageOf[alarmView], err error) {
	err = s.looked(ctx, in.Tenant, func(tx *tenants.Tx, _ lens) error {
		out, err = alarmsOf(tx, &in.ListInput, in.AlarmFilter)
		return err
	})
	return out, err
}

// listAllAlarms is for the platform only: a clinic's token is told no more than that it
// may not.
func (s *Server) listAllAlarms(ctx context.Context, in *listAllAlarmsInput) (out *pageOf[alarmView], err error) {
	if !callerOf(ctx).Platform {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		out, err = alarmsOf(tx, &in.ListInput, in.AlarmFilter)
		return err
	})
	return out, err
}

func alarmsOf(tx *tenants.Tx, in *ListInput, f AlarmFilter) (*pageOf[alarmView], error) {
	list, err := alarm.Alarms(tx, f.filter(), in.page(f.Sort))
	if err != nil {
		return nil, refused(err)
	}
	return pageView(in, list, alarmOf)
}
