package main

import (
	"context"
	"errors"
	"os"

	"patapay/api/problem"
	"patapay/jobs"
	"patapay/migrations"
)

type serveCmd struct{}

// Run serves until ctx ends, then finishes what was accepted.
func (serveCmd) Run(ctx context.Context) error {
	return run(ctx, true, false)
}

type workCmd struct{}

// Run works until ctx ends, then finishes the jobs it has begun.
func (workCmd) Run(ctx context.Context) error {
	return run(ctx, false, true)
}

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" default:"1" help:"Apply the migrations the database lacks."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations, applied or not."`
}

type migrateUpCmd struct{}

// Run applies the migrations; DATABASE_URL is the migrator's, a direct connection.
func (migrateUpCmd) Run(ctx context.Context) error {
	url, err := MigratorURL(os.Environ())
	if err != nil {
		return err
	}
	return migrations.Up(ctx, url.Reveal())
}

// run starts the parts that this process is for, and stops them in order.
func run(ctx context.Context, serve, work bool) error {
	cfg, err := Load(os.Environ())
	if err != nil {
		return err
	}
	if os.Getenv("PATAPAY_CRASH_AT") != "" && !cfg.Development() {
		return errors.New("PATAPAY_CRASH_AT is for tests: unset it")
	}
	tuneMemory()
	out := newLogBuffer(os.Stdout)
	defer out.Close()
	log := newLogger(out, cfg, problem.RequestID)
	a, err := newApp(cfg, log)
	if err != nil {
		return err
	}
	if err := a.preflight(ctx); err != nil {
		return err
	}
	return a.run(ctx, serve, work)
}

// run starts listeners and workers, waits for ctx, and shuts down: readiness red, keep
// accepting, finish requests, finish jobs, close the pools (reliability.md, Y1).
func (a *app) run(ctx context.Context, serve, work bool) error {
	parts, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := &shutdown{log: a.log}
	health := &Health{Registry: a.registry, Checks: a.checks()}
	stop.then("readiness", func(context.Context) error { health.Drain(); return nil })
	if serve {
		if err := a.serve(parts, stop); err != nil {
			return err
		}
	}
	ops, addr, err := listen(a.cfg.OpsAddr, health.Handler())
	if err != nil {
		return err
	}
	a.log.Info("private port", "addr", addr)
	if work {
		if _, err := a.work(parts, stop); err != nil {
			return err
		}
	}
	stop.then("private port", ops.Shutdown)
	stop.then("background", func(context.Context) error { end(); return nil })
	stop.then("pools", func(context.Context) error { a.close(); return nil })
	<-ctx.Done()
	return stop.run(a.cfg.DrainFor + a.cfg.ShutdownGrace)
}

func (a *app) serve(ctx context.Context, stop *shutdown) error {
	handler, done, err := a.router(ctx, nil)
	if err != nil {
		return err
	}
	server, addr, err := listen(a.cfg.HTTPAddr, handler)
	if err != nil {
		return err
	}
	a.untilClosed(server)
	a.log.Info("serving", "addr", addr, "version", version())
	stop.wait("drain", a.cfg.DrainFor)
	stop.then("listener", server.Shutdown)
	stop.then("inbox", func(context.Context) error { done(); return nil })
	return nil
}

// work starts the worker with everything that only running programs do, and returns the worker: in dev the
// receiver tells it of clinics without Redis.
func (a *app) work(ctx context.Context, stop *shutdown) (*jobs.Worker, error) {
	w, err := a.newWorker()
	if err != nil {
		return nil, err
	}
	a.attend(w)
	working, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.Run(working) }()
	a.log.Info("working", "version", version(), "notifications", a.cfg.Notifications)
	stop.then("jobs", func(ctx context.Context) error {
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

// checks are what /readyz asks: the database, its schema, next month's partition, and
// Redis, without which the sweep does the work.
func (a *app) checks() []Check {
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
			ready, err := a.ingest.BodiesReady(ctx, a.now().AddDate(0, 1, 0))
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
	if a.redis != nil {
		list = append(list, Check{Name: "redis", Probe: func(ctx context.Context) error { return a.redis.Ping(ctx).Err() }})
	}
	return list
}
