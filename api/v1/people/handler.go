// Package people answers the part of /v1 about who may enter: log-in, users, service tokens, and what people did.
package people

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Logins    *auth.Logins
	Issuer    *auth.Issuer
	PublicURL string // https://host, without a slash at the end
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerAuth(api)
	s.registerAudit(api)
	s.registerServiceTokens(api)
	s.registerUsers(api)
	s.registerProfile(api)
}
