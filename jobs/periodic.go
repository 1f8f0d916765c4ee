package jobs

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Periodic does something every so often: the one loop of everything that a worker does
// again and again.
type Periodic struct {
	Name  string        // of what is done, for the log
	Every time.Duration // from the end of one time to the beginning of the next; up to a tenth more, so that workers part
	Log   *slog.Logger
	Early <-chan struct{} // a token ends the pause; nil: nothing does
	Later bool            // the first time comes after a pause, too

	// After returns a channel that gets a token when a pause is over; nil: time.After. Tests
	// hand in a clock of their own.
	After func(time.Duration) <-chan time.Time
}

// Run calls fn at once, or Later, and then again and again until ctx ends. What goes wrong is
// told in the log, unless it is that ctx ended.
func (p Periodic) Run(ctx context.Context, fn func(context.Context) error) {
	after := p.After
	if after == nil {
		after = time.After
	}
	for first := true; ; first = false {
		if first && p.Later {
			// Nothing yet.
		} else if err := fn(ctx); err != nil && ctx.Err() == nil {
			p.Log.WarnContext(ctx, p.Name+" failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.Early:
		case <-after(p.Every + rand.N(p.Every/10+1)):
		}
	}
}

// of returns what runs fn as p says, until its context ends.
func (p Periodic) of(fn func(context.Context) error) func(context.Context) {
	return func(ctx context.Context) { p.Run(ctx, fn) }
}
