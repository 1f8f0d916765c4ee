package jobs

import (
	"context"
	"sync"
	"time"

	"patapay/domain"
)

// shouter publishes clinics, many in one message: a message each would wait for the one
// before it, and at a thousand events a second the last of two hundred clinics would be
// told half a second late (measured). A lone clinic goes at once.
type shouter struct {
	publish func(ctx context.Context, payloads []byte) error
	mu      sync.Mutex
	waiting map[domain.ClinicID]time.Time // when each was last told of
	some    chan struct{}                 // has one token while any wait
}

// shoutPause is the rest between two messages, in which others gather.
const shoutPause = 2 * time.Millisecond

// newShouter publishes until ctx ends. What cannot be published is forgotten: the sweep has it.
func newShouter(ctx context.Context, publish func(context.Context, []byte) error) *shouter {
	s := &shouter{publish: publish, waiting: map[domain.ClinicID]time.Time{}, some: make(chan struct{}, 1)}
	go s.run(ctx)
	return s
}

// add tells of a clinic soon, once however often it is added meanwhile.
func (s *shouter) add(clinic domain.ClinicID) {
	s.mu.Lock()
	s.waiting[clinic] = time.Now()
	s.mu.Unlock()
	select {
	case s.some <- struct{}{}:
	default:
	}
}

func (s *shouter) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.some:
		}
		one, cancel := context.WithTimeout(ctx, ringLimit)
		_ = s.publish(one, s.take())
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(shoutPause):
		}
	}
}

func (s *shouter) take() (payloads []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for clinic, at := range s.waiting {
		payloads = append(payloads, payloadOf(clinic, at)...)
	}
	clear(s.waiting)
	return payloads
}
