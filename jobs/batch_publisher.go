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
	gather  gathering
	mu      sync.Mutex
	waiting map[domain.ClinicID]time.Time // when each was last told of
	some    chan struct{}                 // has one token while any wait
	enough  chan struct{}                 // has one token when so many came to wait that they go at once
	ended   chan struct{}                 // closed once nothing more is told of
}

// gathering is how a publisher waits after a message: for so long, or until so many clinics wait.
type gathering struct {
	pause time.Duration
	most  int
}

// newBatchPublisher publishes until ctx ends, and then what still waits. What cannot be
// published is forgotten: whoever waits for it looks by itself each second.
func newBatchPublisher(
	ctx context.Context, gather gathering, publish func(context.Context, []notice) error,
) *batchPublisher {
	p := &batchPublisher{
		publish: publish, gather: gather, waiting: map[domain.ClinicID]time.Time{},
		some: make(chan struct{}, 1), enough: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go p.run(ctx)
	return p
}

// add tells of a clinic soon, once however often it is added meanwhile.
func (p *batchPublisher) add(clinic domain.ClinicID) {
	p.mu.Lock()
	p.waiting[clinic] = time.Now()
	full := len(p.waiting) >= p.gather.most
	p.mu.Unlock()
	signal(p.some)
	if full {
		signal(p.enough)
	}
}

// signal puts a token into a channel that has none.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (p *batchPublisher) run(ctx context.Context) {
	work := context.WithoutCancel(ctx) // a message that is under way is sent, not cut
	defer close(p.ended)
	defer p.tell(work)
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.some:
		}
		p.tell(work)
		select {
		case <-ctx.Done():
			return
		case <-p.enough:
		case <-time.After(p.gather.pause):
		}
	}
}

// tell publishes those that wait, if any do.
func (p *batchPublisher) tell(ctx context.Context) {
	batch := p.take()
	if len(batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, redisLimit)
	defer cancel()
	_ = p.publish(ctx, batch)
}

func (p *batchPublisher) take() (batch []notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for clinic, at := range p.waiting {
		batch = append(batch, notice{clinic, at})
	}
	clear(p.waiting)
	select {
	case <-p.enough: // of those who go now
	default:
	}
	return batch
}
