package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// OperationHandler does one kind of long work, from where it was left. It returns nil once
// the operation's end is stored, or its state says done; an error ends the operation badly,
// unless it is one that passes.
type OperationHandler func(ctx context.Context, h *tenants.HeldOperation) error

// Operations does the long work that people ask for: each piece is a row of operations, which
// says what was asked for, how far it is and whose it is. Any worker process takes what
// nobody holds; a message of asynq says which row waits, and a sweep finds those whose
// message was lost or whose process ended.
type Operations struct {
	DB       *tenants.DB // of the api role
	Handlers map[domain.OperationKind]OperationHandler
	Now      func() time.Time
	Log      *slog.Logger
	AtOnce   int // operations that this process works on at once

	once  sync.Once
	slots chan struct{}
	group sync.WaitGroup
	mu    sync.Mutex
	under map[domain.UUID]bool // that this process works on
	ended chan struct{}        // has a token when an operation has ended: there may be room for another
}

const (
	operationSweep = time.Second      // the pace of the sweep
	operationBatch = 50               // rows looked at in one sweep
	giveBackTime   = 5 * time.Second  // that giving a lease back may take
	operationPause = 10 * time.Second // before work is tried again that our own database held up; longer with each try
)

func (o *Operations) start() {
	o.once.Do(func() {
		o.slots, o.under, o.ended = make(chan struct{}, max(o.AtOnce, 1)), map[domain.UUID]bool{}, make(chan struct{}, 1)
	})
}

// Run sweeps until ctx ends, and returns once every operation under way has given its lease
// back: none waits for its end.
func (o *Operations) Run(ctx context.Context) {
	o.start()
	defer o.group.Wait()
	Periodic{Name: "operations", Every: operationSweep, Log: o.Log, Early: o.ended}.Run(ctx, o.sweep)
}

// sweep begins the operations that nobody holds, as long as there is room.
func (o *Operations) sweep(ctx context.Context) error {
	if len(o.slots) == cap(o.slots) {
		return nil
	}
	waiting, err := o.DB.OperationsDue(ctx, o.Now().UTC(), operationBatch)
	for _, w := range waiting {
		if ctx.Err() == nil {
			o.Begin(ctx, w.Clinic, w.ID)
		}
	}
	return err
}

// Begin takes an operation and works on it, in a goroutine of its own. Without room, or when
// it is held already, it does nothing: the sweep finds what waits.
func (o *Operations) Begin(ctx context.Context, clinic domain.ClinicID, id domain.UUID) {
	o.start()
	if !o.enter(id) {
		return
	}
	o.group.Go(func() {
		defer o.leave(id)
		if err := o.one(ctx, clinic, id); err != nil && ctx.Err() == nil {
			o.Log.WarnContext(ctx, "operation put off", "clinic", clinic, "operation", id.Public("opr"), "err", err)
		}
	})
}

// enter makes room for an operation that this process does not work on yet.
func (o *Operations) enter(id domain.UUID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.under[id] {
		return false
	}
	select {
	case o.slots <- struct{}{}:
	default:
		return false
	}
	o.under[id] = true
	return true
}

func (o *Operations) leave(id domain.UUID) {
	o.mu.Lock()
	delete(o.under, id)
	o.mu.Unlock()
	<-o.slots
	select {
	case o.ended <- struct{}{}:
	default:
	}
}

// one takes the operation, works on it, and gives it back unless it has ended. Only trouble
// of our own is an error.
func (o *Operations) one(ctx context.Context, clinic domain.ClinicID, id domain.UUID) error {
	var h *tenants.HeldOperation
	err := o.DB.InOrPlatform(
		ctx, clinic, func(tx *tenants.Tx) (err error) { h, err = tx.TakeOperation(id, o.Now().UTC()); return err },
	)
	if err != nil || h == nil {
		return err
	}
	err = o.DB.Held(ctx, h, o.Now, func(ctx context.Context) error { return o.work(ctx, h) })
	switch {
	case err == nil, errors.Is(err, tenants.ErrLeaseLost):
		return nil
	case ctx.Err() != nil:
		return o.give(ctx, h, o.Now(), false)
	case domain.CodeOf(err) == domain.Unavailable && h.State == "running":
		return errors.Join(err, o.give(ctx, h, o.Now().Add(operationPause*time.Duration(h.Attempts)), true))
	}
	o.Log.WarnContext(
		ctx, "operation stopped", "clinic", clinic, "operation", id.Public("opr"), "kind", h.Kind, "err", err,
	)
	h.State = "running"
	h.Fail(string(domain.CodeOf(err)), "O problema é do nosso lado; já avisamos a equipe.")
	return o.DB.InOrPlatform(ctx, clinic, func(tx *tenants.Tx) error { return tx.SaveHeld(h, o.Now().UTC()) })
}

// work calls the handler of the operation's kind; a panic of one piece of work must not end
// the process.
func (o *Operations) work(ctx context.Context, h *tenants.HeldOperation) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = domain.Errorf(domain.Internal, "panic: %v", cause)
		}
	}()
	handler := o.Handlers[h.Kind]
	if handler == nil {
		return fmt.Errorf("nobody does operations of kind %s", h.Kind)
	}
	return handler(ctx, h)
}

// give gives the lease back, to be taken from an instant on.
func (o *Operations) give(ctx context.Context, h *tenants.HeldOperation, from time.Time, counts bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
	defer cancel()
	return o.DB.InOrPlatform(ctx, h.ClinicID, func(tx *tenants.Tx) error {
		return tx.GiveOperation(h, from.UTC(), counts)
	})
}
