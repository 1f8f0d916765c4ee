// Package asaasapi asks the Asaas REST API with a clinic's own key, and nothing else. Its
// one rule: no answer of the gateway, however slow, big, wrong or hostile, costs more than
// bounded time and memory, and no key ever shows up in a text (docs/reliability.md,
// T-29 and T-30).
package asaasapi

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"patapay/domain"
	"patapay/tenants/vault"
)

// The gateway's hosts (docs/gateway.md, environments). No setting changes them.
var hosts = map[domain.Environment]string{
	domain.Production: "https://api.asaas.com",
	domain.Sandbox:    "https://api-sandbox.asaas.com",
}

// Config is what a Client needs to know.
type Config struct {
	// Simulator is the base URL of a local gateway, such as http://127.0.0.1:8090. With it
	// every call of both environments goes there and private addresses are allowed.
	Simulator string
	Version   string // of the program, for User-Agent: PataPay/<version>
	// Timeout bounds one read in all, its repeats included; 0 is 10 s. A write has twice
	// that, because repeating it is not safe.
	Timeout time.Duration
	// BreakAfter is how many failures in a row, of any key, open an environment's breaker
	// for 15 s; 0 is 10.
	BreakAfter uint32
	Now        func() time.Time // nil: time.Now; for the pauses that a 429 asks for
	// Quota is how many calls an account has in 12 h; 0 is the gateway's 25,000.
	Quota int
	// Counter counts them; nil counts in this process alone, and forgets at its end.
	Counter Counter
	// Observe is told of every call, the refused ones too; nil: nobody.
	Observe func(Call)
}

// Call is what can be told of one call without saying whose it was.
type Call struct {
	Code string        // the answer's status, "none" without an answer, "quota" or "breaker" where none was asked for
	Took time.Duration // of the exchange; 0 where none was made
}

// Credential is a clinic's access: its key and the environment that was chosen for it.
type Credential struct {
	Environment domain.Environment
	Key         vault.Secret
}

// Client asks the gateway. Its methods may be called at once.
type Client struct {
	http      *http.Client
	simulator string
	Agent     string
	timeout   time.Duration
	now       func() time.Time
	breakers  map[domain.Environment]*gobreaker.CircuitBreaker[*reply]
	lanes     lanes
	meter     *meter
	observe   func(Call)
}

// New returns a client. It fails with domain.Invalid for a Simulator that is no http URL.
func New(cfg Config) (*Client, error) {
	base := strings.TrimSuffix(cfg.Simulator, "/")
	if u, err := url.Parse(base); base != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, domain.Errorf(domain.Invalid, "simulator %q is not an http URL", base)
	}
	c := &Client{
		simulator: base, Agent: "PataPay/" + cfg.Version, timeout: cfg.Timeout, now: cfg.Now,
		breakers: map[domain.Environment]*gobreaker.CircuitBreaker[*reply]{}, lanes: lanes{of: map[laneID]*lane{}},
	}
	if c.timeout == 0 {
		c.timeout = 10 * time.Second
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.observe = cfg.Observe; c.observe == nil {
		c.observe = func(Call) {}
	}
	c.meter = newMeter(cfg.Counter, cfg.Quota, c.now)
	c.http = &http.Client{Transport: transport(base != ""), CheckRedirect: NoRedirect}
	for env := range hosts {
		c.breakers[env] = newBreaker(env, cfg.BreakAfter)
	}
	return c, nil
}

// newBreaker returns the breaker of one environment: what every clinic sees there opens
// it, what one key is answered (4xx) does not.
func newBreaker(env domain.Environment, after uint32) *gobreaker.CircuitBreaker[*reply] {
	if after == 0 {
		after = 10
	}
	return gobreaker.NewCircuitBreaker[*reply](gobreaker.Settings{
		Name:         env.String(),
		MaxRequests:  3,
		Timeout:      15 * time.Second,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= after },
		IsSuccessful: func(err error) bool { return err == nil },
		IsExcluded:   isCanceled,
	})
}

// Close gives the idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// base returns where an environment's API starts. The zero environment has none.
func (c *Client) base(env domain.Environment) (string, bool) {
	host, ok := hosts[env]
	if ok && c.simulator != "" {
		host = c.simulator
	}
	return host + "/v3", ok
}

// laneID is a digest of a key: keys are not kept as map keys.
type laneID [32]byte

func laneOf(cred Credential) laneID { return laneID(sha256.Sum256([]byte(cred.Key.Reveal()))) }

// lane is what the client remembers of one key: the reads under way and the instant until
// which the gateway asked to be left alone.
type lane struct {
	reads   chan struct{}
	mu      sync.Mutex
	blocked time.Time
}

// lanes holds a lane per key; idle ones are forgotten when there are too many.
type lanes struct {
	mu sync.Mutex
	of map[laneID]*lane
}

const (
	maxReads = 50    // concurrent GETs that the gateway allows an account
	maxLanes = 4_096 // far above the clinics of one deployment
)

// lane returns the lane of a key. Different keys of one account have lanes of their own;
// a clinic has one key.
func (l *lanes) lane(id laneID, now time.Time) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found, ok := l.of[id]; ok {
		return found
	}
	if len(l.of) >= maxLanes {
		for old, idle := range l.of {
			if len(idle.reads) == 0 && !idle.blockedAt(now) {
				delete(l.of, old)
			}
		}
	}
	made := &lane{reads: make(chan struct{}, maxReads)}
	l.of[id] = made
	return made
}

func (l *lane) blockedAt(now time.Time) bool { return l.wait(now) > 0 }

// wait returns how long the gateway still asks to be left alone.
func (l *lane) wait(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.blocked.Sub(now))
}

// block notes that the gateway asked for a pause of d.
func (l *lane) block(now time.Time, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := now.Add(d); until.After(l.blocked) {
		l.blocked = until
	}
}
