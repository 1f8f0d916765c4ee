// Package connection answers the part of /v1 about a clinic's connection to the gateway: its key, its webhook, its
// health.
package connection

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/connect"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Connector *connect.Connector
	Outgoing  []string // addresses we call the gateway from, for clinics that let only some in
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerConnection(api)
	s.registerProduction(api)
	s.registerWebhook(api)
	s.registerHealth(api)
	s.registerReconcile(api)
}
