package jobs

import (
	"maps"

	"patapay/domain"
	"patapay/tenants/apply"
	"patapay/tenants/connect"
	"patapay/tenants/exports"
)

// ConnectionWork returns the handlers of everything that is done with a clinic's connection:
// set-up, test, reactivation, comparison and first import.
func ConnectionWork(c *connect.Connector) map[domain.OperationKind]OperationHandler {
	handlers := map[domain.OperationKind]OperationHandler{}
	for _, kind := range domain.OperationKind("").Values() {
		if kind.OfConnection() {
			handlers[kind] = c.Work
		}
	}
	return handlers
}

// Handlers returns what does each kind of operation.
func Handlers(
	c *connect.Connector, m *exports.Maker, a *apply.Applier, f *FleetActions,
) map[domain.OperationKind]OperationHandler {
	handlers := ConnectionWork(c)
	maps.Copy(handlers, map[domain.OperationKind]OperationHandler{
		domain.OperationExport: Export(m), domain.OperationReplay: Replay(a), domain.OperationFleetAction: f.Work,
	})
	return handlers
}
