package jobs

import (
	"maps"

	"patapay/tenants"
	"patapay/tenants/exports"
	"patapay/tenants/gateway"
)

// ConnectionWork returns the handlers of everything that is done with a clinic's connection:
// set-up, test, reactivation, comparison and first import.
func ConnectionWork(c *gateway.Connector) map[string]OperationHandler {
	handlers := map[string]OperationHandler{}
	for _, kind := range gateway.Kinds {
		handlers[kind] = c.Work
	}
	return handlers
}

// Handlers returns what does each kind of operation.
func Handlers(c *gateway.Connector, m *exports.Maker, a *tenants.Applier) map[string]OperationHandler {
	handlers := ConnectionWork(c)
	maps.Copy(handlers, map[string]OperationHandler{exports.Operation: Export(m), tenants.ReplayOperation: Replay(a)})
	return handlers
}
