package domain_test

import (
	"math/big"
	"strings"
	"testing"

	"patapay/domain"
)

func TestMoneyIsReadExactlyFromTheLiteral(t *testing.T) {
	for text, want := range map[string]domain.Money{
		"100": 10000, "100.0": 10000, "29.9": 2990, "29.90": 2990, "0.00": 0, "0": 0, "-0": 0, "1e2": 10000, "1E+2": 10000,
		"-12.5": -1250, "0.01": 1, "1.23000000": 123, "123e-2": 123,
		"0.000123e4": 123, "100000000000": 1e13, "-100000000000.00": -1e13,
		"0e999999999": 0, "0.0e-999": 0, "1308.21": 130821,
	} {
		if got, err := domain.ParseMoney(text); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestMoneyRefusesWhatIsNoExactAmount(t *testing.T) {
	for _, text := range []string{
		"", "-", "12,50", " 1", "1 ", "+1", "01", "-01", "1.", ".5",
		"1e", "1e+", "e5", "0x10", "NaN", "Infinity", "null", "1_000", "١",
		"0.005", "1.001", "1e-3", "100000000000.01", "1e12", "1e400",
		"1e100000", "1e99999999999999999999", "9223372036854775808", "-1e20",
		"9007199254740.93e-2", strings.Repeat("9", 1000), "0." + strings.Repeat("0", 100), "1e-" + strings.Repeat("9", 40),
	} {
		if got, err := domain.ParseMoney(text); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%.40s: %d, %v; want invalid", text, got, err)
		}
	}
}

func TestHugeLiteralsAreRefusedCheaply(t *testing.T) {
	text := "1e" + strings.Repeat("9", 1<<20)
	made := testing.AllocsPerRun(10, func() {
		if _, err := domain.ParseMoney(text); err == nil {
			t.Fatal("accepted")
		}
	})
	if made > 10 {
		t.Errorf("a refusal makes %.0f objects: no number of a million digits is to be built", made)
	}
}

func TestMoneyPrintsReais(t *testing.T) {
	for m, want := range map[domain.Money]string{0: "0.00", 5: "0.05", 12990: "129.90", -1250: "-12.50", -1: "-0.01"} {
		if m.String() != want {
			t.Errorf("%d: %s, want %s", int64(m), m, want)
		}
	}
}

func TestDecimalIsTheShortestText(t *testing.T) {
	for text, want := range map[string]domain.Decimal{
		"2": "2", "2.0": "2", "10.50": "10.5", "0.00": "0", "-0": "0", "0.025": "0.025",
		"1e2": "100", "12e-3": "0.012", "-3.10": "-3.1",
	} {
		if got, err := domain.ParseDecimal(text); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1e13", "1e-13", "1e400", "1,5"} {
		if got, err := domain.ParseDecimal(text); err == nil {
			t.Errorf("%s: %q, want invalid", text, got)
		}
	}
}

func TestDayIsADateOfTheCalendar(t *testing.T) {
	for _, ok := range []string{"2026-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"} {
		if d, err := domain.ParseDay(ok); err != nil || string(d) != ok {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{
		"", "2026-1-31", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "0000-01-01",
		"2026/01/01", "2026-01-01 ", "20-01-2026",
	} {
		if _, err := domain.ParseDay(bad); domain.CodeOf(err) != domain.Invalid {
			t.Errorf("%s: %v, want invalid", bad, err)
		}
	}
}

// FuzzMoney compares with exact rational arithmetic.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{
		"100", "100.0", "29.9", "0.00", "1e2", "-12.5", "0.005", "1e400", "12,50",
		"-0", "9223372036854775808", "1e-2", "0.1e1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := domain.ParseMoney(text)
		if err != nil {
			if got != 0 {
				t.Fatalf("%q: %d with %v", text, got, err)
			}
			return
		}
		if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 5 {
			return // big.Rat would write the exponent out
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || new(big.Rat).SetFrac64(int64(got), 100).Cmp(want) != 0 {
			t.Fatalf("%q: %s", text, got)
		}
	})
}
