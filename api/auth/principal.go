// Package auth turns a Bearer token into a principal: who asks, for which clinic, with
// which scopes. Its one rule: everything about a token is decided here, by keys that are
// already in memory, and every token that is not right gets the same 401.
package auth

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"time"

	"patapay/domain"
)

// Kind is what a token is for.
type Kind string

// The kinds of token. Access and service tokens open /v1; a refresh token only buys an
// access token.
const (
	Access  Kind = "access"  // a person's, 15 minutes
	Service Kind = "service" // a program's; its id is looked up, so it can be revoked
	Refresh Kind = "refresh" // in the __Host-patapay cookie
)

// Kinds returns every kind of credential that the program issues.
func Kinds() []Kind { return []Kind{Access, Service, Refresh} }

// The roles. The first three act for one clinic, a service for one or for the platform,
// operators for the platform only.
const (
	RoleAdmin   = "admin"
	RoleFinance = "finance"
	RoleReader  = "reader"
	RoleService = "service"
	RoleSupport = "support"
	RoleSRE     = "sre"
)

var (
	clinicRoles   = []string{RoleAdmin, RoleFinance, RoleReader}
	operatorRoles = []string{RoleSupport, RoleSRE}
	platformRoles = append([]string{RoleService}, clinicRoles...) // what the platform's tokens may say
	allRoles      = append(append([]string{RoleService}, clinicRoles...), operatorRoles...)
)

// Principal is who asks.
type Principal struct {
	Subject  string   // user id, or the service's name
	Tenant   string   // public id `ten_…`, or `ext:` and the platform's id; "" with Platform
	Platform bool     // acts for the platform, not for one clinic
	Role     string   // one of the roles above
	Scopes   []string // invoices:read, tenants:write …
	Session  string   // sid of the token
	Issuer   string   // iss of the token
	TokenID  string   // jti of the token; "" when it has none
	Kind     Kind
	Issued   time.Time // of the token, UTC, to the second; zero: it does not say
	Expires  time.Time // of the token, UTC
}

// Has tells whether p holds scope, word for word.
func (p Principal) Has(scope string) bool { return slices.Contains(p.Scopes, scope) }

// Require fails with Forbidden when p does not hold scope.
func (p Principal) Require(scope string) error {
	if !p.Has(scope) {
		return domain.Errorf(domain.Forbidden, "")
	}
	return nil
}

// Operator tells whether p is a person of the platform's team.
func (p Principal) Operator() bool { return slices.Contains(operatorRoles, p.Role) }

var tenantForm = regexp.MustCompile(`^(ten_[0-9a-z]{20,32}|ext:[\x21-\x7e]{1,100})$`)

// consistent tells whether role and tenant go together: an operator of one clinic, or a
// clinic's admin without a clinic, is nobody.
func (p Principal) consistent() bool {
	if p.Platform != (p.Tenant == "") || p.Tenant != "" && !tenantForm.MatchString(p.Tenant) {
		return false
	}
	switch {
	case slices.Contains(clinicRoles, p.Role):
		return !p.Platform
	case slices.Contains(operatorRoles, p.Role):
		return p.Platform
	}
	return p.Role == RoleService
}

type principalKey struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the principal that ctx carries, and fails with Unauthenticated without one.
func From(ctx context.Context) (Principal, error) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	if !ok {
		return p, domain.Errorf(domain.Unauthenticated, "")
	}
	return p, nil
}

// writes tells whether a request may change something, by its method (RFC 9110, 9.2.1).
func writes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}
