package fleet

import (
	"context"
	"time"

	"patapay/api/rest"
	"patapay/tenants"
	"patapay/tenants/fleet"
)

// countsView is how many things there are that somebody may have to look at.
type countsView struct {
	DeadEvents        int64 `json:"deadEvents" doc:"Events whose applying was given up"`
	QuarantinedEvents int64 `json:"quarantinedEvents" doc:"Ambiguous, or of another account"`
	OpenAlarms        int64 `json:"openAlarms"`
	RunningOperations int64 `json:"runningOperations" doc:"Long work that runs or waits"`
	TroubledEndpoints int64 `json:"troubledEndpoints" doc:"Paused, or the last delivery failed"`
	UnsentMails       int64 `json:"unsentMails" doc:"About incidents: neither sent nor given up"`
}

func countsOf(c fleet.Counts) countsView {
	return countsView{c.Dead, c.Quarantined, c.Alarms, c.Operations, c.Endpoints, c.Mails}
}

// fleetClinicView is a clinic as operators find it among all others.
type fleetClinicView struct {
	TenantID     string     `json:"tenantId" example:"ten_06a1…"`
	ExternalID   string     `json:"externalId,omitempty" doc:"The platform's id of the clinic"`
	Name         string     `json:"name"`
	Sandbox      bool       `json:"sandbox"`
	State        string     `json:"state" enum:"active,suspended"`
	Connection   string     `json:"connection" enum:"disconnected,verifying,awaiting_first_event,active,attention,paused,key_refused,silent"`
	LossAt       *time.Time `json:"lossAt" doc:"When Asaas throws its first undelivered event away; null: its queue runs"`
	WaitingSince *time.Time `json:"waitingSince" doc:"When the oldest event was received that waits to be applied; null: none does"`
	ComparedAt   *time.Time `json:"comparedAt" doc:"End of the last comparison with Asaas; null: none yet"`
	QuotaCalls   *int64     `json:"quotaCalls" minimum:"0" doc:"Calls of Asaas in the account's present 12 hours, of 25,000; null: not counted"`
	Counts       countsView `json:"counts"`
}

func viewClinic(c fleet.Clinic) (fleetClinicView, error) {
	return fleetClinicView{
		TenantID: c.ID.Public("ten"), ExternalID: c.ExternalID, Name: c.Name, Sandbox: c.Sandbox, State: c.State,
		Connection: c.Connection, LossAt: rest.TimeOrNull(c.LossAt), WaitingSince: rest.TimeOrNull(c.WaitingSince),
		ComparedAt: rest.TimeOrNull(c.ComparedAt), QuotaCalls: c.QuotaCalls, Counts: countsOf(c.Counts),
	}, nil
}

type listFleetInput struct {
	rest.ListInput
	Sort       string   `query:"sort" enum:"loss,-loss,oldestWaiting,-oldestWaiting,comparedAt,-comparedAt,name,-name,dead,-dead,alarms,-alarms,quota,-quota" default:"loss" doc:"loss and oldestWaiting: the most urgent first, and last the clinics that have none; - in front: the other way round"`
	State      string   `query:"state" enum:"active,suspended" doc:"Only clinics in this state"`
	Connection []string `query:"connection" enum:"disconnected,verifying,awaiting_first_event,active,attention,paused,key_refused,silent" doc:"Any of these"`
	Concern    string   `query:"concern" enum:"loss,waiting,dead,quarantined,alarms,operations,endpoints,mails,quota" doc:"Only clinics that have at least one of these; quota: that have used four fifths of their calls of Asaas"`
	Search     string   `query:"q" maxLength:"200" doc:"A part of the name, or an id: ten_… or the platform's"`
}

func (s *Handler) listFleet(ctx context.Context, in *listFleetInput) (out *rest.PageOf[fleetClinicView], err error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		filter := fleet.Filter{State: in.State, Connection: in.Connection, Concern: in.Concern, Search: in.Search}
		list, err := fleet.Clinics(tx, filter, in.Page(in.Sort))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(&in.ListInput, list, viewClinic)
		return err
	})
	return out, err
}
