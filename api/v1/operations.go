package v1

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connect"
)

func (s *Server) registerOperations(api huma.API) {
	add(api, settings(operation(http.MethodGet, "/v1/operations/{id}", "getOperation", "How far long work is that was answered 202", "Connection", connectionRead)), s.getOperation)
	add(api, settings(operation(http.MethodGet, "/v1/tenants/{tenant}/operations", "listOperations", "The clinic's last 20 pieces of long work, newest first, the guardian's too", "Connection", connectionRead)), s.listOperations)
}

// operationView is long work as the world sees it.
type operationView struct {
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

func viewOperation(o tenants.Operation) operationView {
	v := operationView{ID: o.ID.Public("opr"), Tenant: o.Clinic.Public("ten"), Kind: o.Kind, State: o.State, Code: o.Code, Total: connect.StepsOf(o.Kind), Steps: []stepView{}, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt}
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

type operationOutput struct {
	Status   int
	Location string `header:"Location" doc:"Where to look for how far it is"`
	Body     operationView
}

func (s *Server) getOperation(ctx context.Context, in *getOperationInput) (*operationOutput, error) {
	id, ok := domain.ParseUUID("opr", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	o, err := s.DB.Operation(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.clinic(ctx, o.Clinic.Public("ten")); err != nil { // another clinic's is absent
		return nil, err
	}
	return &operationOutput{Status: http.StatusOK, Body: viewOperation(o)}, nil
}

// accepted answers 202 with the place to look.
func accepted(o tenants.Operation) *operationOutput {
	v := viewOperation(o)
	return &operationOutput{http.StatusAccepted, "/v1/operations/" + v.ID, v}
}

type operationsOutput struct {
	Body struct {
		Data []operationView `json:"data"`
	}
}

func (s *Server) listOperations(ctx context.Context, in *checksInput) (*operationsOutput, error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &operationsOutput{}
	out.Body.Data = []operationView{}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		list, err := tx.Operations(20)
		for _, o := range list {
			o.Clinic = c.PublicID
			out.Body.Data = append(out.Body.Data, viewOperation(o))
		}
		return err
	})
	return out, err
}
