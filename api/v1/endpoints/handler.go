// Package endpoints answers the part of /v1 about the addresses that entries of the feed are pushed to,
// of a clinic and of the platform.
package endpoints

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Rule endpoint.URLRule // where endpoints may lead
}

// route is an operation that a clinic's endpoints and the platform's have alike.
type route struct {
	method, path, verb, after, summary string
	status                             int // 0: 200
	change, keyed                      bool
	secret                             bool // its answer shows a secret
}

func (r route) operation(base, noun, whose string) huma.Operation {
	op := rest.WithFreshSession(
		rest.NewOperation(
			r.method, base+r.path, r.verb+noun+r.after, r.summary+"; of "+whose, "Endpoints", rest.EndpointsWrite,
		),
	)
	op.DefaultStatus = r.status
	if r.secret {
		op = rest.WithFreshFactor(op)
	}
	if r.keyed {
		op = rest.RequireIdempotencyKey(op)
	}
	return op
}

// both registers an operation for a clinic's endpoints, with input C, and for the platform's, with I.
func both[C, I, O any](
	api huma.API, s *Handler, r route, parts func(*C) (tenant string, in *I),
	answer func(context.Context, rest.Transaction, *I) (*O, error),
) {
	rest.Register(api, r.operation("/v1/tenants/{tenant}/endpoints", "Endpoint", "the clinic"),
		func(ctx context.Context, c *C) (*O, error) {
			tenant, in := parts(c)
			find := s.Clinic
			if r.change {
				find = s.ChangeableClinic
			}
			clinic, err := find(ctx, tenant)
			if err != nil {
				return nil, err
			}
			return answer(ctx, s.InClinic(clinic), in)
		})
	rest.Register(api, r.operation("/v1/endpoints", "PlatformEndpoint", "the platform (platform only)"),
		func(ctx context.Context, in *I) (*O, error) {
			if err := s.RequirePlatform(ctx); err != nil {
				return nil, err
			}
			return answer(ctx, s.DB.Platform, in)
		})
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	const one = "/{id}"
	both(api, s, route{
		method: http.MethodPost, verb: "create", status: http.StatusCreated, change: true, secret: true,
		summary: "An address that the feed is pushed to: its secret is shown in this answer and never again",
	}, func(c *clinicCreate) (string, *CreateInput) { return c.Tenant, &c.CreateInput }, s.create)
	both(api, s, route{method: http.MethodGet, verb: "list", after: "s", summary: "The endpoints, newest first"},
		func(c *clinicList) (string, *rest.ListInput) { return c.Tenant, &c.ListInput }, s.list)
	both(api, s, route{method: http.MethodGet, path: one, verb: "get", summary: "An endpoint"}, ofClinic, s.get)
	both(api, s, route{
		method: http.MethodPatch, path: one, verb: "change", change: true, summary: "Another address, filter or payload",
	}, func(c *clinicChange) (string, *ChangeInput) { return c.Tenant, &c.ChangeInput }, s.change)
	both(api, s, route{
		method: http.MethodDelete, path: one, verb: "delete", change: true, status: http.StatusNoContent,
		summary: "Forget an endpoint, with its deliveries",
	}, ofClinic, s.remove)
	both(api, s, route{
		method: http.MethodPost, path: one + "/pause", verb: "pause",
		change: true, summary: "Stop: the endpoint keeps its place",
	}, ofClinic, s.pause)
	both(api, s, route{
		method: http.MethodPost, path: one + "/resume", verb: "resume", change: true, summary: "Go on where it stood",
	}, ofClinic, s.resume)
	both(api, s, route{
		method: http.MethodPost, path: one + "/secret/rotate", verb: "rotate",
		after: "Secret", change: true, keyed: true, secret: true,
		summary: "A new secret, shown in this answer and never again; the one before signs too for 24 h",
	}, ofClinic, s.rotate)
	both(api, s, route{
		method: http.MethodPost, path: one + "/test", verb: "test", change: true,
		summary: "Ask for one delivery of type endpoint.test; it stands in the deliveries within seconds",
	}, ofClinic, s.test)
	both(api, s, route{
		method: http.MethodPost, path: one + "/replay", verb: "replay", change: true,
		summary: "Send again what the feed has behind a place, or from a time on",
	}, func(c *clinicReplay) (string, *ReplayInput) { return c.Tenant, &c.ReplayInput }, s.replay)
	both(api, s, route{
		method: http.MethodGet, path: one + "/deliveries", verb: "list", after: "Deliveries",
		summary: "The tries of the last seven days, newest first",
	}, func(c *clinicDeliveries) (string, *DeliveriesInput) { return c.Tenant, &c.DeliveriesInput }, s.deliveries)
}

// OneInput names an endpoint.
type OneInput struct {
	ID string `path:"id" doc:"end_…"`
}

type clinicOne struct {
	rest.TenantPath
	OneInput
}

func ofClinic(c *clinicOne) (string, *OneInput) { return c.Tenant, &c.OneInput }

// id returns the endpoint that a path names; NotFound for what is no name of one.
func (in OneInput) id() (domain.UUID, error) {
	found, ok := domain.ParseUUID("end", in.ID)
	if !ok {
		return found, domain.Errorf(domain.NotFound, "")
	}
	return found, nil
}

// audit writes what somebody did to an endpoint.
func (s *Handler) audit(ctx context.Context, tx *tenants.Tx, action, id string, detail map[string]any) error {
	return tx.Audit(s.Chain, s.AuditEntry(ctx, "endpoint."+action, id, detail))
}
