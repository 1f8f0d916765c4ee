package rest

import (
	"context"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants/people"
)

// Caller is who asks, and from where.
type Caller struct {
	auth.Principal
	Source string // address
	reason string // of an operator's look; "" not given
	visit  string // `vis_…`, that gives the reason in its place; "" none
	reads  bool   // the operation changes nothing
	route  string // operation id
	Writer http.ResponseWriter
}

type callerKey struct{}

// CallerOf returns who made the request of ctx. Behind the door there always is one; on
// open routes it has no principal.
func CallerOf(ctx context.Context) Caller {
	who, _ := ctx.Value(callerKey{}).(Caller)
	return who
}

// WithCaller returns a context whose caller is who.
func WithCaller(ctx context.Context, who Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// CallerKey returns a number for the token, or the session, that the caller of ctx has; 0: ctx is of no request, or of
// one that nobody was authenticated for.
func CallerKey(ctx context.Context) int64 {
	who := principalOf(ctx)
	if who.Subject == "" {
		return 0
	}
	return numberOf(who.Issuer, who.Subject, who.Session, who.TokenID)
}

// ClinicKey returns a number for the clinic that the request of ctx counts for: the one whose token its caller has, or
// else the one that tenant names; 0 when there is neither. Nothing is looked up for it.
func ClinicKey(ctx context.Context, tenant string) int64 {
	if own := principalOf(ctx).Tenant; own != "" {
		tenant = own
	}
	if tenant == "" {
		return 0
	}
	return numberOf(tenant)
}

// principalOf returns who asks, also while it is asked whether their token still stands.
func principalOf(ctx context.Context) auth.Principal {
	if who := CallerOf(ctx).Principal; who.Subject != "" {
		return who
	}
	p, _ := auth.From(ctx)
	return p
}

// numberOf returns the same number for the same parts, and another one for others.
func numberOf(parts ...string) int64 {
	h := fnv.New64a()
	for _, part := range parts {
		_, _ = h.Write([]byte(part))
		_, _ = h.Write([]byte{0})
	}
	return int64(h.Sum64())
}

// authenticate puts the caller into the request's context. It fails with Unauthenticated,
// or with Forbidden when the operation's scope is not theirs. An operation that was marked by
// WithFreshSession asks the store about the session each time, also for reads.
func (s *Service) authenticate(op *huma.Operation, c *gin.Context) error {
	who := Caller{
		Source: c.ClientIP(),
		reason: reason(c.GetHeader("X-Access-Reason")),
		visit:  c.GetHeader("X-Access-Visit"),
		reads:  op.Method == http.MethodGet,
		route:  op.OperationID,
		Writer: c.Writer,
	}
	if len(op.Security) > 0 {
		p, err := s.Authenticator.Authenticate(c)
		if err != nil {
			return err
		}
		for _, scope := range op.Security[0][Bearer] {
			if !May(p, scope) {
				return lacksScope(scope)
			}
		}
		who.Principal = p
		s.noteUse(p)
		if op.Metadata[fresh] != nil && op.Method == http.MethodGet { // for writes the authenticator has just asked
			if err := s.Authenticator.Stands(c.Request.Context(), p, true); err != nil {
				return err
			}
		}
		if op.Metadata[freshFactor] != nil {
			if err := s.requireFreshFactor(c.Request.Context(), p); err != nil {
				return err
			}
		}
	}
	c.Request = c.Request.WithContext(WithCaller(c.Request.Context(), who))
	return nil
}

// lacksScope is a refusal that names the scope which is not the caller's.
func lacksScope(scope string) error {
	return &problem.Error{Code: string(domain.Forbidden), Scope: scope}
}

// fresh marks an operation that never believes a remembered session.
const fresh = "fresh"

// WithFreshSession returns op marked fresh.
func WithFreshSession(op huma.Operation) huma.Operation {
	op.Metadata = map[string]any{fresh: true}
	return op
}

// freshFactor marks an operation that asks who has a second factor for one that was just shown.
const freshFactor = "freshFactor"

// WithFreshFactor returns op marked so: a person who has a second factor and did not show it within ten minutes gets
// fresh_factor_required.
func WithFreshFactor(op huma.Operation) huma.Operation {
	marked := map[string]any{freshFactor: true}
	maps.Copy(marked, op.Metadata)
	op.Metadata = marked
	return op
}

// RequireFreshFactor is WithFreshFactor for an operation that asks for it in some of its uses only.
func (s *Service) RequireFreshFactor(ctx context.Context) error {
	return s.requireFreshFactor(ctx, CallerOf(ctx).Principal)
}

func (s *Service) requireFreshFactor(ctx context.Context, p auth.Principal) error {
	shown, err := s.Authenticator.FactorIsFresh(ctx, p, people.FactorFresh)
	if err == nil && !shown {
		return &problem.Error{Code: "fresh_factor_required"}
	}
	return err
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
