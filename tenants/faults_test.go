//go:build faults

package tenants_test

import "testing"

func TestFaultTwoHundredThousandEventsOfOneClinicAreListedInHalfASecond(t *testing.T) {
	eventsByIndex(t)
}

// Ten thousand histories through real Postgres.
func TestFaultTenThousandLedgersOnPostgres(t *testing.T) {
	t.Setenv("PATAPAY_PG_CASES", "10000")
	TestEightWorkersBookWhatEachHistoryProves(t)
}
