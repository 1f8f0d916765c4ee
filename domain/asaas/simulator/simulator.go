// Package simulator is an offline Asaas for tests and for local development.
package simulator

import (
	"net/http"
	"time"

	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/admin"
	"patapay/domain/asaas/simulator/api"
	"patapay/domain/asaas/simulator/clock"
	"patapay/domain/asaas/simulator/flows"
	"patapay/domain/asaas/simulator/webhooks"
)

// Options are the simulator's settings; the zero value is a simulator on real time.
type Options struct {
	Clock clock.Clock // nil: the wall clock
	// Seed makes ids, keys and event counters repeat. 0 takes them from the clock, so
	// that a restarted simulator never repeats an event id with another body.
	Seed uint64
	// DeliveryTimeout is how long a receiver may take, in real time; 0 is the gateway's 10 s.
	DeliveryTimeout time.Duration
	// Slowness is how long a KeySlow key waits before its answer, in real time; 0 is 30 s.
	Slowness time.Duration
	// Quota is how many requests an account has in 12 h; 0 is the gateway's 25,000.
	Quota int
	// Forms are those of ids and addresses; the zero value gives half of the accounts the new ones.
	Forms accounts.Forms
}

// Simulator is a local gateway, made after docs/gateway.md, the simulator: an http.Handler for
// its API (/v3), its admin API (/admin) and its status page (/), and the sender of
// webhooks with queues, retries and pauses. It keeps everything in memory and says nothing
// that the real gateway would not say, unless a switch asks for it. All methods may be
// called at once.
type Simulator struct {
	*accounts.World
	*webhooks.Sender
	*api.Server
	*flows.Player
	*admin.Admin
	mux *http.ServeMux
}

// New returns a running simulator without accounts. Close ends its deliveries.
func New(opts Options) *Simulator {
	if opts.Clock == nil {
		opts.Clock = clock.RealClock{}
	}
	world := accounts.NewWorld(opts.Clock, opts.Seed)
	world.Use(opts.Forms)
	sender := webhooks.NewSender(world, orDefault(opts.DeliveryTimeout, 10*time.Second))
	server := api.NewServer(world, sender, orDefault(opts.Quota, 25_000), orDefault(opts.Slowness, 30*time.Second))
	player := flows.NewPlayer(world)
	s := &Simulator{
		World: world, Sender: sender, Server: server, Player: player,
		Admin: admin.NewAdmin(world, sender, server, player), mux: http.NewServeMux(),
	}
	server.Routes(s.mux)
	s.Admin.Routes(s.mux)
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
