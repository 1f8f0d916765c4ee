package jobs

import (
	"context"
	"testing"
	"time"

	"patapay/tenants/tenantstest"
)

func TestWhoWaitsForAClinicsChangesHearsOfThemAndNotOfAnothers(t *testing.T) {
	t.Parallel()
	_, r := notifying(t)
	c := NewChanges(t.Context(), r)
	mine, others, any := c.Next(63), c.Next(64), c.Next(0)
	tenantstest.Eventually(t, 5*time.Second, "the word of a change", func() bool {
		if err := r.Publish(context.Background(), changed, changePayload(63, time.Now())).Err(); err != nil {
			t.Fatal(err)
		}
		return closed(mine) && closed(any)
	})
	if closed(others) {
		t.Error("another clinic's reader was told")
	}
	if closed(c.Next(65)) {
		t.Error("a new reader is told of what was")
	}
}

func TestWithoutRedisNobodyIsTold(t *testing.T) {
	if closed(NewChanges(t.Context(), nil).Next(1)) {
		t.Error("told of nothing")
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestAChangeHoldsIdsOnly(t *testing.T) {
	many := append(changePayload(1234, time.Now()), changePayload(5, time.Now())...)
	if got := clinicsOf(append(many, 1, 2)); len(got) != 2 || got[0] != 1234 || got[1] != 5 {
		t.Errorf("%v", got)
	}
	if got := clinicsOf(make([]byte, 12)); len(got) != 0 {
		t.Errorf("%v: there is no clinic 0", got)
	}
	if n := len(changePayload(1, time.Now())); n > 200 {
		t.Errorf("%d bytes", n)
	}
}
