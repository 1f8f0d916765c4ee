package accounts

import (
	"testing"
	"time"
)

func TestMoneyIsCreditedOnBankDaysOnly(t *testing.T) {
	for method, c := range map[string]struct{ paid, credited string }{
		"BOLETO":      {"2026-12-24 12:00:00", "2026-12-28"}, // Christmas is a Friday
		"CREDIT_CARD": {"2026-01-15 12:00:00", "2026-02-18"}, // 32 days on is Carnival's Monday
	} {
		paid, _ := time.Parse(time.DateTime, c.paid)
		if got := Date(creditDay(method, paid, 1)); got != c.credited {
			t.Errorf("%s paid %s: %v, want %s", method, c.paid, got, c.credited)
		}
	}
}

func TestFeesFitTheObservedAmounts(t *testing.T) {
	for _, c := range []struct {
		method     string
		value, net Cents
		n          int
	}{
		{"CREDIT_CARD", 10_000, 9_652, 1},
		{"CREDIT_CARD", 130_000, 126_064, 1},
		{"CREDIT_CARD", 10_000, 9_635, 3},
		{"CREDIT_CARD", 125_207, 120_814, 2},
		{"PIX", 1_000, 801, 1},
		{"BOLETO", 35_000, 34_801, 1},
	} {
		if got := c.value - Fee(c.method, c.value, c.n); got != c.net {
			t.Errorf("%s %d in %d: net %d, want %d", c.method, c.value, c.n, got, c.net)
		}
	}
	if got := anticipationFee("BOLETO", 30_801, 11); got != 564 {
		t.Errorf("anticipation fee %d, want 564", got)
	}
}
