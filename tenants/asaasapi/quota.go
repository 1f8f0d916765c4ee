package asaasapi

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"time"
)

// The gateway's quota of one account (docs/gateway.md, limits). The window begins with the
// first call in it.
const (
	// QuotaCalls is how many calls an account has in 12 hours.
	QuotaCalls  = 25_000
	quotaWindow = 12 * time.Hour
)

// Share is what a call is for, and so which part of the account's quota it may use up
// (docs/architecture.md, gateway snapshots).
type Share int

// The shares. People may use whatever is left.
const (
	People        Share = iota // somebody waits for the answer
	Doubts                     // unverified deliveries and contradictions: 40 %
	Confirmations              // of money facts: 10 %
	Upkeep                     // comparison and connection monitor: 10 %
	Names                      // of payers: 4 %, so that who pages through old invoices starves nobody
)

// percent is how much of the quota a share may use up.
var percent = map[Share]int{People: 100, Doubts: 40, Confirmations: 10, Upkeep: 10, Names: 4}

type shareKey struct{}

// For returns a context whose calls are counted under share; without it they are People's.
func For(ctx context.Context, share Share) context.Context {
	return context.WithValue(ctx, shareKey{}, share)
}

// Counter counts an account's calls in windows that begin with the first one. Add counts
// one under name and returns how many there are in the window, this one included, and how
// long the window still lasts.
type Counter interface {
	Add(ctx context.Context, name string, window time.Duration) (used int, left time.Duration, err error)
}

// errSpent is the cause of a refusal that never left this program.
var errSpent = errors.New("the account's own quota, or this kind of call's share of it, is used up")

// meter counts the calls of every account against its quota.
type meter struct {
	quota   int
	counter Counter
	own     *memory // counts while counter does not answer
}

// newMeter returns the meter of accounts with a quota, 0: the gateway's, that counter
// counts; nil: this process alone.
func newMeter(counter Counter, quota int, now func() time.Time) *meter {
	m := &meter{quota: quota, counter: counter, own: &memory{now: now, used: map[string]*window{}}}
	if m.counter == nil {
		m.counter = m.own
	}
	if m.quota == 0 {
		m.quota = QuotaCalls
	}
	return m
}

// spend counts a call before it is made. It refuses with asaas_rate_limited what would go
// beyond the quota or the share, so that the gateway never has to. A shared counter that
// does not answer is replaced by this process's own for the time being.
func (m *meter) spend(ctx context.Context, id laneID) *Error {
	share, _ := ctx.Value(shareKey{}).(Share)
	account := accountOf(id)
	if share != People { // first: what its share refuses is no call
		if spent := m.count(ctx, account+":"+strconv.Itoa(int(share)), m.quota*percent[share]/100); spent != nil {
			return spent
		}
	}
	return m.count(ctx, account, m.quota)
}

// accountOf is the name that the calls of one key are counted under.
func accountOf(id laneID) string { return hex.EncodeToString(id[:16]) }

// QuotaAccount returns the name that the calls with a clinic's key are counted under, "" without a key: a digest that
// says nothing of the key.
func QuotaAccount(cred Credential) string {
	if cred.Key.Empty() {
		return ""
	}
	return accountOf(laneOf(cred))
}

// count counts one call under name and refuses it beyond most.
func (m *meter) count(ctx context.Context, name string, most int) *Error {
	used, left, err := m.counter.Add(ctx, name, quotaWindow)
	if err != nil {
		used, left, _ = m.own.Add(ctx, name, quotaWindow)
	}
	if used > most {
		return &Error{Code: RateLimited, RetryAfter: left, Err: errSpent}
	}
	return nil
}

// ShareQuota makes counter count instead of this process alone. It is called before the
// first call.
func (c *Client) ShareQuota(counter Counter) { c.meter.counter = counter }

// memory counts for one process; a restart forgets.
type memory struct {
	now  func() time.Time
	mu   sync.Mutex
	used map[string]*window
}

type window struct {
	calls int
	end   time.Time
}

// Add counts one call. Windows that are over are forgotten when there are many.
func (m *memory) Add(_ context.Context, name string, d time.Duration) (int, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	w, ok := m.used[name]
	if !ok || !now.Before(w.end) {
		if len(m.used) >= 2*maxLanes {
			m.forget(now)
		}
		w = &window{end: now.Add(d)}
		m.used[name] = w
	}
	w.calls++
	return w.calls, w.end.Sub(now), nil
}

func (m *memory) forget(now time.Time) {
	for name, w := range m.used {
		if !now.Before(w.end) {
			delete(m.used, name)
		}
	}
}
