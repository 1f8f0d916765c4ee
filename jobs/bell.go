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
// and Retention are not used: each can block the next ring (reliability.md, 1.2).
const (
	wakeTask  = "clinic:wake"
	wakeQueue = "wake"
	nudges    = "patapay:nudge" // clinics to wake now
	woken     = "patapay:woken" // clinics a worker has begun to work on
)

const (
	ringLimit   = 200 * time.Millisecond // dial, read and write of the bell's Redis client
	outstanding = 2 * time.Second        // a ring not answered by then may be rung again
)

// Bell rings for clinics that have work: an asynq task, at most one outstanding a clinic,
// and a nudge by pub/sub so that an idle worker starts at once. Safe for concurrent use.
type Bell struct {
	client  *asynq.Client
	redis   redis.UniversalClient
	breaker *gobreaker.CircuitBreaker[any]
	log     *slog.Logger

	mu   sync.Mutex
	rung map[domain.ClinicID]time.Time
	todo chan domain.ClinicID
}

// NewBell returns a bell on r, whose time-outs should be ringLimit or less, and rings
// until ctx ends.
func NewBell(ctx context.Context, r redis.UniversalClient, log *slog.Logger) *Bell {
	b := &Bell{
		client: asynq.NewClientFromRedisClient(r), redis: r, log: log,
		rung: map[domain.ClinicID]time.Time{}, todo: make(chan domain.ClinicID, 4096),
		breaker: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
			Name: "doorbell", Timeout: 2 * time.Second,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= 3 },
			OnStateChange: func(_ string, from, to gobreaker.State) {
				log.Warn("doorbell", "from", from.String(), "to", to.String())
			},
		}),
	}
	go b.ring(ctx)
	go b.listen(ctx)
	return b
}

// Ring says that clinic has work. It returns at once; when Redis is away the sweep will find it.
func (b *Bell) Ring(clinic domain.ClinicID) {
	now := time.Now()
	b.mu.Lock()
	last, ringing := b.rung[clinic]
	if ringing && now.Sub(last) < outstanding {
		b.mu.Unlock()
		return
	}
	b.rung[clinic] = now
	b.mu.Unlock()
	select {
	case b.todo <- clinic:
	default: // the sweep has it
	}
}

func (b *Bell) ring(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case clinic := <-b.todo:
			if _, err := b.breaker.Execute(func() (any, error) { return nil, b.enqueue(ctx, clinic) }); err != nil {
				b.log.Debug("left for the sweep", "clinic", clinic, "err", err)
			}
		}
	}
}

func (b *Bell) enqueue(ctx context.Context, clinic domain.ClinicID) error {
	ctx, cancel := context.WithTimeout(ctx, ringLimit)
	defer cancel()
	payload := payloadOf(clinic, time.Now())
	if err := b.redis.Publish(ctx, nudges, payload).Err(); err != nil {
		return err
	}
	_, err := b.client.EnqueueContext(ctx, asynq.NewTask(wakeTask, payload), asynq.Queue(wakeQueue), asynq.MaxRetry(1), asynq.Timeout(30*time.Second))
	return err
}

// listen forgets a ring when a worker has begun to work on it: what is committed from then
// on needs another.
func (b *Bell) listen(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, woken)
	defer sub.Close()
	for m := range receive(ctx, sub) {
		if clinic, _, ok := clinicOf([]byte(m.Payload)); ok {
			b.mu.Lock()
			delete(b.rung, clinic)
			b.mu.Unlock()
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

// payloadOf is a clinic's number and when it was rung for: ids only, no data.
func payloadOf(clinic domain.ClinicID, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(clinic)), uint64(at.UnixMicro()))
}

func clinicOf(payload []byte) (domain.ClinicID, time.Time, bool) {
	if len(payload) != 12 {
		return 0, time.Time{}, false
	}
	clinic := domain.ClinicID(binary.BigEndian.Uint32(payload))
	return clinic, time.UnixMicro(int64(binary.BigEndian.Uint64(payload[4:]))), clinic > 0
}

// NoBell is the bell of DOORBELL=off: the sweep carries everything.
type NoBell struct{}

// Ring does nothing.
func (NoBell) Ring(domain.ClinicID) {}
