// Package v1 is the public API: huma operations on gin, under /v1. Its one rule: an
// operation names its scope once, in its security requirement; the document that clients
// read and the door that lets them in are made of that one fact.
package v1

import (
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
	"patapay/tenants/vault"
)

// Server answers /v1. All fields but Notify, Changes and Closing are required.
type Server struct {
	DB        *tenants.DB // of role patapay_api
	Vault     *vault.Vault
	Keeper    *auth.Keeper
	Logins    *auth.Logins
	Issuer    *auth.Issuer
	Connector *connect.Connector
	Applier   *apply.Applier // for replays, on the worker's role
	Chain     tenants.Chain  // seals the audit log
	Ledger    ledger.Chain   // seals what people's decisions book
	Limit     *Limit
	PublicURL string   // https://host, without a slash at the end
	Outgoing  []string // addresses we call the gateway from, for clinics that let only some in
	Now       func() time.Time
	Log       *slog.Logger
	Notify    func(clinic domain.ClinicID, operation domain.UUID) // says that an operation waits for a worker; nil: the workers' sweep finds it
	Changes   Changes                                             // tells readers of the feed when to look; nil: they look each second
	Closing   <-chan struct{}                                     // closed when the process stops taking requests: ends what waits

	streams chan struct{} // one token an open stream
	uses    uses          // of service tokens
}

// nouns are the parts of the API, each in the file of its name. A new one adds a line.
var nouns = []func(*Server, huma.API){
	(*Server).registerAuth,
	(*Server).registerTenants,
	(*Server).registerConnection,
	(*Server).registerWebhook,
	(*Server).registerLife,
	(*Server).registerOperations,
	(*Server).registerReconcile,
	(*Server).registerCompare,
	(*Server).registerMails,
	(*Server).registerAudit,
	(*Server).registerServiceTokens,
	(*Server).registerUsers, (*Server).registerProfile,
	(*Server).registerInvoices,
	(*Server).registerCheckouts,
	(*Server).registerAnticipations,
	(*Server).registerEvents,
	(*Server).registerTimeline,
	(*Server).registerReplay,
	(*Server).registerFeed,
	(*Server).registerAlarms,
	(*Server).registerExports,
	(*Server).registerLedger, (*Server).registerLedgerMatch, (*Server).registerExpected, (*Server).registerWorkItems,
}

// Register adds /v1 and /openapi.json to r.
func (s *Server) Register(r *gin.Engine) {
	cfg := huma.DefaultConfig("PataPay", "1")
	cfg.Info.Description = "Payments of veterinary clinics: what Asaas says of them, for the platform's other parts."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", ""
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of POST /v1/auth/login, a service token, or a token of the platform's."},
	}
	problem.Configure(&cfg)
	cfg.Transformers = append(cfg.Transformers, sparse)
	api := humagin.New(r, cfg)
	api.UseMiddleware(s.door)
	for _, register := range nouns {
		register(s, api)
	}
	nullsInEnums(api)
}
