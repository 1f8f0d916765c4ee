package fleet

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *Handler) registerVisits(api huma.API) {
	const path = "/v1/ops/visits"
	op := func(method, path, id, summary string) huma.Operation {
		return rest.WithFreshSession(rest.NewOperation(method, path, id, summary, "Operation", rest.AlarmsRead))
	}
	begin := op(
		http.MethodPost, path, "beginVisit",
		"See a clinic's pages for a written reason: X-Access-Visit then stands in the place of X-Access-Reason, only to read",
	)
	begin.DefaultStatus = http.StatusCreated
	rest.Register(api, begin, s.beginVisit)
	end := op(http.MethodDelete, path+"/{id}", "endVisit", "End a visit: it opens nothing from then on")
	end.DefaultStatus = http.StatusNoContent
	rest.Register(api, end, s.endVisit)
}

type beginVisitInput struct {
	Body struct {
		TenantID string `json:"tenantId" maxLength:"40" example:"ten_06a1…"`
		Reason   string `json:"reason" minLength:"10" maxLength:"200" doc:"The clinic reads it in its audit log, with each access" example:"Chamado 4711: faltam avisos"`
	}
}

type visitOutput struct {
	Body struct {
		ID     string    `json:"id" example:"vis_06a1…"`
		EndsAt time.Time `json:"endsAt" doc:"Half an hour after it began"`
	}
}

// beginVisit opens a visit that only the operator's present login may use.
func (s *Handler) beginVisit(ctx context.Context, in *beginVisitInput) (*visitOutput, error) {
	who, now := rest.CallerOf(ctx), s.Instant()
	id, ok := domain.ParseUUID("ten", in.Body.TenantID)
	if err := platform(ctx); err != nil {
		return nil, err
	}
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	clinic, err := s.DB.ClinicBy(ctx, id, "")
	if err == nil && clinic.State == "deleted" {
		err = domain.Errorf(domain.NotFound, "")
	}
	if err != nil {
		return nil, err
	}
	v := people.Visit{
		ID: tenants.NewID(now), Session: who.Session, Operator: who.Subject, Reason: in.Body.Reason, BegunAt: now,
	}
	err = s.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		if v, err = people.BeginVisit(tx, v); err != nil {
			return err
		}
		detail := map[string]any{"reason": v.Reason, "endsAt": v.EndsAt}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "operator.visit", v.ID.Public("vis"), detail))
	})
	out := &visitOutput{}
	out.Body.ID, out.Body.EndsAt = v.ID.Public("vis"), v.EndsAt
	return out, err
}

// endVisit ends a visit of the operator's present login; one that is over stays so.
func (s *Handler) endVisit(ctx context.Context, in *struct {
	ID string `path:"id" doc:"vis_…"`
},
) (*struct{}, error) {
	if err := platform(ctx); err != nil {
		return nil, err
	}
	id, ok := domain.ParseUUID("vis", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	v, err := people.OpenVisit(s.DB, ctx, id, rest.CallerOf(ctx).Session, rest.CallerOf(ctx).Subject, s.Instant())
	if domain.CodeOf(err) == domain.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, s.DB.In(ctx, v.Clinic, func(tx *tenants.Tx) error {
		open, err := people.EndVisit(tx, id, s.Instant())
		if err != nil || !open {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "operator.visit_end", in.ID, nil))
	})
}
