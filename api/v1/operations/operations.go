package operations

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
)

func (s *Handler) registerOperations(api huma.API) {
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, "/v1/operations/{id}", "getOperation", "How far long work is that was answered 202",
				"Connection", rest.ConnectionRead,
			),
		),
		s.getOperation,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, "/v1/tenants/{tenant}/operations", "listOperations",
				"The clinic's last 20 pieces of long work, newest first, the guardian's too", "Connection",
				rest.ConnectionRead,
			),
		),
		s.listOperations,
	)
}

// OperationView is long work as the world sees it.
type OperationView struct {
	ID        string     `json:"id" example:"opr_06a1…"`
	Tenant    string     `json:"tenant"`
	Kind      string     `json:"kind" example:"connection.test"`
	State     string     `json:"state" enum:"running,done,failed"`
	Code      string     `json:"code,omitempty" doc:"Why it failed; interrupted: its process ended"`
	Progress  int        `json:"progress" doc:"Steps that are done"`
	Total     int        `json:"total" doc:"Steps there will be"`
	Steps     []stepView `json:"steps"`
	Result    any        `json:"result,omitempty" doc:"What came of it, by kind"`
	CreatedAt time.Time  `json:"createdAt"`
	UpdatedAt time.Time  `json:"updatedAt"`
}

type stepView struct {
	Name   string `json:"name"`
	State  string `json:"state" enum:"running,done,failed"`
	Detail string `json:"detail,omitempty"`
	Millis int64  `json:"millis,omitempty" doc:"How long it took"`
}

// ViewOperation shows how far long work is.
func ViewOperation(o tenants.Operation) OperationView {
	v := OperationView{
		ID:        o.ID.Public("opr"),
		Tenant:    o.Clinic.Public("ten"),
		Kind:      string(o.Kind),
		State:     o.State,
		Code:      o.Code,
		Total:     o.Kind.Steps(),
		Steps:     []stepView{},
		CreatedAt: o.CreatedAt,
		UpdatedAt: o.UpdatedAt,
	}
	if o.Total > 0 {
		v.Total = o.Total
	}
	if o.Result != nil {
		v.Result = o.Result
	}
	for _, step := range o.Steps {
		if step.State == "done" {
			v.Progress++
		}
		v.Steps = append(v.Steps, stepView(step))
	}
	return v
}

type getOperationInput struct {
	ID string `path:"id" doc:"opr_…"`
}

// OperationOutput answers with how far long work is.
type OperationOutput struct {
	Status   int
	Location string `header:"Location" doc:"Where to look for how far it is"`
	Body     OperationView
}

func (s *Handler) getOperation(ctx context.Context, in *getOperationInput) (*OperationOutput, error) {
	id, ok := domain.ParseUUID("opr", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	o, err := s.DB.Operation(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.Clinic(ctx, o.Clinic.Public("ten")); err != nil { // another clinic's is absent
		return nil, err
	}
	return &OperationOutput{Status: http.StatusOK, Body: ViewOperation(o)}, nil
}

// Accepted answers 202 with the place to look.
func Accepted(o tenants.Operation) *OperationOutput {
	v := ViewOperation(o)
	return &OperationOutput{http.StatusAccepted, "/v1/operations/" + v.ID, v}
}

type operationsOutput struct {
	Body struct {
		Data []OperationView `json:"data"`
	}
}

func (s *Handler) listOperations(ctx context.Context, in *rest.ClinicInput) (*operationsOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &operationsOutput{}
	out.Body.Data = []OperationView{}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		list, err := tx.Operations(20)
		for _, o := range list {
			o.Clinic = c.PublicID
			out.Body.Data = append(out.Body.Data, ViewOperation(o))
		}
		return err
	})
	return out, err
}
