package people

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
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
	at, err := in.At("audit " + c.PublicID.Public("ten"))
	if err != nil {
		return nil, err
	}
	before, _ := strconv.ParseInt(at, 10, 64)
	var rows []tenants.AuditEntry
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		rows, err = tx.AuditLog(before, in.Limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	views := make([]auditView, len(rows))
	for i, r := range rows {
		views[i] = auditView(r)
	}
	return rest.Paged(
		in.PageInput, "audit "+c.PublicID.Public("ten"), views,
		func(v auditView) string { return strconv.FormatInt(v.No, 10) },
	), nil
}
