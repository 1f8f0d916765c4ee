package alarms

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/radar"
)

func (s *Handler) registerShapes(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/ops/shapes", "listShapes",
			"What Asaas sends that PataPay does not know, over all clinics: open ones first, the newest first",
			"Operation", rest.AlarmsRead,
		),
		s.listShapes,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, "/v1/ops/shapes/close", "closeShapes", "Say of shapes that somebody knows of them, and why",
				"Operation", rest.TenantsWrite,
			),
		),
		s.closeShapes,
	)
}

// shapeView is a form of something unknown; it holds no value.
type shapeView struct {
	ID       string     `json:"id" example:"shp_06a1…"`
	Kind     string     `json:"kind" enum:"event,member,type,word,id,address,number,date,more" doc:"more: what the limits left out, counted together"`
	Path     string     `json:"path" example:"payment.taxWithheld" doc:"Names with dots; [] behind a list; {key} for a name that may be a value"`
	Form     string     `json:"form" example:"number" doc:"The word, the JSON type, or the kinds of characters: 9 digits, a small and A capital letters, x letters and digits, {n} how many"`
	Count    int64      `json:"count" doc:"Deliveries and answers that had it"`
	FirstAt  time.Time  `json:"firstAt"`
	LastAt   time.Time  `json:"lastAt"`
	ClosedAt *time.Time `json:"closedAt" doc:"null: nobody knows of it yet"`
	ClosedBy string     `json:"closedBy,omitempty"`
	Note     string     `json:"note,omitempty"`
}

type listShapesInput struct {
	State string `query:"state" enum:"open,closed,all" default:"open"`
}

type shapesOutput struct {
	Body struct {
		Data []shapeView `json:"data"`
	}
}

func (s *Handler) listShapes(ctx context.Context, in *listShapesInput) (*shapesOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	out := &shapesOutput{}
	out.Body.Data = []shapeView{}
	err := s.DB.Platform(ctx, func(tx *tenants.Tx) error {
		list, err := radar.Shapes(tx, in.State)
		for _, shape := range list {
			out.Body.Data = append(out.Body.Data, viewShape(shape))
		}
		return err
	})
	return out, err
}

func viewShape(s radar.Shape) shapeView {
	return shapeView{
		ID: s.ID.Public("shp"), Kind: s.Kind, Path: s.Path, Form: s.Form, Count: s.Count, FirstAt: s.FirstAt,
		LastAt: s.LastAt, ClosedAt: rest.TimeOrNull(s.ClosedAt), ClosedBy: s.ClosedBy, Note: s.Note,
	}
}

type closeShapesInput struct {
	Body struct {
		IDs  []string `json:"ids" minItems:"1" maxItems:"200" uniqueItems:"true"`
		Note string   `json:"note" example:"Conferido com a clínica por telefone." minLength:"3" maxLength:"500" doc:"What is known of them, for whoever comes next"`
	}
}

type closeShapesOutput struct {
	Body struct {
		Closed int `json:"closed" doc:"How many of them were open"`
	}
}

func (s *Handler) closeShapes(ctx context.Context, in *closeShapesInput) (*closeShapesOutput, error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	ids := make([]domain.UUID, len(in.Body.IDs))
	for i, id := range in.Body.IDs {
		known := false
		if ids[i], known = domain.ParseUUID("shp", id); !known {
			return nil, domain.Errorf(domain.NotFound, "shape %q", id)
		}
	}
	out := &closeShapesOutput{}
	err := s.DB.Platform(ctx, func(tx *tenants.Tx) (err error) {
		by := rest.CallerOf(ctx).Subject
		if out.Body.Closed, err = radar.Close(tx, ids, by, in.Body.Note, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "shapes.close", "", map[string]any{"closed": out.Body.Closed}))
	})
	return out, err
}
