package jobs

import (
	"context"
	"sync"
	"time"

	"patapay/domain"
)

// batchPublisher tells of clinics, many in one message: a message each would wait for the
// one before it, and at a thousand events a second the last of two hundred clinics would be
// told of half a second late (measured). A lone clinic goes at once.
type batchPublisher struct {
	publish func(ctx context.Context, batch []notice) error
	mu      sync.Mutex
	waiting map[domain.ClinicID]time.Time // when each was last told of
	some    chan struct{}                 // has one token while any wait
}

// publishPause is the rest between two messages, in which others gather.
const publishPause = 2 * time.Millisecond

// newBatchPublisher publishes until ctx ends. What cannot be published is forgotten: whoever
// waits for it looks by itself each second.
func newBatchPublisher(ctx context.Context, publish func(context.Context, []notice) error) *batchPublisher {
	p := &batchPublisher{publish: publish, waiting: map[domain.ClinicID]time.Time{}, some: make(chan struct{}, 1)}
	go p.run(ctx)
	return p
}

// add tells of a clinic soon, once however often it is added meanwhile.
func (p *batchPublisher) add(clinic domain.ClinicID) {
	p.mu.Lock()
	p.waiting[clinic] = time.Now()
	p.mu.Unlock()
	select {
	case p.some <- struct{}{}:
	default:
	}
}

func (p *batchPublisher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.some:
		}
		one, cancel := context.WithTimeout(ctx, redisLimit)
		_ = p.publish(one, p.take())
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(publishPause):
		}
	}
}

func (p *batchPublisher) take() (batch []notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for clinic, at := range p.waiting {
		batch = append(batch, notice{clinic, at})
	}
	clear(p.waiting)
	return batch
}
