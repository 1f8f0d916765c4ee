package connect

import (
	"testing"
	"time"

	"patapay/tenants/asaasapi"
)

func TestADurationIsWrittenAsPeopleHereDo(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0 s": -time.Second, "1 s": 900 * time.Millisecond, "59 s": 59 * time.Second,
		"1 min": time.Minute, "3 min": 3*time.Minute + 20*time.Second,
		"1 h": time.Hour, "46 h 26 min": 46*time.Hour + 26*time.Minute + 45*time.Second,
	} {
		if got := spelled(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// The page's table has words for the same codes.
func TestEveryCauseOfAPauseHasItsCode(t *testing.T) {
	free := 0
	for want, l := range map[string]*healthCheck{
		"token": {cause: 401}, "firewall": {cause: 403}, "url": {cause: 404},
		"slow": {cause: 408}, "ours": {cause: 503}, "unreached": {},
		"manual": {ours: []asaasapi.Webhook{{Penalized: &free}}},
	} {
		if got := l.probable(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
