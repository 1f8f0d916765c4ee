// Package jobs is what works behind the door: asynq, the sweep, and the reads of the
// gateway. One rule: Postgres says what is to be done; everything here may be lost,
// doubled or started twice without changing the result.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/radar"
)

// Worker applies events, and does everything else that nobody waits for. Redis and what may be nil are not required.
type Worker struct {
	DB           *tenants.DB // the worker role's
	Sweeper      *tenants.DB // the sweeper role's
	Apply        *apply.Applier
	GatewayReads *GatewayReads           // reads the gateway; nil: read requests wait
	Operations   *Operations             // does long work; nil: it waits
	Monitor      *Monitor                // looks after the connections; nil: nobody does
	Payers       *Payers                 // reads names; nil: pages show none
	Postman      *Postman                // sends e-mails; nil: they wait
	Agenda       *Agenda                 // derives what must not be missed; nil: nobody does
	Beside       []func(context.Context) // what else is done until the context ends, by packages that know this one
	Reminders    *Reminders              // writes about the agenda; nil: nobody does
	Radar        *radar.Recorder         // writes what the gateway sends and no list of ours has; nil: nobody does
	Redis        redis.UniversalClient   // nil: NOTIFICATIONS=off, the sweep carries everything
	Log          *slog.Logger
	Now          func() time.Time
	Concurrency  int // clinics worked on at once; 2 is right for 2 cores
	KeepDays     int // days that sealed bodies stay

	// Counted is told of each run's clinics, how many had events and how many nothing; nil: nobody is.
	Counted func(found, nothing int)

	clinics *dispatcher
	begunAt time.Time    // since when it listens; zero: it does not
	heard   atomic.Int64 // when Redis last answered the question for a ready clinic, in nanoseconds
	reads   reads
	told    *batchPublisher // gathers the clinics of whose entities the gateway told
	changes *batchPublisher // tells readers whose feed has grown; nil without Redis
}

// Start prepares the worker so that Notify may be called; Run then works.
func (w *Worker) Start() {
	if w.clinics == nil {
		w.clinics = newDispatcher(w.applyClinics)
	}
}

// Notify asks for clinic's pending events to be applied soon. It returns at once. A receiver
// in the same process may use the worker as its notifier.
func (w *Worker) Notify(clinic domain.ClinicID) { w.clinics.add(clinic) }

// Run works until ctx ends, finishes what it has begun, and returns.
func (w *Worker) Run(ctx context.Context) error {
	w.Start()
	w.told = newBatchPublisher(ctx, noticesGather, func(_ context.Context, batch []notice) error {
		w.clinics.add(clinicsTold(batch)...)
		return nil
	})
	if w.Redis != nil {
		w.changes = newChangePublisher(ctx, w.Redis)
		w.beginListening()
	}
	var group sync.WaitGroup
	work := context.WithoutCancel(ctx) // what is under way is finished, not cut
	for range max(w.Concurrency, 1) {
		group.Go(func() { w.clinics.run(work) })
	}
	for _, part := range w.parts() {
		group.Go(func() { part(ctx) })
	}
	var server *asynq.Server
	if w.Redis != nil {
		go w.listen(ctx) // not waited for: a Redis that went mute answers nobody
	}
	if w.Redis != nil && w.Operations != nil {
		server = w.serve(ctx)
	}
	<-ctx.Done()
	if server != nil {
		server.Shutdown()
	}
	w.clinics.close()
	group.Wait()
	return nil
}

// parts is what the worker does beside applying events, each until its context ends.
func (w *Worker) parts() []func(context.Context) {
	periodic := func(name string, every time.Duration, fn func(context.Context) error) func(context.Context) {
		return Periodic{Name: name, Every: every, Log: w.Log}.of(fn)
	}
	parts := []func(context.Context){
		periodic("sweep", time.Second, w.sweep),
		periodic("watching the age of events", 30*time.Second, w.watchAge),
		periodic("upkeep", 2*time.Second, w.keepDue()),
		// A worker that starts has events to apply before it counts all that waits.
		Periodic{Name: "counting the fleet", Every: fleetPause, Log: w.Log, Later: true}.of(w.countFleet),
		periodic("counting the service's minutes", time.Minute, w.countMinutes),
	}
	if w.Redis != nil {
		parts = append(parts, periodic("counting the quota", quotaPause, w.countQuota))
	}
	if w.GatewayReads != nil {
		w.reads.slots = make(chan struct{}, readsAtOnce)
		read := periodic("reads of the gateway", time.Second, w.beginReads)
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
	parts = append(parts, w.Beside...)
	if w.Postman != nil {
		parts = append(parts, w.Postman.Run)
	}
	if w.Agenda != nil {
		parts = append(parts, w.Agenda.Run)
	}
	if w.Reminders != nil {
		parts = append(parts, w.Reminders.Run)
	}
	if w.Radar != nil {
		flush := periodic("counting what is new of the gateway", radarPause, w.Radar.Flush)
		parts = append(parts, func(ctx context.Context) {
			flush(ctx)
			if err := w.Radar.Flush(context.WithoutCancel(ctx)); err != nil {
				w.Log.WarnContext(ctx, "what is new of the gateway is not counted", "err", err)
			}
		})
	}
	return parts
}

// radarPause is how often the radar's counts are written.
const radarPause = 15 * time.Second

// taskPause is how often asynq asks for a message when there was none.
const taskPause = 500 * time.Millisecond

// serve starts asynq's server, which carries the messages about long work; it connects by
// itself when Redis comes.
func (w *Worker) serve(ctx context.Context) *asynq.Server {
	server := asynq.NewServerFromRedisClient(w.Redis, asynq.Config{
		Concurrency:       2,
		Queues:            map[string]int{operationQueue: 1},
		ShutdownTimeout:   5 * time.Second,
		TaskCheckInterval: taskPause,
		LogLevel:          asynq.FatalLevel,
		Logger:            slogAsynq{w.Log},
		ErrorHandler:      asynq.ErrorHandlerFunc(w.failed),
	})
	mux := asynq.NewServeMux()
	mux.HandleFunc(operationTask, w.Operations.handle(ctx))
	go func() {
		if err := server.Start(mux); err != nil {
			w.Log.Warn("asynq not started; the sweep carries everything", "err", err)
		}
	}()
	return server
}

func (w *Worker) failed(ctx context.Context, t *asynq.Task, err error) {
	w.Log.WarnContext(ctx, "task failed; the sweep has it", "task", t.Type(), "err", err)
}

// listenBlock is how long an idle worker waits for a ready clinic before it asks again.
const listenBlock = time.Second // go-redis knows no shorter one

// listen pops ready clinics until ctx ends, as many as may share a run, and only when nothing waits here already and
// somebody is free: of many workers the one that is free gets the clinic. A clinic that is lost with its worker costs a
// second, until the sweep.
func (w *Worker) listen(ctx context.Context) {
	ready := readySet{w.Redis}
	for ctx.Err() == nil {
		w.clinics.waitFree()
		taken, err := ready.pop(ctx, listenBlock, manyClinics)
		if err == nil || errors.Is(err, redis.Nil) {
			w.heard.Store(time.Now().UnixNano())
		} else {
			select { // the sweep works on meanwhile
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if ctx.Err() != nil && len(taken) > 0 { // for another worker: this one takes nothing more
			_ = ready.putBack(context.WithoutCancel(ctx), taken)
			return
		}
		w.clinics.add(clinicsIn(taken)...)
	}
}

// beginListening counts the worker as one that listens from now on, before its first question is answered: what is
// ready already is its notifications', and not swept too.
func (w *Worker) beginListening() {
	w.begunAt = time.Now()
	w.heard.Store(w.begunAt.UnixNano())
}

// listens tells whether notifications reach this worker: Redis answers, and it has the time to ask.
func (w *Worker) listens() bool {
	return w.Redis != nil && time.Since(time.Unix(0, w.heard.Load())) < 2*listenBlock
}

// slogAsynq hands asynq's lines to slog.
type slogAsynq struct{ log *slog.Logger }

func (l slogAsynq) Debug(args ...any) { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Info(args ...any)  { l.log.Debug("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Warn(args ...any)  { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Error(args ...any) { l.log.Warn("asynq", "text", fmt.Sprint(args...)) }
func (l slogAsynq) Fatal(args ...any) { l.log.Error("asynq", "text", fmt.Sprint(args...)) }
