// Package simulator is an offline Asaas for tests and for local development.
package simulator

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// Options are the simulator's settings; the zero value is a simulator on real time.
type Options struct {
	Clock Clock // nil: the wall clock
	// Seed makes ids, keys and event counters repeat. 0 takes them from the clock, so
	// that a restarted simulator never repeats an event id with another body.
	Seed uint64
	// DeliveryTimeout is how long a receiver may take, in real time; 0 is the gateway's 10 s.
	DeliveryTimeout time.Duration
	// Slowness is how long a KeySlow key waits before its answer, in real time; 0 is 30 s.
	Slowness time.Duration
	// Quota is how many requests an account has in 12 h; 0 is the gateway's 25,000.
	Quota int
}

// Simulator is a local gateway, made after docs/gateway.md, the simulator: an http.Handler for
// its API (/v3), its admin API (/admin) and its status page (/), and the sender of
// webhooks with queues, retries and pauses. It keeps everything in memory and says nothing
// that the real gateway would not say, unless a switch asks for it. All methods may be
// called at once.
type Simulator struct {
	clock   Clock
	opts    Options
	client  *http.Client
	mux     *http.ServeMux
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // the sender's goroutines

	mu       sync.Mutex // guards everything below
	rand     *rand.Rand
	counters map[domain.Environment]int64 // number after & of the last event
	accounts []*account
	keys     map[string]*key
	agenda   []plan        // by time
	planned  chan struct{} // rings when agenda grew
	api      outage
	journal  []Delivery
	mails    []Mail
}

// New returns a running simulator without accounts. Close ends its deliveries.
func New(opts Options) *Simulator {
	if opts.Clock == nil {
		opts.Clock = RealClock{}
	}
	opts.DeliveryTimeout = orDefault(opts.DeliveryTimeout, 10*time.Second)
	opts.Slowness = orDefault(opts.Slowness, 30*time.Second)
	opts.Quota = orDefault(opts.Quota, 25_000)
	s := &Simulator{clock: opts.Clock, opts: opts, keys: map[string]*key{}, planned: make(chan struct{}, 1), client: deliveryClient(opts.DeliveryTimeout)}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.seed(opts.Seed)
	s.mux = s.routes()
	s.running.Add(1)
	go s.keepTime()
	return s
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// seed sets the source of ids and the event counters, which start where real captures of
// August 2026 stood (docs/gateway.md, identifiers).
func (s *Simulator) seed(seed uint64) {
	s.counters = map[domain.Environment]int64{domain.Production: 1_457_510_768, domain.Sandbox: 17_883_672}
	if seed == 0 {
		now := s.clock.Now().UnixMilli()
		seed = uint64(now) ^ rand.Uint64()
		for env := range s.counters {
			s.counters[env] += now
		}
	}
	s.rand = rand.New(rand.NewPCG(seed, 0))
}

// Close stops the deliveries and waits for those under way.
func (s *Simulator) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
}

// ServeHTTP answers the gateway's API, the admin API and the status page.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// emit builds the event of one entity, dated at the scene's present, and puts it in the
// queues of the account's webhooks that listen to it. The caller holds s.mu.
func (v *scene) emit(event, entity string, snapshot *jsonobject.Object) {
	v.emitWith(event, entity, snapshot, nil)
}

// emitWith is emit with what the envelope says beside the object; nil: nothing.
func (v *scene) emitWith(event, entity string, snapshot, more *jsonobject.Object) {
	s, a := v.s, v.a
	s.counters[a.Environment]++
	body := jsonobject.Of("id", asaas.EventID(event, s.counters[a.Environment]), "event", event, "dateCreated", stamp(v.now))
	if !a.switches.OmitAccount {
		id := a.ID
		if a.switches.ForeignAccount != "" {
			id = a.switches.ForeignAccount
		}
		body.Set("account", jsonobject.Of("id", id, "ownerId", textOrNull(a.OwnerID)))
	}
	body.Set(entity, snapshot)
	if more != nil {
		body.Set("additionalInfo", more)
	}
	if a.switches.UnknownAttributes {
		snapshot.Set("brandNewAttribute", jsonobject.Of("nested", []any{1, 2}))
		body.Set("newTopLevel", "x")
	}
	if a.switches.PadBytes > 0 {
		snapshot.Set("padding", strings.Repeat("x", a.switches.PadBytes))
	}
	if a.switches.PlainNumbers {
		snapshot.PlainNumbers()
	}
	q := queued{event: body.Text("id"), kind: event, body: body.Bytes()}
	for _, h := range a.hooks {
		if q.generated = v.told; !h.interrupted {
			q.generated = s.clock.Now() // a clock that went far at once is no reason to lose what was deliverable
		}
		if a.switches.DelaySeconds > 0 {
			q.notBefore = s.clock.Now().Add(time.Duration(a.switches.DelaySeconds) * time.Second)
		}
		h.enqueue(q, a.switches.Shuffle, s.rand)
	}
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

const lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"

// id returns n random characters of alphabet.
func (s *Simulator) id(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid returns a random version 4 UUID.
func (s *Simulator) uuid() string {
	h := s.id("0123456789abcdef", 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
