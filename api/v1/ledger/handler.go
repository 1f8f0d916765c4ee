// Package ledger answers the part of /v1 about the bookings, their comparison with the gateway's statement, and the
// work that differences make.
package ledger

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/connect"
	"patapay/tenants/ledger"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Connector *connect.Connector // reads the gateway's statement
	Ledger    ledger.Chain       // seals what people's decisions book
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerLedger(api)
	s.registerLedgerMatch(api)
	s.registerExpected(api)
	s.registerWorkItems(api)
}
