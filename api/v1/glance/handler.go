// Package glance answers the one question of /v1 that the first page asks: whether all is well with a
// clinic's money, and what it comes to. It reads kept results only and asks the gateway nothing.
package glance

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
}

// Register adds the operations to api. What it tells is of invoices, the connection, the alarms and
// the ledger, so the caller needs the scope of each.
func (s *Handler) Register(api huma.API) {
	op := rest.NewOperation(
		http.MethodGet, "/v1/tenants/{tenant}/glance", "getGlance",
		"Whether all is well with the clinic's money, and what it comes to", "Ledger", rest.LedgerRead,
	)
	op.Security = []map[string][]string{
		{rest.Bearer: {rest.LedgerRead, rest.InvoicesRead, rest.ConnectionRead, rest.AlarmsRead}},
	}
	rest.Register(api, op, s.getGlance)
	s.registerReminders(api)
}
