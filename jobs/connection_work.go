package jobs

import (
	"maps"

	"patapay/tenants/apply"
	"patapay/tenants/connect"
	"patapay/tenants/exports"
)

// ConnectionWork returns the handlers of everything that is done with a clinic's connection:
// set-up, test, reactivation, comparison and first import.
func ConnectionWork(c *connect.Connector) map[string]OperationHandler {
	handlers := map[string]OperationHandler{}
	for _, kind := range connect.Kinds {
		handlers[kind] = c.Work
	}
	return handlers
}

// Handlers returns what does each kind of operation.
func Handlers(c *connect.Connector, m *exports.Maker, a *apply.Applier) map[string]OperationHandler {
	handlers := ConnectionWork(c)
	maps.Copy(handlers, map[string]OperationHandler{exports.Operation: Export(m), apply.ReplayOperation: Replay(a)})
	return handlers
}
