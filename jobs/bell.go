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

// Bell rings for clinics that have work: a nudge by pub/sub, so that an idle worker starts
// at once, and an asynq task, at most one outstanding a clinic. Safe for concurrent use.
type Bell struct {
	client  *asynq.Client
	redis   redis.UniversalClient
	breaker *gobreaker.CircuitBreaker[any]
	nudger  *shouter

	mu   sync.Mutex
	rung map[domain.ClinicID]time.Time // clinics with a task outstanding
	todo chan domain.ClinicID
	log  *slog.Logger
}

// enqueuers are how many tasks may be on their way to Redis at once.
const enqueuers = 4

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
	b.nudger = newShouter(ctx, func(ctx context.Context, payload []byte) error {
		_, err := b.breaker.Execute(func() (any, error) { return nil, r.Publish(ctx, nudges, payload).Err() })
		return err
	})
	for range enqueuers {
		go b.enqueue(ctx)
	}
	go b.listen(ctx)
	return b
}

// Ring says that clinic has work. It returns at once; when Redis is away the sweep will find it.
func (b *Bell) Ring(clinic domain.ClinicID) {
	b.nudger.add(clinic)
	now := time.Now()
	b.mu.Lock()
	last, ringing := b.rung[clinic]
	if !ringing || now.Sub(last) >= outstanding {
		b.rung[clinic] = now
		select {
		case b.todo <- clinic:
		default: // the sweep has it
		}
	}
	b.mu.Unlock()
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

// listen forgets a task when a worker has begun to work on its clinic: what is committed
// from then on needs another.
func (b *Bell) listen(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, woken)
	defer sub.Close()
	for m := range receive(ctx, sub) {
		b.mu.Lock()
		for _, clinic := range clinicsOf([]byte(m.Payload)) {
			delete(b.rung, clinic)
		}
		b.mu.Unlock()
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
