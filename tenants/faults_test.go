//go:build faults

package tenants_test

import "testing"

// Ten thousand histories through real Postgres.
func TestFaultTenThousandLedgersOnPostgres(t *testing.T) {
	t.Setenv("PATAPAY_PG_CASES", "10000")
	TestEightWorkersBookWhatEachHistoryProves(t)
}
