package simulator

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"patapay/domain"
)

// World is the gateway's accounts with their keys, what is on their agenda, and the clock that brings it. It keeps
// everything in memory. Whoever looks at it or changes it holds its lock, but for the methods that say nothing of it.
type World struct {
	clock   Clock
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // its goroutines

	sync.Mutex // guards everything below
	rand       *rand.Rand
	counters   map[domain.Environment]int64 // number after & of the last event
	accounts   []*books
	keys       map[string]*key
	agenda     []plan        // by time
	planned    chan struct{} // gets a value when agenda grew
	tell       func(*books, event)
}

// NewWorld returns a world without accounts, whose time goes on until Close. A seed of 0 is taken from the clock.
func NewWorld(clock Clock, seed uint64) *World {
	w := &World{clock: clock, keys: map[string]*key{}, planned: make(chan struct{}, 1), tell: func(*books, event) {}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.seed(seed)
	w.run(w.keepTime)
	return w
}

// listen makes tell hear of every event, under the lock.
func (w *World) listen(tell func(*books, event)) {
	w.Lock()
	defer w.Unlock()
	w.tell = tell
}

// run starts a goroutine that Close waits for.
func (w *World) run(do func()) { w.running.Go(do) }

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
		now := w.clock.Now().UnixMilli()
		seed = uint64(now) ^ rand.Uint64()
		for env := range w.counters {
			w.counters[env] += now
		}
	}
	w.rand = rand.New(rand.NewPCG(seed, 0))
}

// scene returns the present moment in an account. The caller holds the lock.
func (w *World) scene(a *books) *scene {
	now := w.clock.Now()
	return &scene{w, a, now, now}
}

// past returns the moment of an account that lies d back, of which the queues get to know now. The caller holds the lock.
func (w *World) past(a *books, d time.Duration) *scene {
	v := w.scene(a)
	v.now = v.now.Add(-d)
	return v
}

const lowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"

// id returns n random characters of alphabet.
func (w *World) id(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid returns a random version 4 UUID.
func (w *World) uuid() string {
	h := w.id("0123456789abcdef", 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
