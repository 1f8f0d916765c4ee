//go:build faults

package domain_test

import "testing"

// A million histories in memory.
func TestFaultAMillionLedgers(t *testing.T) {
	t.Setenv("PATAPAY_CASES", "1000000")
	TestAnyOrderAndAnyRepeatGiveTheSameLedger(t)
}
