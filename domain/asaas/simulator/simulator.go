// Package simulator is an offline Asaas for tests and for local development.
package simulator

import (
	"net/http"
	"time"
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
	*World
	*Sender
	*Server
	*Player
	*Admin
	mux *http.ServeMux
}

// New returns a running simulator without accounts. Close ends its deliveries.
func New(opts Options) *Simulator {
	if opts.Clock == nil {
		opts.Clock = RealClock{}
	}
	world := NewWorld(opts.Clock, opts.Seed)
	sender := NewSender(world, orDefault(opts.DeliveryTimeout, 10*time.Second))
	server := NewServer(world, sender, orDefault(opts.Quota, 25_000), orDefault(opts.Slowness, 30*time.Second))
	player := NewPlayer(world)
	s := &Simulator{World: world, Sender: sender, Server: server, Player: player, Admin: NewAdmin(world, sender, server, player), mux: http.NewServeMux()}
	server.routes(s.mux)
	s.Admin.routes(s.mux)
	return s
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// ServeHTTP answers the gateway's API, the admin API and the status page.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
