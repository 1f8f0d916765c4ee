package app

import (
	"time"

	"patapay/api/shares"
	"patapay/tenants"
)

const (
	apiConns = 8 // of role patapay_api in one process

	// Connections that transactions have at once, in all and of one clinic. One is left for what
	// has no clinic's transaction: the platform's feed.
	readersOfAll, readersOfClinic = apiConns - 1, 4

	readersWaiting  = 500              // transactions of one clinic that may wait
	readersPatience = 10 * time.Second // as long as a statement may take
)

// ReadersGate returns what stands in front of the connections of role patapay_api: a clinic has
// half of them at most, and who waits is served in turns of clinics, not as they came. Sixty
// streams of one clinic, which read page after page, once kept another's list waiting for 12 s.
func ReadersGate() tenants.Gate {
	gate := shares.NewBudget(readersOfAll, readersOfClinic, readersWaiting)
	gate.Patience = readersPatience
	return gate
}
