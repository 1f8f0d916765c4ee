package v1

import (
	"context"
	"slices"

	"patapay/api/auth"
	"patapay/domain"
)

const tenantsRead = "tenants:read"

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

// exporting lets only those through who may take a file away: of people, by their role. A
// token of the platform's for a person need not name the scope.
func exporting(ctx context.Context) error {
	role := callerOf(ctx).Role
	if role == auth.RoleService || slices.Contains(roleScopes[role], exportsWrite) {
		return nil
	}
	return domain.Errorf(domain.Forbidden, "")
}
