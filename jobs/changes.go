package jobs

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"

	"patapay/domain"
)

// changed is where workers tell which clinics' feeds have grown.
const changed = "patapay:changed"

// Changes tells readers of the feed when there is more to read. Like the doorbell it may
// lose a word: readers look by themselves each second.
type Changes struct {
	mu   sync.Mutex
	next map[domain.ClinicID]chan struct{} // closed at the clinic's next change; 0: of any clinic
}

// NewChanges listens on r until ctx ends; without r (DOORBELL=off) it never tells.
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
