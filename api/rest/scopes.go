package rest

import (
	"context"
	"slices"

	"patapay/api/auth"
)

// The scopes. PersonalRead opens no route: without it names and documents are masked.
const (
	TenantsRead       = "tenants:read"
	TenantsWrite      = "tenants:write"
	ConnectionRead    = "connection:read"
	ConnectionWrite   = "connection:write"
	AuditRead         = "audit:read"
	TokensRead        = "tokens:read"
	TokensWrite       = "tokens:write"
	InvoicesRead      = "invoices:read"
	CheckoutsRead     = "checkouts:read"
	AnticipationsRead = "anticipations:read"
	EventsRead        = "events:read"
	EventsReplay      = "events:replay"
	AlarmsRead        = "alarms:read"
	LedgerRead        = "ledger:read"
	LedgerWrite       = "ledger:write"
	FeedRead          = "feed:read"
	ExportsWrite      = "exports:write"
	PersonalRead      = "personal:read"
	UsersRead         = "users:read"
	UsersWrite        = "users:write"
	EndpointsWrite    = "endpoints:write"
	FleetAct          = "fleet:act" // on many clinics at once
)

var looking = []string{
	TenantsRead,
	ConnectionRead,
	InvoicesRead,
	CheckoutsRead,
	AnticipationsRead,
	EventsRead,
	AlarmsRead,
	LedgerRead,
	FeedRead,
}

// roleScopes is what a person of each role may at most do, whatever their token says. A
// service has the scopes of its token and no others.
var roleScopes = map[string][]string{
	auth.RoleAdmin: append(
		[]string{
			ConnectionWrite,
			AuditRead,
			TokensRead,
			TokensWrite,
			UsersRead,
			UsersWrite,
			EndpointsWrite,
			EventsReplay,
			LedgerWrite,
			ExportsWrite,
			PersonalRead,
		},
		looking...),
	auth.RoleFinance: append([]string{LedgerWrite, ExportsWrite, PersonalRead}, looking...),
	auth.RoleReader:  looking,
	auth.RoleSupport: append([]string{AuditRead, TokensRead}, looking...),
	auth.RoleSRE:     append([]string{AuditRead, TokensRead, EventsReplay, FleetAct}, looking...),
}

// AllScopes returns every scope there is, for a service of the platform's own.
func AllScopes() []string {
	return append(
		[]string{
			TenantsWrite,
			ConnectionWrite,
			AuditRead,
			TokensRead,
			TokensWrite,
			UsersRead,
			UsersWrite,
			EndpointsWrite,
			EventsReplay,
			FleetAct,
			LedgerWrite,
			ExportsWrite,
			PersonalRead,
		},
		looking...)
}

// Scopes returns what a person of role may do, for a token.
func Scopes(role string) []string { return slices.Clone(roleScopes[role]) }

// May tells whether the principal's token and role both allow scope.
func May(p auth.Principal, scope string) bool {
	return p.Has(scope) && (p.Role == auth.RoleService || slices.Contains(roleScopes[p.Role], scope))
}

// RequireExports lets only those through who may take a file away: of people, by their role. A
// token of the platform's for a person need not name the scope.
func RequireExports(ctx context.Context) error {
	role := CallerOf(ctx).Role
	if role == auth.RoleService || slices.Contains(roleScopes[role], ExportsWrite) {
		return nil
	}
	return lacksScope(ExportsWrite)
}
