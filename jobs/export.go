package jobs

import "patapay/tenants/exports"

// Export returns the handler that makes the files people ask for.
func Export(m *exports.Maker) OperationHandler { return m.Make }
