package jobs

import "patapay/tenants/apply"

// Replay returns the handler that applies many events anew.
func Replay(a *apply.Applier) OperationHandler { return a.ReplayAll }
