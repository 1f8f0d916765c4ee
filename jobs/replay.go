package jobs

import "patapay/tenants"

// Replay returns the handler that applies many events anew.
func Replay(a *tenants.Applier) OperationHandler { return a.ReplayAll }
