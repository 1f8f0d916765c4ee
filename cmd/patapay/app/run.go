package app

import (
	"context"
	"errors"
	"os"
	"time"

	"patapay/api/problem"
	"patapay/jobs"
	"patapay/migrations"
	"patapay/tenants/inbox"
)

// RunProcess starts the parts that this process is for, and stops them in order.
func RunProcess(ctx context.Context, serve, work bool) error {
	cfg, err := Load(os.Environ())
	if err != nil {
		return err
	}
	if os.Getenv("PATAPAY_CRASH_AT") != "" && !cfg.Development() {
		return errors.New("PATAPAY_CRASH_AT is for tests: unset it")
	}
	keepMemory(ctx)
	keepProcessors(ctx)
	out := newLogBuffer(os.Stdout)
	defer out.Close()
	log := NewLogger(out, cfg, problem.RequestID)
	a, err := New(cfg, log)
	if err != nil {
		return err
	}
	if err := a.Preflight(ctx); err != nil {
		return err
	}
	return a.Run(ctx, serve, work)
}

// Run starts listeners and workers, waits for ctx, and shuts down: readiness red, keep
// accepting, finish requests, finish jobs, close the pools (docs/reliability.md, Y1).
func (a *App) Run(ctx context.Context, serve, work bool) error {
	parts, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := &ShutdownOrder{Log: a.log}
	health := &Health{Registry: a.Registry, Checks: a.Checks(), Profiles: a.Config.Development()}
	stop.Then("readiness", func(context.Context) error { health.Drain(); return nil })
	if serve {
		if err := a.serve(parts, stop); err != nil {
			return err
		}
	}
	ops, addr, err := Listen(a.Config.OpsAddr, health.Handler())
	if err != nil {
		return err
	}
	a.log.Info("private port", "addr", addr)
	if work {
		if _, err := a.StartWorker(parts, stop); err != nil {
			return err
		}
	}
	stop.Then("private port", ops.Shutdown)
	what := "work"
	if serve {
		what = "serve"
	}
	noted := a.keepRunning(parts, what)
	stop.Then("background", func(ctx context.Context) error { end(); noted(ctx); return nil })
	stop.Then("pools", func(context.Context) error { a.Close(); return nil })
	<-ctx.Done()
	return stop.Run(a.Config.DrainFor + a.Config.ShutdownGrace)
}

func (a *App) serve(ctx context.Context, stop *ShutdownOrder) error {
	handler, done, err := a.Router(ctx, nil)
	if err != nil {
		return err
	}
	server, addr, err := Listen(a.Config.HTTPAddr, handler)
	if err != nil {
		return err
	}
	a.UntilClosed(server)
	a.log.Info("serving", "addr", addr, "version", Version())
	stop.Wait("drain", a.Config.DrainFor)
	stop.Then("listener", server.Shutdown)
	stop.Then("inbox", func(context.Context) error { done(); return nil })
	return nil
}

// StartWorker starts the worker with everything that only running programs do, and returns
// the worker: in dev the receiver tells it of clinics without Redis.
func (a *App) StartWorker(ctx context.Context, stop *ShutdownOrder) (*jobs.Worker, error) {
	w, err := a.NewWorker()
	if err != nil {
		return nil, err
	}
	a.attend(w)
	w.Beside = append(w.Beside, a.endpointSender(ctx).Run)
	working, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(working) }()
	a.log.Info("working", "version", Version(), "notifications", a.Config.Notifications)
	stop.Then("jobs", func(ctx context.Context) error {
		end()
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return w, nil
}

// Checks are what /readyz asks: the database, its schema, next month's partition, and
// Redis, without which the sweep does the work.
func (a *App) Checks() []Check {
	list := []Check{
		{Name: "database", Fatal: true, Probe: a.ingest.Ping},
		{Name: "migrations", Fatal: true, Probe: func(ctx context.Context) error {
			version, err := a.ingest.SchemaVersion(ctx)
			if err == nil && version < migrations.Newest() {
				err = errors.New("the database lacks migrations: run `patapay migrate`")
			}
			return err
		}},
		{Name: "partition", Fatal: true, Probe: func(ctx context.Context) error {
			ready, err := inbox.BodiesReady(a.ingest, ctx, a.Now().AddDate(0, 1, 0))
			if err == nil && !ready {
				err = errors.New("next month's partition of event_bodies is missing: start a worker, or run `patapay doctor`")
			}
			return err
		}},
		{Name: "synchronous_commit", Fatal: true, Probe: func(ctx context.Context) error {
			setting, err := a.ingest.SyncCommit(ctx)
			if err == nil && setting == "off" {
				err = errors.New("synchronous_commit is off")
			}
			return err
		}},
	}
	list = append(list, Check{Name: "keys", Fatal: true, Probe: func(ctx context.Context) error {
		return a.keys.check(ctx, time.Now())
	}})
	if a.redis != nil {
		list = append(list, Check{Name: "redis", Probe: func(ctx context.Context) error { return a.redis.Ping(ctx).Err() }})
	}
	return list
}
