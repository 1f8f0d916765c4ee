package endpoints

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/vault"
)

// Bodies tells what entries of the feed say, as their reader gets them.
type Bodies interface {
	// Bodies returns the entries of one clinic that have these numbers, in JSON, by number; those that
	// are no longer kept are left out. places are the entries' cursors in the platform's feed, "" none.
	Bodies(ctx context.Context, clinic domain.ClinicID, seqs []int64, places []string, whole, personal bool) (map[int64][]byte, error)
}

// Sender sends what endpoints have not got yet. Any process sends to any endpoint that nobody holds;
// Postgres knows all of it, so a process that dies loses nothing, and what it had under way comes twice.
type Sender struct {
	DB     *tenants.DB // of the api role
	Vault  *vault.Vault
	Client *Client
	Bodies Bodies
	Now    func() time.Time // of the rows
	Wall   func() time.Time // of the signatures: receivers compare it with their own clock
	Log    *slog.Logger
	Next   func() <-chan struct{} // returns a channel that is closed when a feed has grown; nil: nobody tells

	once             sync.Once
	healthy, doubted chan struct{} // rooms for endpoints
	group            sync.WaitGroup
	mu               sync.Mutex
	under            map[domain.UUID]bool
	ended            chan struct{}
}

const (
	healthyRooms = 48 // endpoints that this process sends to at once
	doubtedRooms = 16 // and of those whose last delivery failed: they keep no other waiting
	atOnceEach   = 8  // deliveries to one endpoint at once
	batch        = 32 // deliveries between two looks at the endpoint's row
	turns        = 16 // batches until another endpoint may have the room
	leaseLife    = 2 * time.Minute
	sweepPause   = time.Second
	growthPause  = 20 * time.Millisecond // between two sweeps, however often a feed grows
	giveBackTime = 5 * time.Second
	trimEvery    = time.Hour
)

func (s *Sender) start() {
	s.once.Do(func() {
		s.healthy, s.doubted = make(chan struct{}, healthyRooms), make(chan struct{}, doubtedRooms)
		s.under, s.ended = map[domain.UUID]bool{}, make(chan struct{}, 1)
		s.Client.Start()
	})
}

// Run sends until ctx ends, and returns once every endpoint was given back: what is under way is cut off,
// and tried again by whoever takes the endpoint next.
func (s *Sender) Run(ctx context.Context) {
	s.start()
	defer s.Client.Close()
	defer s.group.Wait()
	var trimmed time.Time
	for ctx.Err() == nil {
		grown := s.next() // before the look, so that nothing falls between
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "endpoints not looked at", "err", err)
		}
		if now := s.Now(); now.Sub(trimmed).Abs() >= trimEvery {
			trimmed = now
			s.trim(ctx)
		}
		if !pause(ctx, growthPause) {
			return
		}
		select {
		case <-ctx.Done():
		case <-grown:
		case <-s.ended:
		case <-time.After(sweepPause):
		}
	}
}

func (s *Sender) next() <-chan struct{} {
	if s.Next == nil {
		return nil
	}
	return s.Next()
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// trim drops tries that are older than they are kept.
func (s *Sender) trim(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := store.TrimDeliveries(s.DB, ctx, s.Now().UTC().Add(-store.DeliveriesKept))
		if err != nil {
			s.Log.WarnContext(ctx, "old deliveries not dropped", "err", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}

// Sweep begins to send to the endpoints that have something to get and that nobody sends to, as long as
// there is room.
func (s *Sender) Sweep(ctx context.Context) error {
	s.start()
	due, err := store.Due(s.DB, ctx, s.Now().UTC(), healthyRooms+doubtedRooms)
	for _, d := range due {
		rooms := s.healthy
		if d.Suspect {
			rooms = s.doubted
		}
		if ctx.Err() != nil || !s.enter(d.ID, rooms) {
			continue
		}
		s.group.Go(func() {
			defer s.leave(d.ID, rooms)
			if err := s.serve(ctx, d); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "endpoint put off", "clinic", d.Clinic, "endpoint", store.Name(d.ID), "err", err)
			}
		})
	}
	return err
}

// Wait returns when nothing that Sweep began is under way.
func (s *Sender) Wait() { s.group.Wait() }

func (s *Sender) enter(id domain.UUID, rooms chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.under[id] {
		return false
	}
	select {
	case rooms <- struct{}{}:
	default:
		return false
	}
	s.under[id] = true
	return true
}

func (s *Sender) leave(id domain.UUID, rooms chan struct{}) {
	s.mu.Lock()
	delete(s.under, id)
	s.mu.Unlock()
	<-rooms
	select {
	case s.ended <- struct{}{}:
	default:
	}
}

// in runs fn in a transaction of the endpoint's clinic, or of the platform.
func (s *Sender) in(ctx context.Context, clinic domain.ClinicID, fn func(*tenants.Tx) error) error {
	if clinic == 0 {
		return s.DB.Platform(ctx, fn)
	}
	return s.DB.In(ctx, clinic, fn)
}

// serve takes an endpoint, sends to it for its turn, and gives it back.
func (s *Sender) serve(ctx context.Context, d store.DueEndpoint) (err error) {
	var h *store.Hold
	holder := rand.Text()
	err = s.in(ctx, d.Clinic, func(tx *tenants.Tx) (err error) {
		now := s.Now().UTC()
		h, err = store.Take(tx, s.Vault, d.ID, holder, now, now.Add(leaseLife))
		return err
	})
	if err != nil || h == nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
		defer cancel()
		back := s.in(ctx, d.Clinic, func(tx *tenants.Tx) error { return h.Give(tx, s.Now().UTC()) })
		err = errors.Join(err, back)
	}()
	if h.TestAsked() {
		if err := s.test(ctx, h); err != nil {
			return err
		}
	}
	for range turns {
		sent, err := s.step(ctx, h)
		if errors.Is(err, store.ErrLost) {
			return nil
		}
		if err != nil || sent == 0 || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// step sends one batch, and notes how it went. It returns how many were sent.
func (s *Sender) step(ctx context.Context, h *store.Hold) (sent int, err error) {
	most := batch
	if h.Failures > 0 {
		most = 1 // whether it is well again, one delivery tells
	}
	var entries []store.Entry
	err = s.in(ctx, h.Clinic, func(tx *tenants.Tx) (err error) {
		now := s.Now().UTC()
		entries, err = h.Next(tx, now, now.Add(leaseLife), most)
		return err
	})
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	bodies, err := s.bodies(ctx, h, entries)
	if err != nil {
		return 0, err
	}
	outcomes := s.send(ctx, h, entries, bodies)
	if len(outcomes) == 0 {
		return 0, nil
	}
	return len(outcomes), s.settle(ctx, h, outcomes)
}

// settle notes outcomes, also when the process is about to end: what arrived need not come twice.
func (s *Sender) settle(ctx context.Context, h *store.Hold, outcomes []store.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
	defer cancel()
	return s.in(ctx, h.Clinic, func(tx *tenants.Tx) error {
		return h.Settle(tx, outcomes, s.Now().UTC(), mathrand.Float64)
	})
}
