// Package clinics answers the part of /v1 about the clinics themselves, which the URLs call tenants.
package clinics

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/connect"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Connector *connect.Connector // removes a clinic's webhook before the clinic goes
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerTenants(api)
}
