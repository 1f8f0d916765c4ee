// Package jobs is what works behind the door: asynq, the sweep, and the reads of the
// gateway. One rule: Postgres says what is to be done; everything here may be lost,
// doubled or started twice without changing the result.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
)

// Worker applies events. Redis and what may be nil are not required.
type Worker struct {
	DB          *tenants.DB // the worker role's
	Sweeper     *tenants.DB // the sweeper role's
	Apply       *apply.Applier
	Truth       *Truth                // reads the gateway; nil: wants wait
	Operations  *Operations           // does long work; nil: it waits
	Monitor     *Monitor              // looks after the connections; nil: nobody does
	Payers      *Payers               // reads names; nil: pages show none
	Postman     *Postman              // sends e-mails; nil: they wait
	Redis       redis.UniversalClient // nil: DOORBELL=off, the sweep carries everything
	Log         *slog.Logger
	Now         func() time.Time
	Concurrency int // clinics worked on at once; 2 is right for 2 cores
	KeepDays    int // days that sealed bodies stay

	wakes *dispatcher
	reads reads
	begun *shouter // tells receivers whose work has begun; nil without Redis
	grown *shouter // tells readers whose feed has grown
}

// Start prepares the worker so that Wake may be called; Run then works.
func (w *Worker) Start() {
	if w.wakes == nil {
		w.wakes = newDispatcher(w.applyClinic)
	}
}

// Wake asks for clinic's due events to be applied soon. It returns at once.
func (w *Worker) Wake(clinic domain.ClinicID) { w.wakes.add(clinic, nil) }

// Ring is Wake, so that a worker in the same process can be its own doorbell.
func (w *Worker) Ring(clinic domain.ClinicID) { w.Wake(clinic) }

// Run works until ctx ends, finishes what it has begun, and returns.
func (w *Worker) Run(ctx context.Context) error {
	w.Start()
	if w.Redis != nil {
		w.begun, w.grown = w.shouter(ctx, woken), w.shouter(ctx, changed)
	}
	var group sync.WaitGroup
	work := context.WithoutCancel(ctx) // a wake under way is finished, not cut
	for range max(w.Concurrency, 1) {
		group.Go(func() { w.wakes.run(work) })
	}
	for _, part := range w.parts() {
		group.Go(func() { part(ctx) })
	}
	var server *asynq.Server
	if w.Redis != nil {
		go w.listen(ctx) // not waited for: a Redis that went mute answers nobody
		server = w.serve(ctx)
	}
	<-ctx.Done()
	if server != nil {
		server.Shutdown()
	}
	w.wakes.close()
	group.Wait()
	return nil
}

// parts is what the worker does beside the wakes, each until its context ends.
func (w *Worker) parts() []func(context.Context) {
	periodic := func(name string, every time.Duration, fn func(context.Context) error) func(context.Context) {
		return func(ctx context.Context) { Periodic{Name: name, Every: every, Log: w.Log}.Run(ctx, fn) }
	}
	parts := []func(context.Context){
		periodic("sweep", time.Second, w.sweep),
		periodic("watching the age of events", 30*time.Second, w.watchAge),
		periodic("upkeep", 2*time.Second, w.keepDue()),
	}
	if w.Truth != nil {
		w.reads.slots = make(chan struct{}, truthAtOnce)
		read := periodic("reads of the gateway", time.Second, w.readTruth)
		parts = append(parts, func(ctx context.Context) { read(ctx); w.reads.group.Wait() })
	}
	if w.Operations != nil {
		parts = append(parts, w.Operations.Run)
	}
	if w.Monitor != nil {
		parts = append(parts, w.Monitor.Run)
	}
	if w.Payers != nil {
		parts = append(parts, w.Payers.Run)
	}
	if w.Postman != nil {
		parts = append(parts, w.Postman.Run)
	}
	return parts
}

func (w *Worker) shouter(ctx context.Context, channel string) *shouter {
	return newShouter(ctx, func(ctx context.Context, payloads []byte) error { return w.Redis.Publish(ctx, channel, payloads).Err() })
}

// serve starts asynq's server; it connects by itself when Redis comes.
func (w *Worker) serve(ctx context.Context) *asynq.Server {
	server := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
		Concurrency: 8, Queues: map[string]int{wakeQueue: 1, operationQueue: 1}, ShutdownTimeout: 35 * time.Second,
		LogLevel: asynq.FatalLevel, Logger: slogAsynq{w.Log}, ErrorHandler: asynq.ErrorHandlerFunc(w.failed),
	})
	mux := asynq.NewServeMux()
	mux.HandleFunc(wakeTask, w.handleWake)
	if w.Operations != nil {
		mux.HandleFunc(operationTask, w.Operations.handle(ctx))
	}
	go func() {
		if err := server.Start(mux); err != nil {
			w.Log.Warn("asynq not started; the sweep carries everything", "err", err)
		}
	}()
	return server
}

// handleWake applies the clinic's due events and waits for the result.
func (w *Worker) handleWake(ctx context.Context, t *asynq.Task) error {
	clinic, rung, ok := clinicOf(t.Payload())
	if !ok {
		return fmt.Errorf("wake without a clinic: %w", asynq.SkipRetry)
	}
	done := make(chan error, 1)
	w.wakes.addSince(clinic, rung, done)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Worker) failed(ctx context.Context, t *asynq.Task, err error) {
	w.Log.WarnContext(ctx, "task failed; the sweep has it", "task", t.Type(), "err", err)
}

// listenBlock is how long an idle worker waits for a nudge before it asks again.
const listenBlock = time.Second // go-redis knows no shorter one

// listen takes nudges until ctx ends, a few at a time and only when nothing waits here
// already: of many workers the one that is free gets the clinic. A nudge that is lost with
// its worker costs a second, until the sweep.
func (w *Worker) listen(ctx context.Context) {
	for ctx.Err() == nil {
		w.wakes.waitIdle()
		_, taken, err := w.Redis.BZMPop(ctx, listenBlock, "min", int64(max(w.Concurrency, 1)), rings).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			select { // the sweep works on meanwhile
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if ctx.Err() != nil && len(taken) > 0 { // for another worker: this one takes nothing more
			_ = w.Redis.ZAddNX(context.WithoutCancel(ctx), rings, taken...).Err()
			return
		}
		for _, z := range taken {
			text, _ := z.Member.(string)
			if clinic, err := strconv.ParseInt(text, 10, 32); err == nil && clinic > 0 {
				w.Wake(domain.ClinicID(clinic))
			}
		}
	}
}

// slogAsynq hands asynq's lines to slog.
type slogAsynq struct{ log *slog.Logger }

func (l slogAsynq) Debug(args ...any) { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Info(args ...any)  { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Warn(args ...any)  { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Error(args ...any) { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Fatal(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
