package connection

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
)

func (s *Handler) registerWebhook(api huma.API) {
	const path = "/v1/tenants/{tenant}/connection/webhook"
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path, "ensureWebhook",
				"Set our webhook up at Asaas, or put it right, and read it back", "Connection", rest.ConnectionWrite,
			),
		),
		s.ensureWebhook,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, path, "getWebhook",
				"Our webhook as Asaas has it now, line by line; nothing is changed", "Connection",
				rest.ConnectionRead,
			),
		),
		s.getWebhook,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/unpenalize", "unpenalizeWebhook",
				"Let Asaas try again at once, once our door was tried", "Connection", rest.ConnectionWrite,
			),
		),
		s.unpenalizeWebhook,
	)
}

func (s *Handler) getWebhook(ctx context.Context, in *rest.ClinicInput) (*webhookOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	report, err := s.Connector.ReadWebhook(ctx, c)
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	return &webhookOutput{viewWebhook(report)}, nil
}

type webhookOutput struct{ Body webhookReport }

type unpenalizedOutput struct {
	Body struct {
		Unpenalized bool `json:"unpenalized"`
	}
}

func (s *Handler) unpenalizeWebhook(ctx context.Context, in *changeConnectionInput) (*unpenalizedOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if err := s.Connector.Unpenalize(
		ctx, c, s.precondition(ctx, c, in.IfMatch, "connection.unpenalize", map[string]any{}),
	); err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	out := &unpenalizedOutput{}
	out.Body.Unpenalized = true
	return out, nil
}

type ensureWebhookInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the connection's version you saw" header:"If-Match"`
	Body    *struct {
		NotificationEmail string `json:"notificationEmail,omitempty" format:"email" maxLength:"254" doc:"Where Asaas writes when deliveries fail. Absent: the connection's, else the account's"`
		KeepOne           bool   `json:"keepOne,omitempty" doc:"Delete further configurations with our URL"`
	}
}

// webhookReport is what stands at Asaas after an ensure.
type webhookReport struct {
	ID         string          `json:"id" doc:"Configuration at Asaas"`
	OK         bool            `json:"ok" doc:"Everything was read back as it is wanted"`
	Created    bool            `json:"created"`
	NewToken   bool            `json:"newToken" doc:"It carries a fresh token; the old ones end in 14 days"`
	Lines      []webhookLine   `json:"lines" doc:"In the order of Asaas's panel"`
	Duplicates []webhookBeside `json:"duplicates" doc:"Further configurations with our URL: each would send every event once more"`
	Stale      []webhookBeside `json:"stale" doc:"Configurations of our name with another URL"`
	Deleted    int             `json:"deleted" doc:"Duplicates that were deleted"`
	Penalties  *int            `json:"penalties" doc:"Failed deliveries in a row; null: Asaas does not say"`
}

type webhookLine struct {
	Field   string   `json:"field" doc:"Asaas's word" example:"sendType"`
	Wanted  string   `json:"wanted"`
	Got     string   `json:"got"`
	OK      bool     `json:"ok"`
	Missing []string `json:"missing,omitempty" doc:"Events that are not chosen"`
}

type webhookBeside struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	URL     string `json:"url"`
	Enabled bool   `json:"enabled"`
	Paused  bool   `json:"paused"`
}

func viewWebhook(r connect.WebhookReport) webhookReport {
	v := webhookReport{
		ID:         r.Webhook.ID,
		OK:         r.OK(),
		Created:    r.Created,
		NewToken:   r.Token,
		Duplicates: beside(r.Others),
		Stale:      beside(r.Stale),
		Deleted:    r.Deleted,
		Penalties:  r.Webhook.Penalized,
	}
	for _, l := range r.Lines {
		v.Lines = append(v.Lines, webhookLine(l))
	}
	return v
}

func beside(all []asaasapi.Webhook) []webhookBeside {
	list := make([]webhookBeside, 0, len(all))
	for _, w := range all {
		list = append(list, webhookBeside{w.ID, w.Name, w.URL, w.Enabled, w.Interrupted})
	}
	return list
}

func (s *Handler) ensureWebhook(ctx context.Context, in *ensureWebhookInput) (*rest.Object[webhookReport], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	want := connect.Ensure{
		Prove: true, Precondition: s.precondition(ctx, c, in.IfMatch, "connection.webhook", map[string]any{}),
	}
	if in.Body != nil {
		want.Email, want.KeepOne = in.Body.NotificationEmail, in.Body.KeepOne
	}
	report, err := s.Connector.EnsureWebhook(ctx, c, want)
	if err != nil {
		return nil, rest.GatewayProblemKeyless(err)
	}
	now, err := s.readConnection(ctx, c)
	return rest.Show("", rest.VersionTag(now.Version), viewWebhook(report)), err
}
