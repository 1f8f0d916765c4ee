package domain_test

import (
	"reflect"
	"testing"

	"patapay/domain"
	"patapay/domain/domaintest"
)

// docs/reliability.md, I13: the same seed gives the same histories and the same facts, to the byte.
func TestI13TheSameSeedGivesTheSameLedger(t *testing.T) {
	seed := seedOf(t)
	for n := range 2000 {
		one, delivered := caseOf(seed, n)
		two, again := caseOf(seed, n)
		if domaintest.String(one.Records()) != domaintest.String(two.Records()) ||
			!reflect.DeepEqual(domain.Facts(delivered), domain.Facts(again)) {
			t.Fatalf("PATAPAY_SEED=%d case %d differs from itself", seed, n)
		}
	}
}

// docs/reliability.md, I14: after an answer no event older than it by two seconds changes the status.
func TestI14NoEventOlderThanAnAnswerChangesTheStatus(t *testing.T) {
	seed, cases, tried := seedOf(t), casesOf(t, 20_000), 0
	for n := range cases {
		h, delivered := caseOf(seed, n)
		for _, old := range h.Records() {
			end := domain.Record{
				Type:            "TRUTH",
				ID:              "end",
				At:              "9998-01-01 00:00:00",
				Snapshot:        h.End,
				GatewaySnapshot: &domain.GatewaySnapshot{Clock: "9998-01-01 00:00:00", Found: true},
			}
			end.Key.Seq, old.Key.Seq = 1<<40, 1<<41
			old.Key.Hash[0] ^= 0xff
			if old.ID += "late"; old.GatewaySnapshot != nil || old.At == "" {
				continue
			}
			tried++
			before, after := shared(fold(h.Kind, append(delivered, end))), shared(fold(h.Kind, append(delivered, end, old)))
			if before.RawStatus != after.RawStatus {
				t.Fatalf("PATAPAY_SEED=%d case %d: %q became %q by an old %s", seed, n, before.RawStatus, after.RawStatus, old.Type)
			}
			break
		}
	}
	if tried < cases/2 {
		t.Errorf("only %d of %d tried", tried, cases)
	}
}
