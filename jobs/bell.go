package jobs

import (
	"context"
	"encoding/binary"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"

	"patapay/domain"
)

// The queue is a doorbell: a task says "clinic N has work" and nothing else, so a lost one
// costs a second, until the sweep, and a doubled one finds nothing to do. TaskID, Unique
// and Retention are not used: each can block the next ring (docs/reliability.md, asynq).
const (
	wakeTask  = "clinic:wake"
	wakeQueue = "wake"
	rings     = "patapay:rings" // sorted set: clinics to wake, by when they were first rung for
	woken     = "patapay:woken" // channel: clinics a worker has begun to work on
)

const (
	ringLimit   = 200 * time.Millisecond // dial, read and write of the bell's Redis client
	patience    = 250 * time.Millisecond // a nudge that no worker has acted on by then becomes a task
	outstanding = 2 * time.Second        // a task not taken by then may be rung again
)

// Bell rings for clinics that have work: a nudge, which the first free worker takes at
// once, and an asynq task, at most one outstanding a clinic, where the nudge was not
// enough: nobody began within a quarter of a second. A task for every ring would cost a
// sixth of an event's processor time and find its work done (measured), and a nudge that
// all workers hear would start all of them for the work of one. Safe for concurrent use.
type Bell struct {
	client  *asynq.Client
	redis   redis.UniversalClient
	breaker *gobreaker.CircuitBreaker[any]
	nudger  *shouter

	mu   sync.Mutex
	rung map[domain.ClinicID]*ring // clinics that no worker is known to have begun on
	todo chan domain.ClinicID
	log  *slog.Logger
}

// ring is what waits for a worker to begin.
type ring struct {
	first, last time.Time // of the rings since the last known beginning
	tasked      time.Time // when a task was handed out for them; zero: not yet
}

// enqueuers are how many tasks may be on their way to Redis at once.
const enqueuers = 4

// NewBell returns a bell on r, whose time-outs should be ringLimit or less, and rings
// until ctx ends.
func NewBell(ctx context.Context, r redis.UniversalClient, log *slog.Logger) *Bell {
	b := &Bell{
		client: asynq.NewClientFromRedisClient(r), redis: r, log: log,
		rung: map[domain.ClinicID]*ring{}, todo: make(chan domain.ClinicID, 4096),
		breaker: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
			Name: "doorbell", Timeout: 2 * time.Second,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 3 },
			OnStateChange: func(_ string, from, to gobreaker.State) {
				log.Warn("doorbell", "from", from.String(), "to", to.String())
			},
		}),
	}
	b.nudger = newShouter(ctx, b.nudge)
	for range enqueuers {
		go b.enqueue(ctx)
	}
	go b.listen(ctx)
	go b.remind(ctx)
	return b
}

// Ring says that clinic has work. It returns at once; when Redis is away the sweep will find it.
func (b *Bell) Ring(clinic domain.ClinicID) {
	now := time.Now()
	b.mu.Lock()
	if r := b.rung[clinic]; r != nil {
		r.last = now
	} else {
		b.rung[clinic] = &ring{first: now, last: now}
	}
	b.mu.Unlock()
	b.nudger.add(clinic)
}

// nudge lays the clinics' rings out for the workers, each clinic once: who has waited
// longest is taken first, however often another rings.
func (b *Bell) nudge(ctx context.Context, payloads []byte) error {
	var members []redis.Z
	for ; len(payloads) >= payloadSize; payloads = payloads[payloadSize:] {
		if clinic, at, ok := clinicOf(payloads[:payloadSize]); ok {
			members = append(members, redis.Z{Score: float64(at.UnixMicro()), Member: int64(clinic)})
		}
	}
	_, err := b.breaker.Execute(func() (any, error) { return nil, b.redis.ZAddNX(ctx, rings, members...).Err() })
	return err
}

// remind hands out tasks for the rings that no worker has begun on.
func (b *Bell) remind(ctx context.Context) {
	for tick := time.NewTicker(patience / 2); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case now := <-tick.C:
			b.hand(b.unheard(now))
		}
	}
}

func (b *Bell) unheard(now time.Time) (clinics []domain.ClinicID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for clinic, r := range b.rung {
		switch {
		case !r.tasked.IsZero() && now.Sub(r.tasked) >= outstanding:
			delete(b.rung, clinic) // what is still to be done the sweep has, or the next ring
		case now.Sub(r.first) >= patience:
			clinics = append(clinics, clinic)
		}
	}
	return clinics
}

// hand queues a task for each clinic that has none outstanding.
func (b *Bell) hand(clinics []domain.ClinicID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, clinic := range clinics {
		if r := b.rung[clinic]; r != nil && r.tasked.IsZero() {
			r.tasked = time.Now()
			select {
			case b.todo <- clinic:
			default: // the sweep has it
			}
		}
	}
}

// again lets a task that could not be queued be handed out once more, in a while.
func (b *Bell) again(clinic domain.ClinicID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.rung[clinic]; r != nil {
		r.first, r.tasked = time.Now(), time.Time{}
	}
}

// began forgets the rings of a clinic up to at, when a worker began to work on it: what is
// committed from then on needs another.
func (b *Bell) began(clinic domain.ClinicID, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r := b.rung[clinic]; {
	case r == nil:
	case r.last.After(at):
		*r = ring{first: r.last, last: r.last}
	default:
		delete(b.rung, clinic)
	}
}

// enqueue hands tasks to asynq until ctx ends.
func (b *Bell) enqueue(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case clinic := <-b.todo:
			if _, err := b.breaker.Execute(func() (any, error) { return nil, b.task(ctx, clinic) }); err != nil {
				b.log.Debug("left for the sweep", "clinic", clinic, "err", err)
				b.again(clinic)
			}
		}
	}
}

func (b *Bell) task(ctx context.Context, clinic domain.ClinicID) error {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	_, err := b.client.EnqueueContext(ctx, asynq.NewTask(wakeTask, payloadOf(clinic, time.Now())), asynq.Queue(wakeQueue), asynq.MaxRetry(1), asynq.Timeout(30*time.Second))
	return err
}

// listen hears which clinics the workers have begun to work on.
func (b *Bell) listen(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, woken)
	defer sub.Close()
	for m := range receive(ctx, sub) {
		for payloads := []byte(m.Payload); len(payloads) >= payloadSize; payloads = payloads[payloadSize:] {
			if clinic, at, ok := clinicOf(payloads[:payloadSize]); ok {
				b.began(clinic, at)
			}
		}
	}
}

// receive returns the messages of sub until ctx ends; go-redis subscribes again by itself.
func receive(ctx context.Context, sub *redis.PubSub) <-chan *redis.Message {
	out := make(chan *redis.Message, 256)
	go func() {
		defer close(out)
		in := sub.Channel(redis.WithChannelSize(4096))
		for {
			select {
			case <-ctx.Done():
				return
			case m, open := <-in:
				if !open {
					return
				}
				select {
				case out <- m:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// payloadSize is that of one clinic's ring.
const payloadSize = 12

// payloadOf is a clinic's number and when it was rung for: ids only, no data.
func payloadOf(clinic domain.ClinicID, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(clinic)), uint64(at.UnixMicro()))
}

func clinicOf(payload []byte) (domain.ClinicID, time.Time, bool) {
	if len(payload) != payloadSize {
		return 0, time.Time{}, false
	}
	clinic := domain.ClinicID(binary.BigEndian.Uint32(payload))
	return clinic, time.UnixMicro(int64(binary.BigEndian.Uint64(payload[4:]))), clinic > 0
}

// clinicsOf reads many payloads, one behind the other; a rest that is none is left out.
func clinicsOf(payloads []byte) (clinics []domain.ClinicID) {
	for ; len(payloads) >= payloadSize; payloads = payloads[payloadSize:] {
		if clinic, _, ok := clinicOf(payloads[:payloadSize]); ok {
			clinics = append(clinics, clinic)
		}
	}
	return clinics
}

// NoBell is the bell of DOORBELL=off: the sweep carries everything.
type NoBell struct{}

// Ring does nothing.
func (NoBell) Ring(domain.ClinicID) {}
