package connection

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/connection"
	"patapay/tenants/vault"
)

func (s *Handler) registerConnection(api huma.API) {
	const path = "/v1/tenants/{tenant}/connection"
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, path, "getConnection", "The clinic's side of Asaas; secrets are masked", "Connection",
				rest.ConnectionRead,
			),
		),
		s.getConnection,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPut, path, "putConnection", "Connect the clinic, replace its key, or change the rest",
				"Connection", rest.ConnectionWrite,
			),
		),
		s.putConnection,
	)
	rest.Register(
		api,
		rest.WithFreshFactor(rest.WithFreshSession(
			rest.NewOperation(
				http.MethodDelete, path, "deleteConnection", "Disconnect: forget the key, delete our webhook",
				"Connection", rest.ConnectionWrite,
			),
		)),
		s.deleteConnection,
	)
	rest.Register(
		api,
		rest.WithFreshFactor(rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/token", "issueWebhookToken",
				"A new webhook token, shown once; old ones end in 14 days", "Connection", rest.ConnectionWrite,
			),
		)),
		s.issueToken,
	)
}

// connectionView is a connection as the world sees it: the key and the token never.
type connectionView struct {
	ID                string                            `json:"id,omitempty" example:"con_06a1…" doc:"Absent before the first connection"`
	State             rest.Word[domain.ConnectionState] `json:"state"`
	Since             *time.Time                        `json:"since,omitempty"`
	Reason            string                            `json:"reason,omitempty"`
	NextAction        string                            `json:"nextAction,omitempty"`
	LossAt            *time.Time                        `json:"lossAt,omitempty" doc:"When Asaas begins to drop what waits"`
	Environment       string                            `json:"environment" enum:"production,sandbox"`
	AccountID         string                            `json:"accountId,omitempty"`
	WalletID          string                            `json:"walletId,omitempty"`
	OwnerName         string                            `json:"ownerName,omitempty"`
	OwnerTaxID        string                            `json:"ownerTaxId,omitempty" doc:"Masked"`
	APIKey            string                            `json:"apiKey,omitempty" example:"$aact_prod_••••••4f2a" doc:"Masked: prefix and last four"`
	APIKeySetAt       *time.Time                        `json:"apiKeySetAt,omitempty"`
	KeyExpiresOn      domain.Day                        `json:"keyExpiresOn,omitempty" doc:"When the key ends, as a person typed it: Asaas does not tell. Absent: not known"`
	NotificationEmail string                            `json:"notificationEmail,omitempty"`
	FirstEventAt      *time.Time                        `json:"firstEventAt,omitempty"`
	OutgoingIPs       []string                          `json:"outgoingIps" doc:"Where we call Asaas from: what a clinic that restricts addresses must allow; empty: not known here" nullable:"false"`
	Webhook           webhookView                       `json:"webhook"`
	Tokens            []tokenView                       `json:"webhookTokens" doc:"Tokens that count, newest first; shown by their last four characters"`
	Version           int                               `json:"version"`
	UpdatedAt         *time.Time                        `json:"updatedAt,omitempty"`
	Notes             []noteView                        `json:"notes,omitempty" doc:"What was mended in the key that was pasted"`
	SetUpOperation    string                            `json:"setUpOperation,omitempty" example:"opr_06a1…" doc:"The set-up that this request began, for /v1/operations/{id}"`
	WebhookToken      string                            `json:"webhookToken,omitempty" doc:"The token for Asaas's panel: shown in this answer and never again"`
}

// webhookView is what a person types into Asaas's panel, in its order.
type webhookView struct {
	ID         string   `json:"id,omitempty" doc:"Configuration at Asaas; absent when it was set up by hand"`
	Name       string   `json:"name"`
	URL        string   `json:"url"`
	Email      string   `json:"email,omitempty"`
	APIVersion string   `json:"apiVersion"`
	SendType   string   `json:"sendType"`
	Events     []string `json:"events"`
}

type tokenView struct {
	Hint      string     `json:"hint"`
	CreatedAt time.Time  `json:"createdAt"`
	EndsAt    *time.Time `json:"endsAt,omitempty" doc:"Absent: no end in sight"`
}

type noteView struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (s *Handler) connectionView(
	c tenants.Clinic, conn connection.Connection, tokens []connection.Token,
) connectionView {
	setUp := s.Connector.SetUp(conn)
	v := connectionView{
		State:             rest.Word[domain.ConnectionState](domain.ConnectionDisconnected),
		Environment:       connect.EnvironmentOf(c).String(),
		NotificationEmail: conn.NotificationEmail,
		Version:           conn.Version,
		Webhook: webhookView{
			conn.WebhookID,
			setUp.Name,
			setUp.URL,
			setUp.Email,
			setUp.APIVersion,
			setUp.SendType,
			setUp.Events,
		},
		Tokens:      []tokenView{},
		OutgoingIPs: rest.OrEmpty(s.Outgoing),
	}
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, tokenView{t.Hint, t.CreatedAt, rest.TimeOrNull(t.EndsAt)})
	}
	if conn.State == "" {
		return v
	}
	v.ID, v.State, v.Since = conn.PublicID.Public("con"), rest.Word[domain.ConnectionState](conn.State),
		rest.TimeOrNull(conn.Since)
	v.Reason, v.NextAction, v.LossAt = conn.Reason, conn.NextAction, rest.TimeOrNull(conn.LossAt)
	v.UpdatedAt, v.FirstEventAt = rest.TimeOrNull(conn.UpdatedAt), rest.TimeOrNull(conn.FirstEventAt)
	if conn.State.Connected() {
		v.AccountID, v.WalletID, v.OwnerName, v.OwnerTaxID = conn.Account, conn.Wallet, conn.OwnerName, rest.MaskTaxID(
			conn.OwnerTaxID,
		)
		v.KeyExpiresOn = conn.KeyExpiresOn
		v.APIKey, v.APIKeySetAt = conn.KeyHint, rest.TimeOrNull(conn.KeySetAt)
	}
	return v
}

type getConnectionInput struct {
	Tenant      string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Handler) getConnection(ctx context.Context, in *getConnectionInput) (*rest.Object[connectionView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	view, err := s.readConnection(ctx, c)
	return rest.Show(in.IfNoneMatch, rest.VersionTag(view.Version), view), err
}

func (s *Handler) readConnection(ctx context.Context, c tenants.Clinic) (view connectionView, err error) {
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		conn, err := connection.Load(tx)
		if err != nil && domain.CodeOf(err) != domain.NotFound {
			return err
		}
		tokens, err := connection.Tokens(tx, s.Instant())
		view = s.connectionView(c, conn, tokens)
		return err
	})
	return view, err
}

type putConnectionInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the version you saw; \"0\" before the first connection" header:"If-Match"`
	Body    struct {
		APIKey            *vault.Secret `json:"apiKey,omitempty" example:"$aact_hmlg_…" writeOnly:"true" doc:"As Asaas shows it, once. Absent: the stored key stays"`
		KeyExpiresOn      *domain.Day   `json:"keyExpiresOn,omitempty" example:"2027-05-31" doc:"The day on which the key ends, when one was chosen at Asaas. Empty: none, or not known. Absent: as it is; a new key without it has none"`
		WalletID          *string       `json:"walletId,omitempty" example:"0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e" doc:"Must be of the key's account. Absent: read from Asaas"`
		NotificationEmail *string       `json:"notificationEmail,omitempty" format:"email" maxLength:"254" doc:"Where Asaas writes when deliveries fail"`
		Environment       string        `json:"environment,omitempty" enum:"production,sandbox" doc:"What you believe the key to be of; the tenant decides"`
		ConfirmTaxID      bool          `json:"confirmTaxId,omitempty" doc:"The account may be of another CNPJ than the clinic"`
		SetUp             bool          `json:"setUp,omitempty" doc:"Go on by yourself: set our webhook up, then make the round trip with a throw-away checkout, of which nobody is told and which charges nothing. setUpOperation tells how far it is"`
	}
}

func (s *Handler) putConnection(ctx context.Context, in *putConnectionInput) (*rest.Object[connectionView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if err := rest.RequireActive(c); err != nil {
		return nil, err
	}
	b := in.Body
	if b.APIKey != nil {
		if err := s.RequireFreshFactor(ctx); err != nil {
			return nil, err
		}
	}
	saved, err := s.Connector.Save(ctx, c, connect.Connect{
		Key:          b.APIKey,
		KeyExpiresOn: b.KeyExpiresOn,
		Wallet:       b.WalletID,
		Email:        b.NotificationEmail,
		Environment:  environments[b.Environment],
		ConfirmTaxID: b.ConfirmTaxID,
		Precondition: s.precondition(
			ctx, c, in.IfMatch, "connection.set",
			map[string]any{"newKey": b.APIKey != nil, "confirmedTaxId": b.ConfirmTaxID},
		),
	})
	if err != nil {
		return nil, rest.GatewayProblem(err)
	}
	var began string
	if b.SetUp {
		o, err := s.Connector.SetUpAndTest(ctx, c, connect.Unconditional) // the saving was audited
		if err != nil && domain.CodeOf(err) != domain.Conflict {
			return nil, rest.GatewayProblemKeyless(err)
		}
		if err == nil {
			began = o.ID.Public("opr")
		}
		saved.Token = vault.Secret{} // the webhook gets a fresh one, which nobody needs to see
	}
	view, err := s.readConnection(ctx, c)
	view.WebhookToken, view.SetUpOperation = saved.Token.Reveal(), began
	for _, note := range saved.Notes {
		view.Notes = append(view.Notes, noteView{string(note), asaasapi.Message(note)})
	}
	return rest.Show("", rest.VersionTag(view.Version), view), err
}

var environments = map[string]domain.Environment{"production": domain.Production, "sandbox": domain.Sandbox}

// precondition lets a change through for the version that the caller saw, and writes it down.
func (s *Handler) precondition(
	ctx context.Context, c tenants.Clinic, ifMatch, action string, detail map[string]any,
) connect.Precondition {
	return connect.Precondition{
		Match: func(version int) error { return rest.RequireMatch(ifMatch, rest.VersionTag(version)) },
		Audit: func(tx *tenants.Tx, conn connection.Connection) error {
			detail["key"] = conn.KeyHint
			return tx.Audit(s.Chain, s.AuditEntry(ctx, action, conn.PublicID.Public("con"), detail))
		},
	}
}

type changeConnectionInput struct {
	Tenant  string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
	IfMatch string `doc:"ETag of the version you saw" header:"If-Match"`
}

// removalView says what became of our webhook at Asaas.
type removalView struct {
	Webhook string `json:"webhook" enum:"deleted,none,unknown" doc:"unknown: Asaas would not let us look or delete; look there yourself"`
	Deleted int    `json:"deleted" doc:"Configurations that were deleted at Asaas"`
	Code    string `json:"code,omitempty" doc:"Why it is unknown"`
	Detail  string `json:"detail,omitempty"`
}

// ViewRemoval shows what was removed at the gateway.
func ViewRemoval(r connect.Removal) removalView {
	switch {
	case r.Problem != nil:
		return removalView{
			"unknown",
			r.Deleted,
			string(r.Problem.Code),
			"O webhook pode continuar no Asaas. Exclua-o no painel.",
		}
	case r.Deleted > 0:
		return removalView{Webhook: "deleted", Deleted: r.Deleted}
	}
	return removalView{Webhook: "none"}
}

// RemovalOutput answers with what was removed at the gateway.
type RemovalOutput struct{ Body removalView }

func (s *Handler) deleteConnection(ctx context.Context, in *changeConnectionInput) (*RemovalOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	removal, err := s.Connector.Disconnect(
		ctx, c, s.precondition(ctx, c, in.IfMatch, "connection.delete", map[string]any{}),
	)
	return &RemovalOutput{ViewRemoval(removal)}, err
}

func (s *Handler) issueToken(ctx context.Context, in *changeConnectionInput) (*rest.Object[connectionView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if err := rest.RequireActive(c); err != nil {
		return nil, err
	}
	token, err := s.Connector.Rotate(ctx, c, s.precondition(ctx, c, in.IfMatch, "connection.token", map[string]any{}))
	if err != nil {
		return nil, err
	}
	view, err := s.readConnection(ctx, c)
	view.WebhookToken = token.Reveal()
	return rest.Show("", rest.VersionTag(view.Version), view), err
}
