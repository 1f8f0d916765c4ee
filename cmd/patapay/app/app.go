package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"patapay/api"
	"patapay/api/auth"
	"patapay/api/calendar"
	"patapay/api/docs"
	v1 "patapay/api/v1"
	"patapay/api/webhook"
	"patapay/jobs"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connect"
	"patapay/tenants/exports"
	"patapay/tenants/inbox"
	"patapay/tenants/ledger"
	"patapay/tenants/radar"
	"patapay/tenants/vault"
	"patapay/web"
)

// App is the program's one object graph. serve, work and dev start here, and so do tests,
// so that a test runs what production runs.
type App struct {
	Config   Config
	log      *slog.Logger
	Registry *prometheus.Registry
	Now      func() time.Time
	wall     func() time.Time // for tokens of people and programs, whatever now says: in dev now is the simulator's
	crash    func(string)     // fault tests only
	answered func(route string, status int)

	Vault                            *vault.Vault
	ingest, APIDB, WorkerDB, sweeper *tenants.DB
	redis                            redis.UniversalClient // nil: NOTIFICATIONS=off
	GatewayClient                    *asaasapi.Client
	Connector                        *connect.Connector // made by connect
	Chains                           *tenants.ChainKeys
	keys                             *keyFit
	closers                          []func()
	closing                          chan struct{} // closed when the listener shuts down
}

// New opens what cfg names; nothing is asked yet, so a database or Redis that comes
// later is no fault. Close it with close.
func New(cfg Config, log *slog.Logger) (*App, error) {
	a := &App{
		Config:   cfg,
		log:      log,
		Registry: NewRegistry(),
		Now:      time.Now,
		wall:     time.Now,
		crash:    crashPoint(),
		closing:  make(chan struct{}),
	}
	a.keys = &keyFit{ask: a.askKeys}
	v, err := vault.New(cfg.MasterKeyset)
	if err != nil {
		return nil, err
	}
	a.Vault = v
	a.Registry.MustRegister(&gauges{app: a}, fleet{a})
	a.answered = countAnswers(a.Registry)
	if a.GatewayClient, err = asaasapi.New(
		asaasapi.Config{Simulator: cfg.AsaasSimulatorURL, Version: Version(), Observe: countCalls(a.Registry)},
	); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, a.GatewayClient.Close)
	for _, d := range []struct {
		into  **tenants.DB
		name  string
		url   vault.Secret
		conns int32
		limit time.Duration
		gate  tenants.Gate
	}{
		// a pool of its own: reports never starve intake
		{&a.ingest, "ingest", cfg.IngestDatabaseURL, 8, 3 * time.Second, nil},
		{&a.APIDB, "api", cfg.APIDatabaseURL, apiConns, 10 * time.Second, ReadersGate()},
		{&a.WorkerDB, "worker", cfg.WorkerDatabaseURL, int32(cfg.WorkAtOnce) + 4, 30 * time.Second, nil},
		{&a.sweeper, "sweeper", cfg.SweeperDatabaseURL, 2, 10 * time.Second, nil},
	} {
		if *d.into, err = tenants.Open(
			d.url.Reveal(), tenants.Options{
				Name: migrations.Process(d.name), MaxConns: d.conns,
				StatementLimit: d.limit, Gate: d.gate, Pooler: cfg.Pooler == "transaction",
			},
		); err != nil {
			a.Close()
			return nil, err
		}
		a.closers = append(a.closers, (*d.into).Close)
	}
	a.Chains = tenants.NewChainKeys(a.APIDB, v, cfg.Peppers.Oldest())
	return a, a.openRedis()
}

// redisLimit bounds every wait for Redis: a context alone does not cut short an enqueue to
// a mute one.
const redisLimit = 200 * time.Millisecond

func (a *App) openRedis() error {
	if a.Config.Notifications == "off" {
		return nil
	}
	o, err := redis.ParseURL(a.Config.RedisURL.Reveal())
	if err != nil {
		return errors.New("REDIS_URL cannot be read")
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisLimit, redisLimit, redisLimit, redisLimit
	o.MaxRetries = -1
	o.ContextTimeoutEnabled = true
	client := redis.NewClient(o)
	a.redis = client
	a.GatewayClient.ShareQuota(asaasapi.RedisCounter{Redis: client})
	a.closers = append(a.closers, func() { _ = client.Close() })
	return nil
}

// Close closes what New and the other constructors opened, the last first.
func (a *App) Close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		a.closers[i]()
	}
}

// Preflight refuses what would break a promise: synchronous_commit off, a role above row
// security, connections without time-outs, an inbox that stores nothing, a Redis that forgets what it was told.
func (a *App) Preflight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var faults []error
	for _, r := range a.Roles() {
		faults = append(faults, CheckPostgres(ctx, r))
	}
	faults = append(faults, a.CheckInbox(ctx), a.keys.check(ctx, time.Now()))
	if a.redis != nil {
		faults = append(faults, CheckRedis(ctx, a.Config.RedisURL))
	}
	return errors.Join(faults...)
}

// receiver builds the webhook's door. notify may be nil: then it tells the workers over Redis,
// or not at all.
func (a *App) receiver(ctx context.Context, notify webhook.Notifier) (*webhook.Handler, func()) {
	box, log := inbox.NewInbox(a.ingest, a.Config.IntakePerClinic), inbox.NewDeliveryLog(a.ingest)
	stopNotifying := func() {}
	switch {
	case notify != nil:
	case a.redis != nil:
		// Who is told to end still answers the deliveries that it has, and their workers are told.
		notifier := jobs.NewNotifier(context.WithoutCancel(ctx), a.redis, a.log)
		notify, stopNotifying = notifier, notifier.Close
	default:
		notify = jobs.NoNotifier{}
	}
	trusted := &TrustedSenders{Fixed: a.Config.TrustedSenders, File: a.Config.TrustedSendersFile, Log: a.log}
	h := &webhook.Handler{
		TokenResolver: inbox.NewTokenResolver(a.ingest, a.Vault, a.Config.Peppers, a.Now),
		Inbox:         box,
		Log:           log,
		Vault:         a.Vault,
		Notify:        notify,
		Trusted:       trusted.Contains,
		Slog:          a.log,
		Now:           a.Now,
		Watch:         webhook.NewWatch(ctx, box, a.log, a.Registry),
		Bodies:        webhook.NewBodies(int64(a.Config.BodyLimit)),
		KeysFit:       a.keys.fits,
		Crash:         a.crash,
	}
	go a.keys.watch(ctx)
	return h, func() { box.Close(); stopNotifying(); log.Close() }
}

// calendars serves agendas to calendar programs: one of them asks a few times a day.
func (a *App) calendars() *calendar.Handler {
	return &calendar.Handler{
		DB:    a.APIDB,
		Limit: auth.NewLimiter(a.redis, 30, 10*time.Second),
		Home:  strings.TrimSuffix(a.Config.PublicURL, "/") + "/",
		Now:   a.Now,
	}
}

// Router returns the whole URL space and what to close after its last request.
func (a *App) Router(ctx context.Context, notify webhook.Notifier) (http.Handler, func(), error) {
	h, done := a.receiver(ctx, notify)
	var proxies []string
	for _, p := range a.Config.TrustedProxies {
		proxies = append(proxies, p.String())
	}
	server, err := a.APIServer(ctx)
	if err != nil {
		done()
		return nil, nil, err
	}
	r, err := api.Router(
		api.Parts{
			Webhook:  h,
			V1:       server.Register,
			Agenda:   a.calendars().Serve,
			Docs:     docs.Handler(v1.Document),
			Web:      web.Handler(),
			HTTPS:    strings.HasPrefix(a.Config.PublicURL, "https://"),
			Proxies:  proxies,
			Log:      a.log,
			Answered: a.answered,
		},
	)
	return r, done, err
}

// operationsAtOnce is how many pieces of long work one process does at once: they mostly wait,
// for the gateway or for the database, and share the connections of role patapay_api.
const operationsAtOnce = 4

// NewWorker builds the worker.
func (a *App) NewWorker() (*jobs.Worker, error) {
	connector, err := a.MakeConnector()
	if err != nil {
		return nil, err
	}
	seen := &radar.Recorder{DB: a.WorkerDB, Now: a.Now}
	connector.Radar = seen
	applier := &apply.Applier{
		Radar:  seen,
		DB:     a.WorkerDB,
		Vault:  a.Vault,
		Ledger: ledger.ChainOf(a.Chains),
		Now:    a.Now,
		Crash:  a.crash,
	}
	w := &jobs.Worker{
		DB:          a.WorkerDB,
		Sweeper:     a.sweeper,
		Redis:       a.redis,
		Log:         a.log,
		Now:         a.Now,
		Concurrency: a.Config.WorkAtOnce,
		KeepDays:    a.Config.BodiesKeepDays,
		Apply:       applier,
		Counted:     countTurns(a.Registry),
		Radar:       seen,
		GatewayReads: &jobs.GatewayReads{
			Radar:   seen,
			DB:      a.WorkerDB,
			Gateway: jobs.GatewayReader{Client: a.GatewayClient},
			Vault:   a.Vault,
			Now:     a.Now,
			Log:     a.log,
		},
	}
	maker := &exports.Maker{DB: a.APIDB, Vault: a.Vault, Now: a.Now, Crash: a.crash}
	actions := &jobs.FleetActions{
		DB: a.APIDB, Connector: connector, Applier: applier, Chain: tenants.ChainOf(a.Chains), Now: a.Now,
	}
	w.Operations = &jobs.Operations{
		DB:       a.APIDB,
		Handlers: jobs.Handlers(connector, maker, applier, actions),
		Now:      a.Now,
		Log:      a.log,
		AtOnce:   operationsAtOnce,
	}
	w.Start()
	return w, nil
}

// attend gives the worker what it does beside the clinics' events and long work: it looks
// after the connections, derives the agendas, sends e-mails, and reads the names of payers.
func (a *App) attend(w *jobs.Worker) {
	w.Monitor = &jobs.Monitor{Connector: a.Connector, Log: a.log}
	w.Payers = &jobs.Payers{Connector: a.Connector, Log: a.log}
	w.Agenda = &jobs.Agenda{DB: a.WorkerDB, Log: a.log, Now: a.Now}
	w.Reminders = &jobs.Reminders{
		DB: a.APIDB, Send: a.sender(), Home: strings.TrimSuffix(a.Config.PublicURL, "/") + "/", Log: a.log, Now: a.Now,
	}
	w.Postman = &jobs.Postman{DB: a.APIDB, Send: a.sender(), Log: a.log, Now: a.Now}
}

// Listen starts an HTTP server on addr and returns it with the address it got.
func Listen(addr string, h http.Handler) (*http.Server, string, error) {
	own, err := OwnAddress(addr)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be listened on: %w", addr, err)
	}
	l, err := net.Listen("tcp", own)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be listened on: %w", addr, err)
	}
	return ServeOn(l, h), l.Addr().String(), nil
}

// UntilClosed ends what waits (long polls, streams) as soon as s shuts down.
func (a *App) UntilClosed(s *http.Server) *http.Server {
	s.RegisterOnShutdown(sync.OnceFunc(func() { close(a.closing) }))
	return s
}

// writeTime is how long an answer may take, from the request's headers to its last byte: twice a
// long poll. Streams and files, which may take longer, set a time for each of their writes.
const writeTime = 75 * time.Second

// ServeOn serves h on l. A body must come within 15 s, headers within 5 (docs/reliability.md, L3),
// and who does not read their answer is cut off after writeTime.
func ServeOn(l net.Listener, h http.Handler) *http.Server {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      writeTime,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	go func() { _ = s.Serve(l) }()
	return s
}
