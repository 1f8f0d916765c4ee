package v1

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
)

func (s *Server) registerLife(api huma.API) {
	const path = "/v1/tenants/{tenant}/connection"
	long := func(at, id, summary string) huma.Operation {
		op := settings(operation(http.MethodPost, path+at, id, summary, "Connection", connectionWrite))
		op.DefaultStatus = http.StatusAccepted
		return op
	}
	add(api, settings(operation(http.MethodGet, path+"/checks", "getConnectionChecks", "The last look at the connection", "Connection", connectionRead)), s.getChecks)
	add(api, settings(operation(http.MethodPost, path+"/checks", "runConnectionChecks", "Look at the connection now; at most once a minute", "Connection", connectionWrite)), s.runChecks)
	add(api, operation(http.MethodGet, path+"/traffic", "getConnectionTraffic", "Deliveries of the last 24 hours, by quarters of an hour", "Connection", connectionRead), s.getTraffic)
	add(api, long("/test", "testConnection", "Round trip with a throw-away checkout of R$ 5,00, which is cancelled"), s.testConnection)
	add(api, repeatable(long("/webhook/reactivate", "reactivateWebhook", "Resume a paused queue, once our door was tried")), s.reactivate)
	add(api, repeatable(settings(operation(http.MethodPost, path+"/token/rotate", "rotateWebhookToken", "A new token, put in at Asaas by us; old ones end in 14 days", "Connection", connectionWrite))), s.rotateToken)
	add(api, settings(operation(http.MethodPost, path+"/token/revoke", "revokeWebhookTokens", "End the replaced tokens now: every door knows within 5 s", "Connection", connectionWrite)), s.revokeTokens)
}

// checksView is one look at a connection.
type checksView struct {
	CheckedAt *time.Time  `json:"checkedAt,omitempty" doc:"Absent: nobody has looked yet"`
	Checks    []checkView `json:"checks"`
}

type checkView struct {
	Name   string    `json:"name" enum:"key_accepted,key_expiry,permissions,ip,webhook,webhook_enabled,queue,penalties,webhook_settings,last_event,delay,silence,processing"`
	Status string    `json:"status" enum:"ok,warning,failed,unknown"`
	Since  time.Time `json:"since"`
	Detail string    `json:"detail,omitempty"`
	Action string    `json:"action,omitempty" doc:"What to do: replace_key, edit_key, allow_ips, ensure_webhook, reactivate, test, see_events, retry"`
	Cause  string    `json:"cause,omitempty" enum:"token,firewall,url,slow,ours,manual,unreached" doc:"Why a queue is probably paused"`
}

type checksOutput struct{ Body checksView }

func viewChecks(list []connection.Check, at time.Time) *checksOutput {
	v := checksView{CheckedAt: moment(at), Checks: make([]checkView, 0, len(list))}
	for _, c := range list {
		v.Checks = append(v.Checks, checkView(c))
	}
	return &checksOutput{v}
}

func (s *Server) getChecks(ctx context.Context, in *checksInput) (*checksOutput, error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	list, at, err := s.lastChecks(ctx, c)
	return viewChecks(list, at), err
}

func (s *Server) lastChecks(ctx context.Context, c tenants.Clinic) (list []connection.Check, at time.Time, err error) {
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

func (s *Server) getTraffic(ctx context.Context, in *checksInput) (*trafficOutput, error) {
	c, err := s.clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	var list []connection.Quarter
	now := s.now()
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) { list, err = connection.Quarters(tx, now); return err })
	if err != nil {
		return nil, err
	}
	return &trafficOutput{trafficView{list[0].At, now, each(list, func(q connection.Quarter) quarterView { return quarterView(q) })}}, nil
}

// checkPause is how often a connection is looked at on demand: each look costs the
// clinic's quota six reads.
const checkPause = time.Minute

func (s *Server) runChecks(ctx context.Context, in *checksInput) (*checksOutput, error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	_, at, err := s.lastChecks(ctx, c)
	if err != nil {
		return nil, err
	}
	if wait := checkPause - s.now().Sub(at); wait > 0 {
		return nil, &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	list, err := s.Connector.Check(ctx, c)
	return viewChecks(list, s.now()), err
}

type testConnectionInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    *struct {
		Confirm bool `json:"confirm,omitempty" doc:"In production: yes, open a checkout in the clinic's own account"`
	}
}

func (s *Server) testConnection(ctx context.Context, in *testConnectionInput) (*operationOutput, error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if !c.Sandbox && (in.Body == nil || !in.Body.Confirm) {
		return nil, &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{{Pointer: "/confirm", Code: "required", Detail: "Nenhum cliente é avisado e nada é cobrado."}}}
	}
	return s.operate(ctx, c, connect.TestConnection, in.IfMatch)
}

func (s *Server) reactivate(ctx context.Context, in *changeConnectionInput) (*operationOutput, error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return s.operate(ctx, c, connect.ReactivateConnection, in.IfMatch)
}

func (s *Server) operate(ctx context.Context, c tenants.Clinic, kind, ifMatch string) (*operationOutput, error) {
	o, err := s.Connector.Operate(ctx, c, kind, s.guard(ctx, c, ifMatch, kind, map[string]any{}))
	if err != nil {
		return nil, stalled(err)
	}
	return accepted(o), nil
}

func (s *Server) rotateToken(ctx context.Context, in *changeConnectionInput) (*object[webhookReport], error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	report, err := s.Connector.EnsureWebhook(ctx, c, connect.Ensure{Renew: true, Guard: s.guard(ctx, c, in.IfMatch, "connection.token", map[string]any{})})
	if err != nil {
		return nil, stalled(err)
	}
	now, err := s.readConnection(ctx, c)
	return show("", etagOf(now.Version), viewWebhook(report)), err
}

type revokedView struct {
	Revoked int64 `json:"revoked" doc:"Tokens that counted and now are wrong ones"`
}

func (s *Server) revokeTokens(ctx context.Context, in *changeConnectionInput) (*object[revokedView], error) {
	c, err := s.changeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	n, err := s.Connector.Revoke(ctx, c, s.guard(ctx, c, in.IfMatch, "connection.token.revoke", map[string]any{}))
	if err != nil {
		return nil, err
	}
	now, err := s.readConnection(ctx, c)
	return show("", etagOf(now.Version), revokedView{n}), err
}
