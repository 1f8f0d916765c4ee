package people

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
)

func (s *Handler) registerAudit(api huma.API) {
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/audit", "listAudit",
			"What people changed or revealed, newest first", "Audit", rest.AuditRead,
		),
		s.listAudit,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/ops/audit", "listPlatformAudit", "What people did to the platform itself, newest first",
			"Operation", rest.AuditRead,
		),
		s.listPlatformAudit,
	)
}

// auditView is one entry of the audit log.
type auditView struct {
	No      int64          `json:"no" doc:"1, 2 … without a gap"`
	At      time.Time      `json:"at"`
	Actor   string         `json:"actor" doc:"Who did it: a user's id, or a service's name"`
	Role    string         `json:"role"`
	Action  string         `json:"action" example:"connection.set"`
	Subject string         `json:"subject" doc:"Id of what was touched"`
	Detail  map[string]any `json:"detail"`
	Source  string         `json:"source" doc:"Address the request came from"`
}

type listAuditInput struct {
	Tenant string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	rest.PageInput
}

func (s *Handler) listAudit(ctx context.Context, in *listAuditInput) (*rest.ListOutput[auditView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return auditPage(ctx, in.PageInput, "audit "+c.PublicID.Public("ten"), s.InClinic(c))
}

// listPlatformAudit is for the platform only; what was done in a clinic stands in the clinic's own log.
func (s *Handler) listPlatformAudit(ctx context.Context, in *rest.PageInput) (*rest.ListOutput[auditView], error) {
	if !rest.CallerOf(ctx).Platform {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	return auditPage(ctx, *in, "audit of the platform", s.DB.Platform)
}

// auditPage returns a page of the log that the transactions read; filter names it in cursors.
func auditPage(
	ctx context.Context, in rest.PageInput, filter string, transaction rest.Transaction,
) (*rest.ListOutput[auditView], error) {
	at, err := in.At(filter)
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(at, 10, 64)
	var rows []tenants.AuditEntry
	err = transaction(ctx, func(tx *tenants.Tx) error {
		rows, err = tx.AuditLog(before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	views := rest.Map(rows, func(r tenants.AuditEntry) auditView { return auditView(r) })
	return rest.Paged(in, filter, views, func(v auditView) string { return strconv.FormatInt(v.No, 10) }), nil
}
