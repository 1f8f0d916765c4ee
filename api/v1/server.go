// Package v1 is the public API: huma operations on gin, under /v1. Its one rule: an
// operation names its scope once, in its security requirement; the document that clients
// read and the door that lets them in are made of that one fact.
package v1

import (
	"context"
	"log/slog"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/api/v1/agenda"
	"patapay/api/v1/alarms"
	"patapay/api/v1/clinics"
	"patapay/api/v1/connection"
	"patapay/api/v1/endpoints"
	"patapay/api/v1/events"
	"patapay/api/v1/exports"
	"patapay/api/v1/feed"
	"patapay/api/v1/fleet"
	"patapay/api/v1/glance"
	"patapay/api/v1/invoices"
	v1ledger "patapay/api/v1/ledger"
	"patapay/api/v1/operations"
	"patapay/api/v1/people"
	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
	"patapay/tenants/vault"
)

// Server answers /v1. All fields but Mailer, its limits, Notify, Changes, Queues and Closing are required.
type Server struct {
	DB            *tenants.DB // of role patapay_api
	Vault         *vault.Vault
	Authenticator *auth.Authenticator
	Logins        *auth.Logins
	Issuer        *auth.Issuer
	Connector     *connect.Connector
	Applier       *apply.Applier // for replays, on the worker's role
	Chain         tenants.Chain  // seals the audit log
	Ledger        ledger.Chain   // seals what people's decisions book
	Limit         *rest.RateLimit
	Mailer        people.Mailer    // sends links to people; nil: no mail server, no links
	LinkLimit     auth.Limiter     // of links that one e-mail is sent; needed with Mailer
	SpentLimit    auth.Limiter     // of e-mails that tell of strangers' tries; needed with Mailer
	PublicURL     string           // https://host, without a slash at the end
	Outgoing      []string         // addresses we call the gateway from, for clinics that let only some in
	Endpoints     endpoint.URLRule // where the feed may be pushed to
	Now           func() time.Time
	Wall          func() time.Time // of people's phones (rest.Service)
	Log           *slog.Logger
	Notify        func(clinic domain.ClinicID, operation domain.UUID) // of an operation that waits (rest.Service)
	// tells the feed's readers when to look; nil: each second
	Changes feed.Changes
	Queues  func(context.Context) ([]fleet.Queue, error) // reads the workers' queues; nil: notifications are off
	Closing <-chan struct{}                              // closed when no more requests are taken: ends what waits
}

// resource is one part of the API, with a package of its own.
type resource interface{ Register(huma.API) }

// resources returns the parts of the API. A new one adds a line.
func (s *Server) resources(service *rest.Service) []resource {
	return []resource{
		&people.Handler{
			Service: service, Logins: s.Logins, Issuer: s.Issuer, PublicURL: s.PublicURL, Mailer: s.Mailer,
			LinkLimit: s.LinkLimit, SpentLimit: s.SpentLimit,
		},
		&clinics.Handler{Service: service, Connector: s.Connector},
		&connection.Handler{Service: service, Connector: s.Connector, Outgoing: s.Outgoing},
		&operations.Handler{Service: service},
		&agenda.Handler{Service: service},
		&alarms.Handler{Service: service},
		&fleet.Handler{Service: service, Queues: s.Queues},
		&invoices.Handler{Service: service, Connector: s.Connector},
		&events.Handler{Service: service, Applier: s.Applier},
		&feed.Handler{Service: service, Changes: s.Changes, Closing: s.Closing},
		&endpoints.Handler{Service: service, Rule: s.Endpoints},
		&exports.Handler{Service: service},
		&glance.Handler{Service: service},
		&v1ledger.Handler{Service: service, Connector: s.Connector, Ledger: s.Ledger},
	}
}

// Register adds /v1 and /openapi.json to r.
func (s *Server) Register(r *gin.Engine) {
	cfg := huma.DefaultConfig("PataPay", "1")
	cfg.Info.Description = "Os pagamentos das clínicas veterinárias: o que o Asaas diz deles, " +
		"para os outros módulos da plataforma. Guias em /docs/guias."
	cfg.Servers, cfg.Tags = servers, tags
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", ""
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		rest.Bearer: {
			Type:         "http",
			Scheme:       "bearer",
			BearerFormat: "JWT",
			Description:  "Um token de acesso de POST /v1/auth/login, um token de serviço ou um token da plataforma.",
		},
	}
	problem.Configure(&cfg)
	cfg.Transformers = append(cfg.Transformers, rest.SparseFields)
	api := humagin.New(r, cfg)
	service := &rest.Service{
		DB:            s.DB,
		Vault:         s.Vault,
		Authenticator: s.Authenticator,
		Chain:         s.Chain,
		Limit:         s.Limit,
		Now:           s.Now,
		Wall:          s.Wall,
		Log:           s.Log,
		Notify:        s.Notify,
	}
	api.UseMiddleware(service.Middleware)
	for _, r := range s.resources(service) {
		r.Register(api)
	}
	rest.DescribeNullableEnums(api)
	describe(api.OpenAPI())
}
