// Package accounts is the simulator's world: accounts with their keys, charges, money and agenda, and what the gateway
// tells of them as time goes on.
package accounts

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/simulator/clock"
)

// World is the gateway's accounts with their keys, what is on their agenda, and the clock that brings it. It keeps
// everything in memory. Whoever looks at it or changes it holds its lock, but for the methods that say nothing of it.
type World struct {
	Clock   clock.Clock
	Context context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // its goroutines

	sync.Mutex // protects everything below
	Rand       *rand.Rand
	counters   map[domain.Environment]int64 // number after & of the last event
	Accounts   []*Books
	Keys       map[string]*Key
	forms      Forms
	looks      Looks
	agenda     []plan        // by time
	planned    chan struct{} // gets a value when agenda grew
	tell       func(*Books, Event)
}

// NewWorld returns a world without accounts, whose time goes on until Close. A seed of 0 is taken from the clock.
func NewWorld(clock clock.Clock, seed uint64) *World {
	w := &World{Clock: clock, Keys: map[string]*Key{}, planned: make(chan struct{}, 1), tell: func(*Books, Event) {}}
	w.Context, w.stop = context.WithCancel(context.Background())
	w.seed(seed)
	w.Run(w.keepTime)
	return w
}

// Listen calls tell with every event, under the lock.
func (w *World) Listen(tell func(*Books, Event)) {
	w.Lock()
	defer w.Unlock()
	w.tell = tell
}

// Use decides the forms of the accounts that are added from now on.
func (w *World) Use(forms Forms) {
	w.Lock()
	defer w.Unlock()
	w.forms = forms
}

// Run starts a goroutine that Close waits for.
func (w *World) Run(do func()) { w.running.Go(do) }

// Close ends what goes on in the world and waits for it.
func (w *World) Close() {
	w.Lock()
	w.stop()
	w.Unlock()
	w.running.Wait()
}

// seed sets the source of ids and the event counters, which start where real captures of
// August 2026 stood (docs/gateway.md, identifiers).
func (w *World) seed(seed uint64) {
	w.counters = map[domain.Environment]int64{domain.Production: 1_457_510_768, domain.Sandbox: 17_883_672}
	if seed == 0 {
		now := w.Clock.Now().UnixMilli()
		seed = uint64(now) ^ rand.Uint64()
		for env := range w.counters {
			w.counters[env] += now
		}
	}
	w.Rand = rand.New(rand.NewPCG(seed, 0))
}

// Scene returns the present instant in an account. The caller holds the lock.
func (w *World) Scene(a *Books) *Scene {
	now := w.Clock.Now()
	return &Scene{w, a, now, now}
}

// Past returns the instant of an account that lies d back, of which the queues get to know now. The caller holds the
// lock.
func (w *World) Past(a *Books, d time.Duration) *Scene {
	v := w.Scene(a)
	v.Now = v.Now.Add(-d)
	return v
}

const lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"

// RandomID returns n random characters of alphabet.
func (w *World) RandomID(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.Rand.IntN(len(alphabet))]
	}
	return string(b)
}

// UUID returns a random version 4 UUID.
func (w *World) UUID() string {
	h := w.RandomID("0123456789abcdef", 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
