package fleet

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/fleet"
	"patapay/tenants/query"
)

const actionsPath = "/v1/ops/actions"

func (s *Handler) registerActions(api huma.API) {
	op := func(method, path, id, summary, scope string) huma.Operation {
		return rest.WithFreshSession(rest.NewOperation(method, actionsPath+path, id, summary, "Operation", scope))
	}
	rest.Register(api, op(
		http.MethodGet, "", "listActions", "The last 100 actions on many clinics, newest first", rest.AlarmsRead,
	), s.listActions)
	rest.Register(api, op(
		http.MethodGet, "/{id}", "getAction", "An action: its clinics, and how far it is", rest.AlarmsRead,
	), s.getAction)
	preview := rest.WithFreshFactor(op(
		http.MethodPost, "", "previewAction",
		"Freeze up to 500 clinics and tell what would be done to each; nothing is done", rest.FleetAct,
	))
	preview.DefaultStatus = http.StatusCreated
	rest.Register(api, preview, s.previewAction)
	begin := rest.WithFreshFactor(op(
		http.MethodPost, "/{id}/begin", "beginAction",
		"Do it to the clinics of the preview, one after the other, as long work", rest.FleetAct,
	))
	begin.DefaultStatus = http.StatusAccepted
	rest.Register(api, begin, s.beginAction)
	rest.Register(api, op(
		http.MethodPost, "/{id}/stop", "stopAction", "Begin no further clinic; the one that is under way is still done",
		rest.FleetAct,
	), s.stopAction)
}

// ActionView is an action without its clinics.
type ActionView struct {
	ID        string     `json:"id" example:"act_06a1…"`
	Kind      string     `json:"kind" enum:"check_connection,reactivate_queue,replay_dead,repair_webhook"`
	State     string     `json:"state" enum:"preview,running,stopped,done,failed"`
	Reason    string     `json:"reason" doc:"Why it was begun; empty before"`
	Actor     string     `json:"actor"`
	CreatedAt time.Time  `json:"createdAt" doc:"The set is frozen since"`
	StartedAt *time.Time `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
	Clinics   int        `json:"clinics"`
	Waiting   int        `json:"waiting"`
	Skipped   int        `json:"skipped" doc:"There was nothing to do when the set was frozen"`
	Running   int        `json:"running"`
	Done      int        `json:"done"`
	Failed    int        `json:"failed"`
	Left      int        `json:"left" doc:"Not begun, because the action was stopped"`
}

func viewAction(a fleet.Action) ActionView {
	return ActionView{
		ID: a.ID.Public("act"), Kind: string(a.Kind), State: a.State, Reason: a.Reason, Actor: a.Actor,
		CreatedAt: a.CreatedAt, StartedAt: rest.TimeOrNull(a.StartedAt), EndedAt: rest.TimeOrNull(a.EndedAt),
		Clinics: a.Clinics, Waiting: a.Waiting, Skipped: a.Skipped,
		Running: a.Running, Done: a.Done, Failed: a.Failed, Left: a.Left,
	}
}

// actionItemView is what becomes of one clinic.
type actionItemView struct {
	TenantID   string     `json:"tenantId"`
	TenantName string     `json:"tenantName"`
	State      string     `json:"state" enum:"waiting,skipped,running,done,failed,left"`
	Code       string     `json:"code,omitempty" doc:"Why it was skipped or failed" example:"queue_runs"`
	Events     []string   `json:"events" nullable:"false" doc:"Of replay_dead: the events that are applied anew, at most 500"`
	EndedAt    *time.Time `json:"endedAt"`
}

func viewItem(i fleet.Item) actionItemView {
	return actionItemView{
		i.Clinic.Public("ten"), i.Name, i.State, i.Code, append([]string{}, i.Events...), rest.TimeOrNull(i.EndedAt),
	}
}

type actionOutput struct {
	Body struct {
		ActionView
		Items []actionItemView `json:"items" nullable:"false"`
	}
}

func showAction(tx *tenants.Tx, id domain.UUID) (*actionOutput, error) {
	a, items, err := fleet.ReadAction(tx, id)
	out := &actionOutput{}
	out.Body.ActionView, out.Body.Items = viewAction(a), rest.Map(items, viewItem)
	return out, err
}

type actionsOutput struct {
	Body struct {
		Data []ActionView `json:"data" nullable:"false"`
	}
}

func (s *Handler) listActions(ctx context.Context, _ *struct{}) (*actionsOutput, error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	out := &actionsOutput{}
	return out, s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		list, err := fleet.Actions(tx, shownMost)
		out.Body.Data = rest.Map(list, viewAction)
		return err
	})
}

// ActionInput names an action.
type ActionInput struct {
	ID string `path:"id" doc:"act_…"`
}

func (s *Handler) getAction(ctx context.Context, in *ActionInput) (out *actionOutput, err error) {
	return s.withAction(ctx, in.ID, func(*tenants.Tx, domain.UUID) error { return nil })
}

// withAction runs fn on the action of an id, in Platform, and answers with what it is then.
func (s *Handler) withAction(
	ctx context.Context, id string, fn func(*tenants.Tx, domain.UUID) error,
) (out *actionOutput, err error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	action, ok := domain.ParseUUID("act", id)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		if err := fn(tx, action); err != nil {
			return err
		}
		out, err = showAction(tx, action)
		return err
	})
	return out, err
}

type previewActionInput struct {
	Body struct {
		Kind       string   `json:"kind" enum:"check_connection,reactivate_queue,replay_dead,repair_webhook"`
		Tenants    []string `json:"tenants,omitempty" maxItems:"500" uniqueItems:"true" doc:"ten_…; absent: all that the members below leave"`
		Concern    string   `json:"concern,omitempty" enum:"loss,waiting,dead,quarantined,alarms,operations,endpoints,mails,quota"`
		Connection string   `json:"connection,omitempty" enum:"disconnected,verifying,awaiting_first_event,active,attention,paused,key_refused,silent"`
		Search     string   `json:"q,omitempty" maxLength:"200"`
	}
}

// previewAction freezes the set. Which events are replayed is frozen with it.
func (s *Handler) previewAction(ctx context.Context, in *previewActionInput) (out *actionOutput, err error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	who, now := rest.CallerOf(ctx), s.Instant()
	a := fleet.Action{
		ID: tenants.NewID(now), Kind: fleet.ActionKind(in.Body.Kind), Actor: who.Subject, Role: who.Role,
		Source: who.Source, CreatedAt: now,
	}
	clinics, err := s.chosen(ctx, in)
	if err != nil {
		return nil, err
	}
	items := make([]fleet.Item, len(clinics))
	for i, c := range clinics {
		if items[i], err = s.previewItem(ctx, a.Kind, c); err != nil {
			return nil, err
		}
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		if err := fleet.CreateAction(tx, a, items); err != nil {
			return err
		}
		out, err = showAction(tx, a.ID)
		return err
	})
	return out, err
}

// chosen returns the clinics that are asked for, the first loss first. It refuses none,
// and more than an action may have.
func (s *Handler) chosen(ctx context.Context, in *previewActionInput) (clinics []fleet.Clinic, err error) {
	filter := fleet.Filter{Concern: in.Body.Concern, Search: in.Body.Search}
	if in.Body.Connection != "" {
		filter.Connection = []string{in.Body.Connection}
	}
	for _, id := range in.Body.Tenants {
		clinic, ok := domain.ParseUUID("ten", id)
		if !ok {
			return nil, domain.Errorf(domain.NotFound, "tenant %q", id)
		}
		filter.IDs = append(filter.IDs, clinic)
	}
	err = s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		clinics = nil
		for p := (tenants.Page{Limit: tenants.PageMost, Sort: "loss"}); len(clinics) <= fleet.ActionMost; {
			list, err := fleet.Clinics(tx, filter, p)
			if err != nil {
				return err
			}
			clinics = append(clinics, list.Rows...)
			if p.Cursor = list.Next; p.Cursor == "" {
				break
			}
		}
		return nil
	})
	switch {
	case err != nil:
	case len(clinics) < len(in.Body.Tenants):
		err = domain.Errorf(domain.NotFound, "tenant")
	case len(clinics) == 0:
		err = refused("/tenants", "required", "Nenhuma clínica é assim.")
	case len(clinics) > fleet.ActionMost:
		err = refused("/tenants", "out_of_range", "São mais de 500 clínicas. Restrinja o filtro.")
	}
	return clinics, err
}

func refused(pointer, code, detail string) error {
	return &problem.Error{
		Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: pointer, Code: code, Detail: detail}},
	}
}

// previewItem tells what would be done to a clinic.
func (s *Handler) previewItem(ctx context.Context, kind fleet.ActionKind, c fleet.Clinic) (fleet.Item, error) {
	item := fleet.Item{ClinicID: c.ClinicID, Clinic: c.ID, Name: c.Name, State: "waiting", Code: kind.Skipped(c)}
	if kind == fleet.ReplayDead && item.Code == "" {
		err := s.DB.In(ctx, c.ClinicID, func(tx *tenants.Tx) error {
			keys, _, err := query.EventKeys(tx, query.EventFilter{Outcomes: []string{string(domain.Dead)}}, apply.ReplayMost)
			item.Events = rest.Map(keys, domain.EventKey.Public)
			return err
		})
		if err != nil {
			return item, err
		}
		if len(item.Events) == 0 { // since the fleet was counted
			item.Code = "nothing_dead"
		}
	}
	if item.Code != "" {
		item.State = "skipped"
	}
	return item, nil
}

type beginActionInput struct {
	ActionInput
	Body struct {
		Reason string `json:"reason" minLength:"10" maxLength:"200" doc:"Each clinic reads it in its audit log" example:"Chamado 4711: filas paradas"`
	}
}

const cannotBegin = "A prévia venceu ou já começou, ou outra ação em massa está em andamento. " +
	"Espere a outra terminar, ou faça uma prévia nova."

func (s *Handler) beginAction(ctx context.Context, in *beginActionInput) (*actionOutput, error) {
	who := rest.CallerOf(ctx)
	var begun domain.UUID
	out, err := s.withAction(ctx, in.ID, func(tx *tenants.Tx, id domain.UUID) error {
		begun = id
		a := fleet.Action{ID: id, Reason: in.Body.Reason, Actor: who.Subject, Role: who.Role, Source: who.Source}
		err := fleet.Begin(tx, a, s.Instant())
		if domain.CodeOf(err) == domain.Conflict {
			return &problem.Error{Code: string(domain.Conflict), Detail: cannotBegin, Err: err}
		}
		if err != nil {
			return err
		}
		detail := map[string]any{"reason": in.Body.Reason}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "fleet.action", id.Public("act"), detail))
	})
	if err == nil {
		s.NotifyOperation(0, begun)
	}
	return out, err
}

func (s *Handler) stopAction(ctx context.Context, in *ActionInput) (*actionOutput, error) {
	return s.withAction(ctx, in.ID, func(tx *tenants.Tx, id domain.UUID) error {
		if err := fleet.Stop(tx, id, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "fleet.action_stop", id.Public("act"), nil))
	})
}
