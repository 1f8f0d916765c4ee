package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
)

const (
	guardAtOnce = 12 // clinics of a process; a turn mostly waits, for the gateway or for the worker
	guardBatch  = 50 // clinics asked for at once
)

// Guard looks after every connected clinic whose turn has come: it reads the configuration
// at the gateway, moves the state, resumes a paused queue once our own door was tried,
// repairs drift, compares what may have been missed, imports the first 90 days, and
// compares each night. It returns how many clinics it looked after, once all of them are.
// Of two calls at once, in whatever processes, one works for a clinic: a lease keeps the
// other off, and the next turn is set before it ends. A clinic that fails holds nobody up;
// the errors come back joined.
func (c *Connector) Guard(ctx context.Context) (looked int, err error) {
	var mu sync.Mutex
	var failures []error
	w := newWatch(c, func(did bool, failed error) {
		mu.Lock()
		defer mu.Unlock()
		if did {
			looked++
		}
		failures = append(failures, failed)
	})
	failed := w.begin(ctx)
	w.group.Wait()
	return looked, errors.Join(append(failures, failed)...)
}

// Watch is Guard for as long as ctx lives: it asks whose turn has come, lets pause pass and
// asks again, and never waits for a turn under way: an import of minutes holds up nobody
// else's first look. It tells failed of what went wrong, in several goroutines, and returns
// when the last turn has given its clinic back.
func (c *Connector) Watch(ctx context.Context, pause func() time.Duration, failed func(error)) {
	w := newWatch(c, func(_ bool, err error) {
		if err != nil {
			failed(err)
		}
	})
	defer w.group.Wait()
	for {
		if err := w.begin(ctx); err != nil {
			failed(err)
		}
		if !asaasapi.Sleep(ctx, pause()) {
			return
		}
	}
}

// watch is the turns under way.
type watch struct {
	*Connector
	group sync.WaitGroup
	slots chan struct{}
	ended func(did bool, err error) // called by several at once
}

func newWatch(c *Connector, ended func(bool, error)) *watch {
	return &watch{Connector: c, slots: make(chan struct{}, guardAtOnce), ended: ended}
}

// begin begins the turns that have come, as slots get free.
func (w *watch) begin(ctx context.Context) error {
	due, err := connection.DueForCheck(w.DB, ctx, w.Now().UTC(), guardBatch)
	for _, id := range due {
		select {
		case <-ctx.Done():
			return nil
		case w.slots <- struct{}{}:
		}
		w.group.Go(func() {
			defer func() { <-w.slots }()
			did, err := w.guardOne(ctx, id)
			if err != nil {
				err = fmt.Errorf("clinic %d: %w", id, err)
			}
			w.ended(did, err)
		})
	}
	return err
}
