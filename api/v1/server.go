// Package v1 is the public API: huma operations on gin, under /v1. Its one rule: an
// operation names its scope once, in its security requirement; the document that clients
// read and the door that lets them in are made of that one fact.
package v1

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
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

// bearer is the one security scheme.
const bearer = "bearer"

// maxBody is how many bytes of a request are read; the largest is a connection's.
const maxBody = 64 << 10

// operation describes one route. Scope "" leaves the route open to everyone.
func operation(method, path, id, summary, tag, scope string) huma.Operation {
	op := huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{tag}, MaxBodyBytes: maxBody}
	if scope != "" {
		op.Security = []map[string][]string{{bearer: {scope}}}
	}
	return op
}

// add registers an operation. Of an error from below only its code is told: the words for
// people are problem.Error's.
func add[I, O any](api huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	if takesKey(&op) {
		op.Parameters = append(op.Parameters, keyParameter(op))
	}
	if names := membersOf(reflect.TypeFor[I](), reflect.TypeFor[O]()); names != nil {
		if op.Metadata == nil {
			op.Metadata = map[string]any{}
		}
		op.Metadata[members] = names
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		return out, wordless(err)
	})
}

// wordless drops the words of the store's errors, which are for logs.
func wordless(err error) error {
	var told *problem.Error
	var plain *domain.Error
	if err == nil || errors.As(err, &told) || !errors.As(err, &plain) {
		return err
	}
	return &domain.Error{Code: plain.Code, Err: err}
}

// door stands before every operation: headers that every answer has, who asks, whether
// they may, how often, and no parameter that the operation does not know.
func (s *Server) door(ctx huma.Context, next func(huma.Context)) {
	ctx.SetHeader("Cache-Control", "private, no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	c := humagin.Unwrap(ctx)
	if err := s.admit(ctx, c); err != nil {
		if !c.IsAborted() {
			problem.Write(c, wordless(err))
		}
		return
	}
	if err := s.once(ctx, func() { next(ctx) }); err != nil && !c.IsAborted() {
		problem.Write(c, wordless(err))
	}
}

func (s *Server) admit(ctx huma.Context, c *gin.Context) error {
	if err := s.authenticate(ctx.Operation(), c); err != nil {
		return err
	}
	if err := s.Limit.take(c); err != nil {
		return err
	}
	if err := knownParameters(ctx.Operation(), c); err != nil {
		return err
	}
	return knownMembers(ctx.Operation(), c)
}

// knownParameters fails with unknown_parameter for a query parameter that the operation
// does not have: a mistyped filter must not answer everything. For the same reason it
// refuses a query that cannot be read whole, and a parameter that is there twice.
func knownParameters(op *huma.Operation, c *gin.Context) error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return &problem.Error{Code: "malformed"} // err would repeat the value
	}
	var unknown []problem.Field
	for name, values := range query {
		known := false
		for _, p := range op.Parameters {
			known = known || p.In == "query" && p.Name == name
		}
		if !known {
			unknown = append(unknown, problem.Field{Parameter: shownName(name), Code: "unknown_parameter"})
		} else if len(values) > 1 {
			return &problem.Error{Code: "malformed", Fields: []problem.Field{{Parameter: name, Code: "invalid"}}}
		}
	}
	if unknown == nil {
		return nil
	}
	return &problem.Error{Code: "unknown_parameter", Fields: unknown}
}

// shownName returns a parameter's name, or "" for one that might be a pasted secret.
func shownName(name string) string {
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_[]") != "" {
		return ""
	}
	return name
}

// object is an answer that shows one object, with the tag of its version.
type object[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"Tag of this version, for If-Match and If-None-Match"`
	Body   T
}

// show answers with body, or with 304 when the caller has this version.
func show[T any](ifNoneMatch, etag string, body T) *object[T] {
	status := http.StatusOK
	if ifNoneMatch != "" && hasTag(ifNoneMatch, etag) {
		status = http.StatusNotModified
	}
	return &object[T]{Status: status, ETag: etag, Body: body}
}

// now is the instant of the request, as exact as Postgres keeps it.
func (s *Server) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
