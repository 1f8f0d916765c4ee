package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"patapay/api"
	"patapay/api/docs"
	v1 "patapay/api/v1"
	"patapay/api/webhook"
	"patapay/jobs"
	"patapay/tenants"
	"patapay/tenants/exports"
	"patapay/tenants/gateway"
	"patapay/tenants/vault"
	"patapay/web"
)

// app is the program's one object graph. serve, work and dev start here, and so do tests,
// so that a test runs what production runs.
type app struct {
	cfg      Config
	log      *slog.Logger
	registry *prometheus.Registry
	now      func() time.Time
	wall     func() time.Time // for tokens of people and programs, whatever now says: in dev now is the simulator's
	crash    func(string)     // fault tests only

	vault                        *vault.Vault
	ingest, api, worker, sweeper *tenants.DB
	redis                        redis.UniversalClient // nil: NOTIFICATIONS=off
	gateway                      *gateway.Client
	connector                    *gateway.Connector // made by connect
	closers                      []func()
	closing                      chan struct{} // closed when the listener shuts down
}

// newApp opens what cfg names; nothing is asked yet, so a database or Redis that comes
// later is no fault. Close it with close.
func newApp(cfg Config, log *slog.Logger) (*app, error) {
	a := &app{cfg: cfg, log: log, registry: newRegistry(), now: time.Now, wall: time.Now, crash: crashPoint(), closing: make(chan struct{})}
	v, err := vault.New(vault.Secret(cfg.MasterKeyset.Reveal()))
	if err != nil {
		return nil, err
	}
	a.vault = v
	a.registry.MustRegister(&gauges{app: a})
	if a.gateway, err = gateway.New(gateway.Config{Simulator: cfg.AsaasSimulatorURL, Version: version()}); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.gateway.Close)
	for _, d := range []struct {
		into  **tenants.DB
		name  string
		url   Secret
		conns int32
		limit time.Duration
	}{
		{&a.ingest, "ingest", cfg.IngestDatabaseURL, 6, 3 * time.Second}, // a pool of its own: reports never starve intake
		{&a.api, "api", cfg.APIDatabaseURL, 8, 10 * time.Second},
		{&a.worker, "worker", cfg.WorkerDatabaseURL, int32(cfg.WorkAtOnce) + 4, 30 * time.Second},
		{&a.sweeper, "sweeper", cfg.SweeperDatabaseURL, 2, 10 * time.Second},
	} {
		if *d.into, err = tenants.Open(d.url.Reveal(), tenants.Options{Name: d.name, MaxConns: d.conns, StatementLimit: d.limit}); err != nil {
			a.close()
			return nil, err
		}
		a.closers = append(a.closers, (*d.into).Close)
	}
	return a, a.openRedis()
}

// redisLimit bounds every wait for Redis: a context alone does not cut short an enqueue to
// a mute one.
const redisLimit = 200 * time.Millisecond

func (a *app) openRedis() error {
	if a.cfg.Notifications == "off" {
		return nil
	}
	o, err := redis.ParseURL(a.cfg.RedisURL.Reveal())
	if err != nil {
		return errors.New("REDIS_URL cannot be read")
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout, o.MaxRetries = redisLimit, redisLimit, redisLimit, redisLimit, -1
	o.ContextTimeoutEnabled = true
	client := redis.NewClient(o)
	a.redis = client
	a.gateway.ShareQuota(gateway.RedisCounter{Redis: client})
	a.closers = append(a.closers, func() { _ = client.Close() })
	return nil
}

func (a *app) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
}

// preflight refuses what would break a promise: synchronous_commit off, a role above row
// security, a Redis that forgets what it was told.
func (a *app) preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	faults := []error{
		checkPostgres(ctx, "INGEST_DATABASE_URL", a.cfg.IngestDatabaseURL), checkPostgres(ctx, "API_DATABASE_URL", a.cfg.APIDatabaseURL),
		checkPostgres(ctx, "WORKER_DATABASE_URL", a.cfg.WorkerDatabaseURL), checkPostgres(ctx, "SWEEPER_DATABASE_URL", a.cfg.SweeperDatabaseURL),
	}
	if a.redis != nil {
		faults = append(faults, checkRedis(ctx, a.cfg.RedisURL))
	}
	return errors.Join(faults...)
}

// receiver builds the webhook's door. notify may be nil: then it tells the workers over Redis,
// or not at all.
func (a *app) receiver(ctx context.Context, notify webhook.Notifier) (*webhook.Handler, func()) {
	inbox, log := tenants.NewInbox(a.ingest), tenants.NewDeliveryLog(a.ingest)
	switch {
	case notify != nil:
	case a.redis != nil:
		notify = jobs.NewNotifier(ctx, a.redis, a.log)
	default:
		notify = jobs.NoNotifier{}
	}
	trusted := &senders{fixed: a.cfg.TrustedSenders, file: a.cfg.TrustedSendersFile, log: a.log}
	h := &webhook.Handler{
		Prover: tenants.NewProver(a.ingest, a.vault, a.cfg.Pepper, a.now), Inbox: inbox, Log: log, Vault: a.vault, Notify: notify,
		Trusted: trusted.Contains, Slog: a.log, Now: a.now,
		Watch: webhook.NewWatch(ctx, inbox, a.log, a.registry), Crash: a.crash,
	}
	return h, func() { inbox.Close(); log.Close() }
}

// router returns the whole URL space and what to close after its last request.
func (a *app) router(ctx context.Context, notify webhook.Notifier) (http.Handler, func(), error) {
	h, done := a.receiver(ctx, notify)
	var proxies []string
	for _, p := range a.cfg.TrustedProxies {
		proxies = append(proxies, p.String())
	}
	server, err := a.v1(ctx)
	if err != nil {
		done()
		return nil, nil, err
	}
	r, err := api.Router(api.Parts{Webhook: h, V1: server.Register, Docs: docs.Handler(v1.Document), Web: web.Handler(), Proxies: proxies, Log: a.log})
	return r, done, err
}

// operationsAtOnce is how many pieces of long work one process does at once: they mostly wait,
// for the gateway or for the database, and share the connections of role patapay_api.
const operationsAtOnce = 4

// newWorker builds the worker.
func (a *app) newWorker() (*jobs.Worker, error) {
	connector, err := a.connect()
	if err != nil {
		return nil, err
	}
	applier := &tenants.Applier{DB: a.worker, Vault: a.vault, Ledger: tenants.NewLedgerChain(a.cfg.Pepper), Now: a.now, Crash: a.crash}
	w := &jobs.Worker{
		DB: a.worker, Sweeper: a.sweeper, Redis: a.redis, Log: a.log, Now: a.now, Concurrency: a.cfg.WorkAtOnce, KeepDays: a.cfg.BodiesKeepDays,
		Apply: applier,
		Truth: &jobs.Truth{DB: a.worker, Gateway: truthReader{a.gateway}, Vault: a.vault, Now: a.now, Log: a.log},
	}
	maker := &exports.Maker{DB: a.api, Vault: a.vault, Now: a.now, Crash: a.crash}
	w.Operations = &jobs.Operations{DB: a.api, Handlers: jobs.Handlers(connector, maker, applier), Now: a.now, Log: a.log, AtOnce: operationsAtOnce}
	w.Start()
	return w, nil
}

// attend gives the worker what it does beside the clinics' events and long work: it looks
// after the connections, sends e-mails, and reads the names of payers.
func (a *app) attend(w *jobs.Worker) {
	w.Monitor = &jobs.Monitor{Connector: a.connector, Log: a.log}
	w.Payers = &jobs.Payers{Connector: a.connector, Log: a.log}
	w.Postman = &jobs.Postman{DB: a.api, Send: a.sender(), Log: a.log, Now: a.now}
}

// listen starts an HTTP server on addr and returns it with the address it got.
func listen(addr string, h http.Handler) (*http.Server, string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be listened on: %w", addr, err)
	}
	return serveOn(l, h), l.Addr().String(), nil
}

// untilClosed ends what waits (long polls, streams) as soon as s shuts down.
func (a *app) untilClosed(s *http.Server) *http.Server {
	s.RegisterOnShutdown(sync.OnceFunc(func() { close(a.closing) }))
	return s
}

// serveOn serves h on l. A body must come within 15 s, headers within 5 (reliability.md, L3).
func serveOn(l net.Listener, h http.Handler) *http.Server {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, IdleTimeout: 90 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { _ = s.Serve(l) }()
	return s
}

// tuneMemory lets the collector rest: the live heap is a few MiB, so Go's default collects
// all the time and takes a third of the acks with it (bench). The limit keeps it small.
func tuneMemory() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(38 << 20) // beside it up to 30 MiB of the program itself are mapped
}
