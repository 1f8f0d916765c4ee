package domaintest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/domaintest"
)

func seedOf() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("PATAPAY_SEED"), 10, 64); err == nil {
		return n
	}
	return uint64(time.Now().UnixNano())
}

func TestBodiesReadBackAsTheRecordsTheyAreOf(t *testing.T) {
	seed := seedOf()
	t.Logf("PATAPAY_SEED=%d", seed)
	for n := range 2000 {
		h := domaintest.New(rand.New(rand.NewPCG(seed, uint64(n))))
		for i, step := range h.Steps {
			var record []byte
			var err error
			if step.Record.GatewaySnapshot != nil {
				record, _, err = asaas.ExtractObject(h.Kind, step.Object())
			} else {
				checkEnvelope(t, h, step)
				record, _, err = asaas.Extract(h.Kind, step.Body("acc-1"))
			}
			if err != nil {
				t.Fatalf("seed %d case %d step %d: %v", seed, n, i, err)
			}
			got, flags, err := asaas.Decode(h.Kind, record)
			if err != nil || len(flags) > 0 || !reflect.DeepEqual(got, step.Record.Snapshot) {
				t.Fatalf(
					"seed %d case %d step %d: %v, flags %v\n%s\nread %s\nwant %s", seed, n, i, err, flags, record,
					show(got), show(step.Record.Snapshot),
				)
			}
		}
	}
}

func checkEnvelope(t *testing.T, h domaintest.History, step domaintest.Step) {
	t.Helper()
	body, r := step.Body("acc-1"), step.Record
	e := asaas.Peek(body)
	key, id := asaas.EventKeyOf(domaintest.Env, e.ID, body)
	if e.Malformed != "" || e.Ambiguous != "" || key != r.Key || id != r.ID || e.Event != string(r.Type) ||
		e.Created != r.At || e.Account != "acc-1" || e.Kind != h.Kind || e.Entity != h.Entity || e.Seq != r.Key.Seq {
		t.Fatalf("envelope %+v of\n%s", e, body)
	}
}

func show(s domain.Snapshot) string {
	switch {
	case s.Payment != nil:
		return fmt.Sprintf("%+v", *s.Payment)
	case s.Checkout != nil:
		return fmt.Sprintf("%+v", *s.Checkout)
	case s.Anticipation != nil:
		return fmt.Sprintf("%+v", *s.Anticipation)
	}
	return "nothing"
}

func TestOneSeedGivesOneHistory(t *testing.T) {
	for n := range uint64(50) {
		a, b := domaintest.New(rand.New(rand.NewPCG(7, n))), domaintest.New(rand.New(rand.NewPCG(7, n)))
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("seed 7, %d: two histories", n)
		}
	}
}
