// Package agenda answers the part of /v1 about what must not be missed: a clinic's agenda, and for operators what
// all clinics' come to.
package agenda

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
}

// Register adds the operations to api. A clinic's agenda is made of its invoices, its ledger, its connection: the
// caller needs the scope of each.
func (s *Handler) Register(api huma.API) {
	clinic := rest.NewOperation(
		http.MethodGet, "/v1/tenants/{tenant}/deadlines", "listDeadlines",
		"What the clinic must not miss, the first due first",
		"Agenda", rest.AlarmsRead,
	)
	clinic.Security = []map[string][]string{
		{rest.Bearer: {rest.AlarmsRead, rest.InvoicesRead, rest.LedgerRead, rest.ConnectionRead}},
	}
	rest.Register(api, clinic, s.listDeadlines)
	rest.Register(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/ops/deadlines", "sumDeadlines", "What all clinics together must not miss, by kind", "Operation",
			rest.AlarmsRead,
		),
		s.sumDeadlines,
	)
}
