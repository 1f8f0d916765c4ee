package events

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	v1ledger "patapay/api/v1/ledger"
	"patapay/api/v1/operations"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/query"
)

func (s *Handler) registerReplay(api huma.API) {
	const path = "/v1/tenants/{tenant}/events"
	rest.Register(
		api,
		rest.RequireIdempotencyKey(
			rest.WithFreshSession(
				rest.NewOperation(
					http.MethodPost, path+"/{id}/replay", "replayEvent",
					"Apply one event anew; with dryRun only tell what would change", "Events", rest.EventsReplay,
				),
			),
		),
		s.replayEvent,
	)
	bulk := rest.RequireIdempotencyKey(
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/replays", "replayEvents",
				"Apply up to 500 events anew, as long work; with dryRun tell what would change", "Events",
				rest.EventsReplay,
			),
		),
	)
	bulk.DefaultStatus = http.StatusAccepted
	body := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[replaysView](), true, "ReplaysView")
	bulk.Responses = map[string]*huma.Response{
		"200": {
			Description: "Of a dry run: what would change",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: body}},
		},
	}
	rest.Register(api, bulk, s.replayEvents)
}

// replayView is what applying events anew changed, or would change. Nobody is written to:
// only the feed and the ledger tell of it.
type replayView struct {
	DryRun  bool                 `json:"dryRun" doc:"Nothing was changed"`
	Changes int                  `json:"changes" doc:"Objects that differ afterwards; 0: nothing changes"`
	Events  []replayedEventView  `json:"events" nullable:"false"`
	Objects []replayedObjectView `json:"objects" doc:"Those that differ" nullable:"false"`
}

type replayedEventView struct {
	ID     string       `json:"id"`
	Before outcomeView  `json:"before"`
	After  *outcomeView `json:"after" doc:"Null: it failed again and waits for its next try"`
}

type outcomeView struct {
	Outcome string  `json:"outcome" enum:"received,applied,no_effect,held,quarantined,dead"`
	Reason  *string `json:"reason"`
}

type replayedObjectView struct {
	Kind        string            `json:"kind" enum:"payment,checkout,anticipation"`
	AsaasID     string            `json:"asaasId"`
	FromVersion int               `json:"fromVersion" doc:"0: there was none"`
	ToVersion   int               `json:"toVersion"`
	Fields      []fieldChangeView `json:"fields" nullable:"false"`
	Texts       bool              `json:"texts" doc:"Its descriptions or links change too"`
	Bookings    []factView        `json:"bookings" doc:"What the ledger is added" nullable:"false"`
}

// fieldChangeView is one attribute before and after, as the store has it: amounts are
// centavos.
type fieldChangeView struct {
	Field  string `json:"field" example:"Status"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

type factView struct {
	Fact  string             `json:"fact"`
	Cycle int                `json:"cycle"`
	Legs  []v1ledger.LegView `json:"legs"`
}

func replayOf(r apply.Replayed, dry bool) replayView {
	return replayView{
		DryRun:  dry,
		Changes: len(r.Objects),
		Events: rest.Map(r.Events, func(e apply.ReplayedEvent) replayedEventView {
			v := replayedEventView{ID: e.Key.Public(), Before: outcomeView{string(e.Was), rest.TextOrNull(e.WasWhy)}}
			if e.Now != "" {
				v.After = &outcomeView{string(e.Now), rest.TextOrNull(e.Why)}
			}
			return v
		}),
		Objects: rest.Map(r.Objects, replayedObjectOf),
	}
}

func replayedObjectOf(o apply.ReplayedObject) replayedObjectView {
	return replayedObjectView{
		Kind: string(o.Kind), AsaasID: o.AsaasID, FromVersion: o.From, ToVersion: o.To, Texts: o.Texts,
		Fields: rest.Map(o.Fields, func(f apply.FieldChange) fieldChangeView {
			return fieldChangeView{f.Name, orNull(f.Before), orNull(f.After)}
		}),
		Bookings: rest.Map(o.Facts, func(f domain.Fact) factView {
			return factView{f.Key.Name, f.Key.Cycle, rest.Map(f.Legs, func(l domain.Leg) v1ledger.LegView {
				return v1ledger.LegView{Account: string(l.Account), Amount: rest.MoneyOf(l.Amount)}
			})}
		}),
	}
}

func orNull(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}

type replayEventInput struct {
	rest.TenantPath
	ID   string `path:"id" doc:"Ours, or Asaas's"`
	Body *struct {
		DryRun bool `json:"dryRun,omitempty" doc:"Change nothing, tell what would change"`
	}
}

type replayOutput struct{ Body replayView }

func (s *Handler) replayEvent(ctx context.Context, in *replayEventInput) (*replayOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	dry := in.Body != nil && in.Body.DryRun
	var key domain.EventKey
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		e, err := eventBy(tx, in.ID)
		if err != nil {
			return err
		}
		if e.Outcome == domain.Quarantined {
			return &problem.Error{Code: string(domain.Conflict), Detail: "Eventos em quarentena nunca são aplicados."}
		}
		key = e.Key
		if dry {
			return nil
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "event.replay", key.Public(), map[string]any{"type": string(e.Type)}))
	})
	if err != nil {
		return nil, err
	}
	done, err := s.Applier.Replay(ctx, c.ID, []domain.EventKey{key}, dry)
	if err != nil {
		return nil, err
	}
	return &replayOutput{replayOf(done, dry)}, nil
}

// ReplayFilter names events by what they are.
type ReplayFilter struct {
	Outcome      []string   `json:"outcome,omitempty" enum:"received,applied,no_effect,held,dead"`
	Type         []string   `json:"type,omitempty" maxItems:"50"`
	Entity       string     `json:"entity,omitempty" example:"pay_3h08j28ezvwv7s4h" maxLength:"200"`
	ReceivedFrom *time.Time `json:"receivedFrom,omitempty"`
	ReceivedTo   *time.Time `json:"receivedTo,omitempty"`
}

type replayEventsInput struct {
	rest.TenantPath
	Body struct {
		Events []string      `json:"events,omitempty" maxItems:"500" doc:"Their ids, ours or Asaas's; this or filter"`
		Filter *ReplayFilter `json:"filter,omitempty"`
		DryRun bool          `json:"dryRun,omitempty"`
	}
}

// replaysView is the answer to a bulk replay: a preview, or the long work that began.
type replaysView struct {
	Matched   int                                  `json:"matched" doc:"Events that are replayed"`
	Preview   rest.Maybe[replayView]               `json:"preview" doc:"Of a dry run"`
	Operation rest.Maybe[operations.OperationView] `json:"operation" doc:"Else: look at /v1/operations/{id}"`
}

type replaysOutput struct {
	Status   int
	Location string `header:"Location" doc:"Where to look for how far it is"`
	Body     replaysView
}

func (s *Handler) replayEvents(ctx context.Context, in *replayEventsInput) (*replaysOutput, error) {
	if (in.Body.Events == nil) == (in.Body.Filter == nil) {
		return nil, &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/events", Code: "required", Detail: "Informe events ou filter, um dos dois."}},
		}
	}
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	keys, err := s.replayed(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if in.Body.DryRun {
		done, err := s.Applier.Replay(ctx, c.ID, keys, true)
		if err != nil {
			return nil, err
		}
		return &replaysOutput{
			Status: http.StatusOK,
			Body:   replaysView{Matched: len(keys), Preview: rest.Present(replayOf(done, true))},
		}, nil
	}
	o, err := s.startReplay(ctx, c, keys)
	if err != nil {
		return nil, err
	}
	v := operations.ViewOperation(o)
	return &replaysOutput{
		http.StatusAccepted,
		"/v1/operations/" + v.ID,
		replaysView{Matched: len(keys), Operation: rest.Present(v)},
	}, nil
}

// replayed returns the keys that a bulk replay names; all must be the clinic's.
func (s *Handler) replayed(
	ctx context.Context, c tenants.Clinic, in *replayEventsInput,
) (keys []domain.EventKey, err error) {
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		keys = nil
		if f := in.Body.Filter; f != nil {
			var more bool
			keys, more, err = query.EventKeys(
				tx,
				query.EventFilter{
					Outcomes: f.Outcome,
					Types:    f.Type,
					Entity:   f.Entity,
					Received: query.Range[time.Time]{From: f.ReceivedFrom, To: f.ReceivedTo},
				},
				apply.ReplayMost,
			)
			if more {
				return &problem.Error{
					Code: string(domain.Invalid),
					Fields: []problem.Field{
						{Pointer: "/filter", Code: "out_of_range", Detail: "São mais de 500 eventos. Restrinja o filtro."},
					},
				}
			}
			return err
		}
		for _, id := range in.Body.Events {
			e, err := eventBy(tx, id)
			if err != nil {
				return err
			}
			keys = append(keys, e.Key)
		}
		return nil
	})
	return keys, err
}

func (s *Handler) startReplay(
	ctx context.Context, c tenants.Clinic, keys []domain.EventKey,
) (tenants.Operation, error) {
	o, err := apply.NewReplay(c, keys, s.Instant())
	if err != nil {
		return o, err
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := tx.StartOperation(o); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "events.replay", o.ID.Public("opr"), map[string]any{"events": len(keys)}))
	})
	if err == nil {
		s.NotifyOperation(c.ID, o.ID)
	}
	return o, err
}
