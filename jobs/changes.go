package jobs

import (
	"context"
	"encoding/binary"
	"math"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"patapay/domain"
)

// changed is where workers tell which clinics' feeds have grown.
const changed = "patapay:changed"

// Changes tells readers of the feed when there is more to read. It may lose a
// word: readers look by themselves each second.
type Changes struct {
	mu   sync.Mutex
	next map[domain.ClinicID]chan struct{} // closed at the clinic's next change; 0: of any clinic
}

// NewChanges listens on r until ctx ends; without r (NOTIFICATIONS=off) it never tells.
func NewChanges(ctx context.Context, r redis.UniversalClient) *Changes {
	c := &Changes{next: map[domain.ClinicID]chan struct{}{}}
	if r != nil {
		go c.listen(ctx, r)
	}
	return c
}

// Next returns a channel that is closed at the next change of the clinic, 0 for any.
func (c *Changes) Next(clinic domain.ClinicID) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next[clinic] == nil {
		c.next[clinic] = make(chan struct{})
	}
	return c.next[clinic]
}

func (c *Changes) listen(ctx context.Context, r redis.UniversalClient) {
	sub := r.Subscribe(ctx, changed)
	defer sub.Close()
	for m := range receive(ctx, sub) {
		c.tell(clinicsOf([]byte(m.Payload)))
	}
}

func (c *Changes) tell(clinics []domain.ClinicID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, clinic := range append(clinics, 0) {
		if waiting := c.next[clinic]; waiting != nil {
			close(waiting)
			delete(c.next, clinic)
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

// changesGather is how changes gather: hardly, since somebody may look at the page.
var changesGather = gathering{pause: 2 * time.Millisecond, most: math.MaxInt}

// newChangePublisher tells the readers of feeds, until ctx ends.
func newChangePublisher(ctx context.Context, r redis.UniversalClient) *batchPublisher {
	return newBatchPublisher(ctx, changesGather, func(ctx context.Context, batch []notice) error {
		var payload []byte
		for _, n := range batch {
			payload = append(payload, changePayload(n.clinic, n.at)...)
		}
		return r.Publish(ctx, changed, payload).Err()
	})
}

// changeSize is that of one clinic's change.
const changeSize = 12

// changePayload is a clinic's number and when its feed grew: ids only, no data.
func changePayload(clinic domain.ClinicID, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(clinic)), uint64(at.UnixMicro()))
}

// clinicsOf reads many payloads, one behind the other; what is none is left out.
func clinicsOf(payloads []byte) (clinics []domain.ClinicID) {
	for ; len(payloads) >= changeSize; payloads = payloads[changeSize:] {
		if clinic := domain.ClinicID(binary.BigEndian.Uint32(payloads)); clinic > 0 {
			clinics = append(clinics, clinic)
		}
	}
	return clinics
}
