package v1

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/domain"
)

// The scopes. personal:read opens no route: without it names and documents are masked.
const (
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
		s.noteUse(p)
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
