package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants/tenantstest"
)

// Pub/sub knows no databases: tests that run side by side hear each other's workers begin, so
// each rings for clinics of its own.
func ringer(t *testing.T) (*Bell, *redis.Client) {
	t.Helper()
	opt, err := redis.ParseURL(tenantstest.New(t).RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(opt)
	t.Cleanup(func() { r.Close() })
	return NewBell(t.Context(), r, slog.New(slog.DiscardHandler)), r
}

func waiting(t *testing.T, r *redis.Client) int64 {
	t.Helper()
	n, err := r.LLen(context.Background(), "asynq:{"+wakeQueue+"}:pending").Result()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAtMostOneTaskAClinicIsOutstanding(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	for range 50 {
		b.Ring(13)
		b.Ring(14)
	}
	tenantstest.Eventually(t, 20*time.Second, "both clinics' tasks wait", func() bool { return waiting(t, r) == 2 })
	b.Ring(15)
	tenantstest.Eventually(t, 20*time.Second, "a third clinic's task", func() bool { return waiting(t, r) == 3 })
}

func TestAWorkerThatBeganLetsTheClinicRingAgain(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	b.Ring(23)
	tenantstest.Eventually(t, 20*time.Second, "the task", func() bool { return waiting(t, r) == 1 })
	tenantstest.Eventually(t, 20*time.Second, "the bell hears that work began", func() bool {
		if err := r.Publish(context.Background(), woken, payloadOf(23, time.Now())).Err(); err != nil {
			t.Fatal(err)
		}
		return !ringing(b, 23)
	})
	b.Ring(23)
	tenantstest.Eventually(t, 20*time.Second, "the second task", func() bool { return waiting(t, r) == 2 })
}

func TestANudgeThatAWorkerActsOnCostsNoTask(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	for range 20 {
		b.Ring(33)
		take(t, r, "33")
		if err := r.Publish(context.Background(), woken, payloadOf(33, time.Now())).Err(); err != nil {
			t.Fatal(err)
		}
		tenantstest.Eventually(t, 20*time.Second, "the bell hears that work began", func() bool { return !ringing(b, 33) })
	}
	time.Sleep(2 * patience) // the span in which a task would have come
	if n := waiting(t, r); n != 0 {
		t.Errorf("%d tasks for work that was begun at once", n)
	}
}

func TestANudgeThatNobodyActsOnBecomesATask(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	b.Ring(43)
	take(t, r, "43")
	if n := waiting(t, r); n != 0 {
		t.Errorf("%d tasks while the nudge may still be acted on", n)
	}
	tenantstest.Eventually(t, 20*time.Second, "the task", func() bool { return waiting(t, r) == 1 })
}

func TestARingAfterTheBeginningIsNotForgottenWithIt(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	b.Ring(53)
	take(t, r, "53")
	begun := time.Now()
	b.Ring(53)
	b.began(53, begun)
	if !ringing(b, 53) {
		t.Error("the second ring is forgotten")
	}
	tenantstest.Eventually(t, 20*time.Second, "its task", func() bool { return waiting(t, r) == 1 })
}

// take takes the next nudge as a worker does, and does nothing about it.
func take(t *testing.T, r *redis.Client, clinic string) {
	t.Helper()
	z, err := r.BZPopMin(context.Background(), 20*time.Second, rings).Result()
	if err != nil || z.Member != clinic {
		t.Fatalf("%v %v", z, err)
	}
}

func TestAClinicThatRingsAgainAndAgainKeepsItsPlace(t *testing.T) {
	t.Parallel()
	b, r := ringer(t)
	for _, clinic := range []domain.ClinicID{63, 64, 63, 63} {
		b.Ring(clinic)
		tenantstest.Eventually(t, 20*time.Second, "laid out", func() bool { return r.ZScore(context.Background(), rings, fmt.Sprint(int(clinic))).Err() == nil })
	}
	take(t, r, "63")
	take(t, r, "64")
}

func ringing(b *Bell, c domain.ClinicID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rung[c] != nil
}

func TestAMuteRedisHoldsUpNobodyWhoRings(t *testing.T) {
	t.Parallel()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	r := redis.NewClient(&redis.Options{Addr: mute.Addr().String(), DialTimeout: ringLimit, ReadTimeout: ringLimit, WriteTimeout: ringLimit, MaxRetries: -1})
	defer r.Close()
	b := NewBell(t.Context(), r, slog.New(slog.DiscardHandler))
	start := time.Now()
	for c := domain.ClinicID(1); c <= 10_000; c++ {
		b.Ring(c)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("10,000 rings took %s", took)
	}
}

func TestATaskHoldsIdsOnly(t *testing.T) {
	clinic, at, ok := clinicOf(payloadOf(1234, time.UnixMicro(1_700_000_000_000_000)))
	if !ok || clinic != 1234 || at.Unix() != 1_700_000_000 {
		t.Errorf("%v %v %v", clinic, at, ok)
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 12), make([]byte, 13)} {
		if _, _, ok := clinicOf(bad); ok {
			t.Errorf("%v is taken for a ring", bad)
		}
	}
	if n := len(payloadOf(1, time.Now())); n > 200 {
		t.Errorf("%d bytes", n)
	}
}
