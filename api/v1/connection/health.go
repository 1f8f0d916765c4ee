package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/v1/operations"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
)

func (s *Handler) registerHealth(api huma.API) {
	const path = "/v1/tenants/{tenant}/connection"
	long := func(at, id, summary string) huma.Operation {
		op := rest.WithFreshSession(
			rest.NewOperation(http.MethodPost, path+at, id, summary, "Connection", rest.ConnectionWrite),
		)
		op.DefaultStatus = http.StatusAccepted
		return op
	}
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, path+"/checks", "getConnectionChecks", "The last look at the connection",
				"Connection", rest.ConnectionRead,
			),
		),
		s.getChecks,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/checks", "runConnectionChecks",
				"Look at the connection now; at most once a minute", "Connection", rest.ConnectionWrite,
			),
		),
		s.runChecks,
	)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, path+"/traffic", "getConnectionTraffic",
			"Deliveries of the last 24 hours, by quarters of an hour", "Connection", rest.ConnectionRead,
		),
		s.getTraffic,
	)
	rest.Register(
		api, long("/test", "testConnection", "Round trip with a throw-away checkout of R$ 5,00, which is cancelled"),
		s.testConnection,
	)
	rest.Register(
		api,
		rest.RequireIdempotencyKey(
			long("/webhook/reactivate", "reactivateWebhook", "Resume a paused queue, once our door was tried"),
		),
		s.reactivate,
	)
	rest.Register(
		api,
		rest.RequireIdempotencyKey(
			rest.WithFreshSession(
				rest.NewOperation(
					http.MethodPost, path+"/token/rotate", "rotateWebhookToken",
					"A new token, put in at Asaas by us; old ones end in 14 days", "Connection", rest.ConnectionWrite,
				),
			),
		),
		s.rotateToken,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/token/revoke", "revokeWebhookTokens",
				"End the replaced tokens now: every door knows within 5 s", "Connection", rest.ConnectionWrite,
			),
		),
		s.revokeTokens,
	)
}

// checksView is one health check of a connection.
type checksView struct {
	CheckedAt *time.Time  `json:"checkedAt,omitempty" doc:"Absent: nobody has looked yet"`
	Checks    []checkView `json:"checks"`
}

type checkView struct {
	Name   string    `json:"name" enum:"key_accepted,key_expiry,permissions,ip,webhook,webhook_enabled,queue,penalties,webhook_settings,last_event,delay,silence,processing,commercial_data,withdrawal_validation"`
	Status string    `json:"status" enum:"ok,warning,failed,unknown"`
	Since  time.Time `json:"since"`
	Detail string    `json:"detail,omitempty"`
	Action string    `json:"action,omitempty" doc:"What to do: replace_key, edit_key, allow_ips, ensure_webhook, reactivate, test, see_events, retry, confirm_commercial_data, remove_withdrawal_validation"`
	Cause  string    `json:"cause,omitempty" enum:"token,firewall,url,slow,ours,manual,unreached" doc:"Why a queue is probably paused"`
}

type checksOutput struct{ Body checksView }

func viewChecks(list []connection.Check, at time.Time) *checksOutput {
	v := checksView{CheckedAt: rest.TimeOrNull(at), Checks: make([]checkView, 0, len(list))}
	for _, c := range list {
		v.Checks = append(v.Checks, checkView(c))
	}
	return &checksOutput{v}
}

func (s *Handler) getChecks(ctx context.Context, in *rest.ClinicInput) (*checksOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	list, at, err := s.lastChecks(ctx, c)
	return viewChecks(list, at), err
}

func (s *Handler) lastChecks(ctx context.Context, c tenants.Clinic) (list []connection.Check, at time.Time, err error) {
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		list, at, err = connection.Checks(tx)
		if domain.CodeOf(err) == domain.NotFound {
			return nil
		}
		return err
	})
	return list, at, err
}

// trafficView is a day of deliveries.
type trafficView struct {
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	Quarters []quarterView `json:"quarters" nullable:"false" doc:"96 of them, oldest first; the last one is not over"`
}

type quarterView struct {
	At         time.Time `json:"at"`
	Deliveries int       `json:"deliveries" doc:"With our token"`
	Refused    int       `json:"refused" doc:"Not answered 200, or with another token"`
	Slow       int       `json:"slow" doc:"Answered after a second or later"`
}

type trafficOutput struct{ Body trafficView }

func (s *Handler) getTraffic(ctx context.Context, in *rest.ClinicInput) (*trafficOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	var list []connection.Quarter
	now := s.Instant()
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) { list, err = connection.Quarters(tx, now); return err })
	if err != nil {
		return nil, err
	}
	return &trafficOutput{
		trafficView{list[0].At, now, rest.Map(list, func(q connection.Quarter) quarterView { return quarterView(q) })},
	}, nil
}

// checkPause is how often a connection is checked on demand: each check costs the
// clinic's quota six reads.
const checkPause = time.Minute

func (s *Handler) runChecks(ctx context.Context, in *rest.ClinicInput) (*checksOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	_, at, err := s.lastChecks(ctx, c)
	if err != nil {
		return nil, err
	}
	if wait := checkPause - s.Instant().Sub(at); wait > 0 {
		return nil, &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	list, err := s.Connector.Check(ctx, c)
	return viewChecks(list, s.Instant()), err
}

type testConnectionInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the version you saw" header:"If-Match"`
	Body    *struct {
		Confirm bool `json:"confirm,omitempty" doc:"In production: yes, open a checkout in the clinic's own account"`
	}
}

func (s *Handler) testConnection(ctx context.Context, in *testConnectionInput) (*operations.OperationOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if !c.Sandbox && (in.Body == nil || !in.Body.Confirm) {
		return nil, &problem.Error{
			Code: string(domain.Invalid),
			Fields: []problem.Field{
				{Pointer: "/confirm", Code: "required", Detail: "Nenhum cliente é avisado e nada é cobrado."},
			},
		}
	}
	return s.operate(ctx, c, domain.OperationTest, in.IfMatch)
}

func (s *Handler) reactivate(ctx context.Context, in *changeConnectionInput) (*operations.OperationOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return s.operate(ctx, c, domain.OperationReactivate, in.IfMatch)
}

func (s *Handler) operate(
	ctx context.Context, c tenants.Clinic, kind domain.OperationKind, ifMatch string,
) (*operations.OperationOutput, error) {
	o, err := s.Connector.Operate(ctx, c, kind, s.precondition(ctx, c, ifMatch, string(kind), map[string]any{}))
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	return operations.Accepted(o), nil
}

func (s *Handler) rotateToken(ctx context.Context, in *changeConnectionInput) (*rest.Object[webhookReport], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	report, err := s.Connector.EnsureWebhook(
		ctx, c,
		connect.Ensure{Renew: true, Precondition: s.precondition(ctx, c, in.IfMatch, "connection.token", map[string]any{})},
	)
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	now, err := s.readConnection(ctx, c)
	return rest.Show("", rest.VersionTag(now.Version), viewWebhook(report)), err
}

type revokedView struct {
	Revoked int64 `json:"revoked" doc:"Tokens that counted and now are wrong ones"`
}

func (s *Handler) revokeTokens(ctx context.Context, in *changeConnectionInput) (*rest.Object[revokedView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	n, err := s.Connector.Revoke(ctx, c, s.precondition(ctx, c, in.IfMatch, "connection.token.revoke", map[string]any{}))
	if err != nil {
		return nil, err
	}
	now, err := s.readConnection(ctx, c)
	return rest.Show("", rest.VersionTag(now.Version), revokedView{n}), err
}
