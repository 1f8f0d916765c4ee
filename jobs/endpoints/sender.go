package endpoints

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
	store "patapay/tenants/endpoints"
	"patapay/tenants/query"
	"patapay/tenants/vault"
)

// Bodies tells what entries of the feed say, as their reader gets them.
type Bodies interface {
	// Body returns an entry in JSON. whole: with its object; personal: with names and documents of people.
	Body(ctx context.Context, e query.Entry, whole, personal bool) ([]byte, error)
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

	batch            int // tests: entries of a batch; 0: batch
	once             sync.Once
	healthy, doubted chan struct{} // rooms for endpoints
	group            sync.WaitGroup
	mu               sync.Mutex
	under            map[domain.UUID]bool
	ended            chan struct{}
}

const (
	healthyRooms = 48               // endpoints that this process sends to at once
	doubtedRooms = 16               // and of those whose last delivery failed: they keep no other waiting
	atOnceEach   = 8                // deliveries to one endpoint at once
	batch        = 256              // deliveries between two looks at the endpoint's row; twice as many may come again
	turns        = 16               // batches until another endpoint may have the room
	batchTime    = 10 * time.Second // for beginning the deliveries of a batch; the last one has Patience
	leaseLife    = 2 * time.Minute
	sweepPause   = time.Second
	growthPause  = 20 * time.Millisecond // between two sweeps, however often a feed grows
	settleTime   = 10 * time.Second
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
	var trimmed, asked time.Time
	exist := false
	for ctx.Err() == nil {
		grown := s.grown() // before the look, so that nothing falls between
		var err error
		if time.Since(asked) >= sweepPause {
			asked = time.Now()
			exist, err = store.Exist(s.DB, ctx)
		}
		if exist {
			err = errors.Join(err, s.Sweep(ctx))
		} else {
			grown = nil // most feeds grow for nobody; whoever is added waits for a second at most
		}
		if err != nil && ctx.Err() == nil {
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

func (s *Sender) grown() <-chan struct{} {
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

// sent is a batch that was sent, and how.
type sent struct {
	store.Batch
	outcomes []store.Outcome
}

// serve takes an endpoint, sends to it for its turn, and gives it back.
func (s *Sender) serve(ctx context.Context, d store.DueEndpoint) error {
	h, b, err := s.take(ctx, d)
	if err != nil || h == nil || len(b.Entries) == 0 && !h.TestAsked() {
		return err
	}
	var before sent // its rows are written while the next one is sent
	for turn := 1; ; turn++ {
		target := *h // beside the sending the hold is prolonged, which reads its row again
		following := s.ahead(ctx, h, before, b, turn < turns)
		var now sent
		var unread error
		if turn == 1 && h.TestAsked() {
			now.outcomes, unread = s.test(ctx, &target)
		} else {
			now.Batch = b
			now.outcomes, unread = s.send(ctx, &target, b)
		}
		b, err = following()
		if err == nil && len(b.Entries) > 0 && now.arrived() {
			before = now
			continue
		}
		before = sent{}
		more := turn < turns && len(now.outcomes) > 0 && err == nil && unread == nil && ctx.Err() == nil
		var unsettled error
		b, unsettled = s.settle(ctx, h, now, more)
		if err = errors.Join(err, unread, unsettled); err != nil || len(b.Entries) == 0 {
			return err
		}
	}
}

// arrived tells whether the whole batch did.
func (s *sent) arrived() bool {
	failed := slices.ContainsFunc(s.outcomes, func(o store.Outcome) bool { return o.Reason != "" })
	return !failed && len(s.outcomes) == len(s.Entries)
}

// ahead notes how the batch before went and reads what follows the present one, both while that one is sent; what it
// returns waits for it.
func (s *Sender) ahead(
	ctx context.Context, h *store.Hold, before sent, b store.Batch, more bool,
) func() (store.Batch, error) {
	if len(before.outcomes) == 0 && (!more || !b.Full()) {
		return func() (store.Batch, error) { return store.Batch{}, nil }
	}
	var next store.Batch
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = s.lasting(ctx, h, func(tx *tenants.Tx) (err error) {
			next = store.Batch{}
			if len(before.outcomes) > 0 {
				err = h.Settle(tx, before.Batch, before.outcomes, s.Now().UTC(), mathrand.Float64)
			}
			if err == nil && more {
				now := s.Now().UTC()
				if next, err = h.After(tx, b, now, now.Add(leaseLife), cmp.Or(s.batch, batch)); errors.Is(err, store.ErrLost) {
					err = nil // whoever has it reads on
				}
			}
			return err
		})
		if err != nil && len(before.outcomes) > 0 { // what cannot be read does not undo what arrived
			err = errors.Join(err, s.lasting(ctx, h, func(tx *tenants.Tx) error {
				return h.Settle(tx, before.Batch, before.outcomes, s.Now().UTC(), mathrand.Float64)
			}))
		}
	}()
	return func() (store.Batch, error) { <-done; return next, err }
}

// lasting runs fn in a transaction of the endpoint's that outlives ctx for a while: what arrived need not come twice
// because the process ends.
func (s *Sender) lasting(ctx context.Context, h *store.Hold, fn func(*tenants.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return s.in(ctx, h.Clinic, fn)
}

// take takes an endpoint with its first batch, which a test has none of; nil when another process has it.
func (s *Sender) take(ctx context.Context, d store.DueEndpoint) (h *store.Hold, b store.Batch, err error) {
	holder := rand.Text()
	err = s.in(ctx, d.Clinic, func(tx *tenants.Tx) (err error) {
		now := s.Now().UTC()
		h, err = store.Take(tx, s.Vault, d.ID, holder, now, now.Add(leaseLife))
		if b = (store.Batch{}); err != nil || h == nil || h.TestAsked() {
			return err
		}
		b, err = s.next(tx, h)
		return err
	})
	return h, b, err
}

// next hands out a batch, and gives the endpoint back when there is none.
func (s *Sender) next(tx *tenants.Tx, h *store.Hold) (b store.Batch, err error) {
	now := s.Now().UTC()
	b, err = h.Next(tx, now, now.Add(leaseLife), cmp.Or(s.batch, batch))
	switch {
	case errors.Is(err, store.ErrLost):
		return b, nil
	case err == nil && len(b.Entries) == 0:
		err = h.Give(tx, now)
	}
	return b, err
}

// settle notes how a batch went. In the same transaction it hands out the next one, or gives the endpoint back when
// there shall be no more or is none.
func (s *Sender) settle(ctx context.Context, h *store.Hold, now sent, more bool) (next store.Batch, err error) {
	err = s.lasting(ctx, h, func(tx *tenants.Tx) (err error) {
		next = store.Batch{}
		if len(now.outcomes) > 0 {
			err = h.Settle(tx, now.Batch, now.outcomes, s.Now().UTC(), mathrand.Float64)
		}
		switch {
		case err == nil && more:
			next, err = s.next(tx, h)
		case err == nil:
			err = h.Give(tx, s.Now().UTC())
		}
		return err
	})
	if err != nil && more { // what cannot be handed out does not undo what arrived
		_, again := s.settle(ctx, h, now, false)
		return store.Batch{}, errors.Join(err, again)
	}
	return next, err
}
