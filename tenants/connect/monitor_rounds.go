package connect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/connection"
)

const (
	clinicsAtOnce = 12 // clinics of a process; a turn mostly waits, for the gateway or for the worker
	monitorBatch  = 50 // clinics asked for at once
)

// Monitor checks every connected clinic whose turn has come: it reads the configuration
// at the gateway, moves the state, resumes a paused queue once our own door was tried,
// repairs drift, compares what may have been missed, imports the first 90 days, and
// compares each night. It returns how many clinics it looked after, once all of them are.
// Of two calls at once, in whatever processes, one works for a clinic: a lease keeps the
// other off, and the next turn is set before it ends. A clinic that fails holds nobody up;
// the errors come back joined.
func (c *Connector) Monitor(ctx context.Context) (checked int, err error) {
	var mu sync.Mutex
	var failures []error
	t := c.turns(func(did bool, failed error) {
		mu.Lock()
		defer mu.Unlock()
		if did {
			checked++
		}
		failures = append(failures, failed)
	})
	failed := t.Begin(ctx)
	t.Wait()
	return checked, errors.Join(append(failures, failed)...)
}

// Turns is what somebody who looks after the connections all the time has under way.
type Turns struct {
	*Connector
	group sync.WaitGroup
	slots chan struct{}
	ended func(did bool, err error) // called by several at once
}

// Turns returns turns of which none has begun. failed is told of what goes wrong in one of
// them, in several goroutines.
func (c *Connector) Turns(failed func(error)) *Turns {
	return c.turns(func(_ bool, err error) {
		if err != nil {
			failed(err)
		}
	})
}

func (c *Connector) turns(ended func(bool, error)) *Turns {
	return &Turns{Connector: c, slots: make(chan struct{}, clinicsAtOnce), ended: ended}
}

// Wait returns when no turn is under way any more.
func (t *Turns) Wait() { t.group.Wait() }

// Begin begins the turns that have come, as Monitor does, as there is room for them; it does
// not wait for their end.
func (t *Turns) Begin(ctx context.Context) error {
	due, err := connection.DueForCheck(t.DB, ctx, t.Now().UTC(), monitorBatch)
	for _, id := range due {
		select {
		case <-ctx.Done():
			return nil
		case t.slots <- struct{}{}:
		}
		t.group.Go(func() {
			defer func() { <-t.slots }()
			did, err := t.monitorClinic(ctx, id)
			if err != nil {
				err = fmt.Errorf("clinic %d: %w", id, err)
			}
			t.ended(did, err)
		})
	}
	return err
}

const (
	nightlyLease = "nightly"
	nightlyPause = 20 * time.Hour // less than a day, so that a night is never left out
	nightlyDays  = 3              // back: a night that failed is made good by the next two
	nightBegins  = 1              // o'clock, São Paulo
	nightEnds    = 6
)

// nightDue takes the clinic's night, if it is night and nobody did within 20 hours.
func (g *monitoring) nightDue(tx *tenants.Tx) (bool, error) {
	now := g.Now()
	if hour := now.In(asaas.SaoPaulo).Hour(); hour < nightBegins || hour >= nightEnds {
		return false, nil
	}
	return tx.TakeLease(nightlyLease, g.holder, now.UTC(), now.UTC().Add(nightlyPause))
}
