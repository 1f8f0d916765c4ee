package gateway

import (
	"testing"
	"time"
)

func TestADurationReadsAsPeopleWriteIt(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", 1400 * time.Millisecond: "1 s", 59 * time.Second: "59 s", 3*time.Minute + 50*time.Second: "3 min", 26 * time.Hour: "26 h"} {
		if got := lasted(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
