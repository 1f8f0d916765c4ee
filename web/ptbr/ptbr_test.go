package ptbr

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// golden holds pairs of a value and what people read, by kind.
func golden(t *testing.T) map[string][][2]any {
	raw, err := os.ReadFile("../src/lib/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string][][2]any
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestTheProgramsSayWhatThePagesSay(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	write := map[string]func(any) string{
		"money": func(v any) string { return Money(int64(v.(float64))) },
		"count": func(v any) string { return Count(int64(v.(float64))) },
		"percent": func(v any) string {
			var share float64
			_ = json.Unmarshal([]byte(v.(string)), &share)
			return Percent(share)
		},
		"day":   func(v any) string { return Day(v.(string)) },
		"taxId": func(v any) string { return TaxID(v.(string)) },
		"instant": func(v any) string {
			at, _ := time.Parse(time.RFC3339Nano, v.(string))
			return Instant(at, zone)
		},
	}
	for kind, cases := range golden(t) {
		if write[kind] == nil || len(cases) == 0 {
			t.Fatalf("%s: nothing writes it, or it has no case", kind)
		}
		for _, c := range cases {
			if got := strings.ReplaceAll(write[kind](c[0]), "\u00a0", " "); got != c[1] {
				t.Errorf("%s of %v: %q, want %q", kind, c[0], got, c[1])
			}
		}
	}
}

func TestTheSmallestAmountHasNoOverflow(t *testing.T) {
	if got := Money(math.MinInt64); got != "−R$\u00a092.233.720.368.547.758,08" {
		t.Error(got)
	}
}
