package asaasapi

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/tenants/tenantstest"
)

// quotaClient returns a client with 100 calls in 12 h, and the clock it goes by.
func quotaClient(t *testing.T, url string, counter Counter) (*Client, *atomic.Int64) {
	t.Helper()
	var ahead atomic.Int64
	c, err := New(
		Config{
			Simulator:  url,
			Quota:      100,
			Counter:    counter,
			BreakAfter: 1000,
			Now:        func() time.Time { return noon.Add(time.Duration(ahead.Load())) },
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, &ahead
}

// spendAll reads until it is refused and returns how often it was not.
func spendAll(ctx context.Context, c *Client, key string) (n int, refused *Error) {
	for n = 0; n < 1000; n++ {
		if _, err := c.Payment(ctx, credential(key), "pay_1"); err != nil {
			errors.As(err, &refused)
			return n, refused
		}
	}
	return n, nil
}

func TestEachShareOfTheQuotaEndsWhereItShould(t *testing.T) {
	for share, want := range map[Share]int{People: 100, Doubts: 40, Confirmations: 10, Upkeep: 10} {
		f := newFake(t, answering(200, `{"id":"pay_1","status":"PENDING"}`))
		c, _ := quotaClient(t, f.URL, nil)
		n, refused := spendAll(For(t.Context(), share), c, "$aact_hmlg_x")
		if n != want || refused == nil || refused.Code != RateLimited || refused.RetryAfter != quotaWindow ||
			!errors.Is(refused, errSpent) {
			t.Errorf("share %d: %d calls, then %v; want %d", share, n, refused, want)
		}
		if int(f.calls.Load()) != want {
			t.Errorf("share %d: the gateway was asked %d times", share, f.calls.Load())
		}
	}
}

func TestSharesTogetherNeverExceedTheQuotaAndOtherAccountsHaveTheirOwn(t *testing.T) {
	f := newFake(t, answering(200, `{"id":"pay_1","status":"PENDING"}`))
	c, ahead := quotaClient(t, f.URL, nil)
	spendAll(For(t.Context(), Doubts), c, "$aact_hmlg_x") // 40, and a refused one that counts for nothing
	if n, _ := spendAll(t.Context(), c, "$aact_hmlg_x"); n != 60 {
		t.Errorf("%d calls were left for people, want 60", n)
	}
	if n, _ := spendAll(t.Context(), c, "$aact_hmlg_y"); n != 100 {
		t.Errorf("another account had %d calls", n)
	}
	ahead.Store(int64(quotaWindow))
	if n, _ := spendAll(t.Context(), c, "$aact_hmlg_x"); n != 100 {
		t.Errorf("after 12 h there were %d calls", n)
	}
}

func TestProcessesShareOneCountThroughRedis(t *testing.T) {
	f := newFake(t, answering(200, `{"id":"pay_1","status":"PENDING"}`))
	options, err := redis.ParseURL(tenantstest.New(t).RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	shared := redis.NewClient(options)
	t.Cleanup(func() { shared.Close() })
	first, _ := quotaClient(t, f.URL, RedisCounter{shared})
	second, _ := quotaClient(t, f.URL, RedisCounter{shared}) // as after a restart
	n, _ := spendAll(For(t.Context(), Upkeep), first, "$aact_hmlg_x")
	m, refused := spendAll(For(t.Context(), Upkeep), second, "$aact_hmlg_x")
	if n != 10 || m != 0 || refused == nil || refused.RetryAfter < quotaWindow-time.Minute {
		t.Errorf("%d, then %d calls of 10, %v", n, m, refused)
	}
	shared.Close() // Redis is gone: each process counts by itself
	if n, _ := spendAll(For(t.Context(), Upkeep), second, "$aact_hmlg_x"); n != 10 {
		t.Errorf("without Redis %d calls, want 10", n)
	}
}

func TestTheCountForgetsWindowsThatAreOver(t *testing.T) {
	now := noon
	m := &memory{now: func() time.Time { return now }, used: map[string]*window{}}
	for i := range 2 * maxLanes {
		m.Add(t.Context(), time.Duration(i).String(), time.Hour)
	}
	now = now.Add(2 * time.Hour)
	m.Add(t.Context(), "another", time.Hour)
	if len(m.used) != 1 {
		t.Errorf("%d windows are kept", len(m.used))
	}
}
