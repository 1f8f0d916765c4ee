package v1

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

// The scopes. personal:read opens no route: without it names and documents are masked.
const (
	tenantsRead       = "tenants:read"
	tenantsWrite      = "tenants:write"
	connectionRead    = "connection:read"
	connectionWrite   = "connection:write"
	auditRead         = "audit:read"
	tokensRead        = "tokens:read"
	tokensWrite       = "tokens:write"
	invoicesRead      = "invoices:read"
	checkoutsRead     = "checkouts:read"
	anticipationsRead = "anticipations:read"
	eventsRead        = "events:read"
	eventsReplay      = "events:replay"
	alarmsRead        = "alarms:read"
	ledgerRead        = "ledger:read"
	ledgerWrite       = "ledger:write"
	feedRead          = "feed:read"
	exportsWrite      = "exports:write"
	personalRead      = "personal:read"
	usersRead         = "users:read"
	usersWrite        = "users:write"
)

var looking = []string{tenantsRead, connectionRead, invoicesRead, checkoutsRead, anticipationsRead, eventsRead, alarmsRead, ledgerRead, feedRead}

// roleScopes is what a person of each role may at most do, whatever their token says. A
// service has the scopes of its token and no others.
var roleScopes = map[string][]string{
	auth.RoleAdmin:   append([]string{connectionWrite, auditRead, tokensRead, tokensWrite, usersRead, usersWrite, eventsReplay, ledgerWrite, exportsWrite, personalRead}, looking...),
	auth.RoleFinance: append([]string{ledgerWrite, exportsWrite, personalRead}, looking...),
	auth.RoleReader:  looking,
	auth.RoleSupport: append([]string{auditRead, tokensRead}, looking...),
	auth.RoleSRE:     append([]string{auditRead, tokensRead, eventsReplay}, looking...),
}

// AllScopes returns every scope there is, for a service of the platform's own.
func AllScopes() []string {
	return append([]string{tenantsWrite, connectionWrite, auditRead, tokensRead, tokensWrite, usersRead, usersWrite, eventsReplay, ledgerWrite, exportsWrite, personalRead}, looking...)
}

// Scopes returns what a person of role may do, for a token.
func Scopes(role string) []string { return slices.Clone(roleScopes[role]) }

// may tells whether the principal's token and role both allow scope.
func may(p auth.Principal, scope string) bool {
	return p.Has(scope) && (p.Role == auth.RoleService || slices.Contains(roleScopes[p.Role], scope))
}

// caller is who asks, and from where.
type caller struct {
	auth.Principal
	source string // address
	reason string // of an operator's look; "" not given
	route  string // operation id
	to     http.ResponseWriter
}

type callerKey struct{}

// callerOf returns who made the request of ctx. Behind the door there always is one; on
// open routes it has no principal.
func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// exporting lets only those through who may take a file away: of people, by their role. A
// token of the platform's for a person need not name the scope.
func exporting(ctx context.Context) error {
	role := callerOf(ctx).Role
	if role == auth.RoleService || slices.Contains(roleScopes[role], exportsWrite) {
		return nil
	}
	return domain.Errorf(domain.Forbidden, "")
}

// authenticate puts the caller into the request's context. It fails with Unauthenticated,
// or with Forbidden when the operation's scope is not theirs; settings ask the store about
// the session each time, reading them too.
func (s *Server) authenticate(op *huma.Operation, c *gin.Context) error {
	who := caller{source: c.ClientIP(), reason: reason(c.GetHeader("X-Access-Reason")), route: op.OperationID, to: c.Writer}
	if len(op.Security) > 0 {
		s.Keeper.Authenticate(c)
		p, err := auth.From(c.Request.Context())
		if err != nil {
			return err
		}
		for _, scope := range op.Security[0][bearer] {
			if !may(p, scope) {
				return domain.Errorf(domain.Forbidden, "")
			}
		}
		who.Principal = p
		s.uses.note(s, p)
		if op.Metadata[fresh] != nil && op.Method == http.MethodGet { // for writes the keeper has just asked
			if err := s.Keeper.Stands(c.Request.Context(), p, true); err != nil {
				return err
			}
		}
	}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callerKey{}, who))
	return nil
}

// fresh marks an operation that never believes a remembered session.
const fresh = "fresh"

// settings returns op marked fresh.
func settings(op huma.Operation) huma.Operation {
	op.Metadata = map[string]any{fresh: true}
	return op
}

// reason reads X-Access-Reason: plain text, or percent-encoded UTF-8, since browsers send
// no other letters in a header.
func reason(header string) string {
	if text, err := url.PathUnescape(header); err == nil {
		header = text
	}
	header = strings.TrimSpace(strings.ToValidUTF8(header, ""))
	if utf8.RuneCountInString(header) > 200 {
		return string([]rune(header)[:200])
	}
	return header
}

const minReason = 10 // characters

// clinic returns the clinic that the path names, `ten_…` or `ext:` and the platform's id,
// if the caller may see it: the platform any, a clinic's token its own. Foreign, deleted
// and absent ones are the same NotFound. An operator's look needs a reason and is written
// into the clinic's audit log before anything is shown.
func (s *Server) clinic(ctx context.Context, tenant string) (tenants.Clinic, error) {
	who := callerOf(ctx)
	if err := justified(who); err != nil {
		return tenants.Clinic{}, err
	}
	id, external, ok := parseTenant(tenant)
	if !ok {
		return tenants.Clinic{}, domain.Errorf(domain.NotFound, "")
	}
	c, err := s.DB.ClinicBy(ctx, id, external)
	if err != nil {
		return tenants.Clinic{}, err
	}
	if c.State == "deleted" || !who.Platform && !owns(who.Principal, c) {
		return tenants.Clinic{}, domain.Errorf(domain.NotFound, "")
	}
	if who.Operator() {
		err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return s.noteLook(ctx, tx, c.PublicID.Public("ten")) })
	}
	return c, err
}

// platform lets only callers that speak for the platform through. An operator's look needs
// a reason here too, and is written into the platform's own audit log.
func (s *Server) platform(ctx context.Context) error {
	who := callerOf(ctx)
	if !who.Platform {
		return domain.Errorf(domain.Forbidden, "")
	}
	if err := justified(who); err != nil || !who.Operator() {
		return err
	}
	return s.DB.Platform(ctx, func(tx *tenants.Tx) error { return s.noteLook(ctx, tx, "platform") })
}

// justified fails with Forbidden for an operator who gives no reason.
func justified(who caller) error {
	if !who.Operator() || utf8.RuneCountInString(who.reason) >= minReason {
		return nil
	}
	return &problem.Error{Code: string(domain.Forbidden), Detail: "Informe o motivo do acesso, com pelo menos 10 caracteres, em X-Access-Reason.",
		Fields: []problem.Field{{Parameter: "X-Access-Reason", Code: "required"}}}
}

func (s *Server) noteLook(ctx context.Context, tx *tenants.Tx, subject string) error {
	who := callerOf(ctx)
	return tx.Audit(s.Chain, s.entry(ctx, "operator.look", subject, map[string]any{"reason": who.reason, "route": who.route}))
}

// owns tells whether p's token is c's own.
func owns(p auth.Principal, c tenants.Clinic) bool {
	return p.Tenant == c.PublicID.Public("ten") || c.ExternalID != "" && p.Tenant == "ext:"+c.ExternalID
}

func parseTenant(text string) (id domain.UUID, external string, ok bool) {
	if external, ok = strings.CutPrefix(text, "ext:"); ok {
		return id, external, external != "" && len(external) <= 100
	}
	id, ok = domain.ParseUUID("ten", text)
	return id, "", ok
}

// changeable fails with Conflict for a clinic that is suspended: it can be read, not changed.
func changeable(c tenants.Clinic) error {
	if c.State != "active" {
		return &problem.Error{Code: string(domain.Conflict), Detail: "A clínica está suspensa. Reative-a antes de mudar algo."}
	}
	return nil
}

// entry returns an audit entry about subject, by the caller, now.
func (s *Server) entry(ctx context.Context, action, subject string, detail map[string]any) tenants.AuditEntry {
	who := callerOf(ctx)
	return tenants.AuditEntry{At: s.now(), Actor: who.Subject, Role: who.Role, Action: action, Subject: subject, Detail: detail, Source: who.source}
}
