// Package invoices answers the part of /v1 about the gateway's three objects, invoices, checkouts and anticipations.
package invoices

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/connect"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Connector *connect.Connector // reads the gateway's answer, for a comparison on demand
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerInvoices(api)
	s.registerSums(api)
	s.registerCompare(api)
	s.registerCheckouts(api)
	s.registerAnticipations(api)
}
