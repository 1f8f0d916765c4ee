package dev

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"patapay/api/problem"
	"patapay/cmd/patapay/app"
	"patapay/domain/asaas/simulator"
	"patapay/domain/asaas/simulator/accounts"
	"patapay/domain/asaas/simulator/clock"
	"patapay/migrations"
	"patapay/tenants/devstack"
)

// DevCmd runs everything on this machine: private services, the gateway's simulator, the
// API and the worker in one process, three connected demo clinics and payments that flow.
type DevCmd struct {
	HTTP      string        `default:"127.0.0.1:8080" help:"host:port of the webhook, the API and the pages; port 0 takes a free one. Browsers make passkeys for a name, such as localhost, alone."`
	Sim       string        `default:"127.0.0.1:8090" help:"host:port of the simulator."`
	Ops       string        `default:"127.0.0.1:9090" help:"host:port of /metrics, /healthz and /readyz."`
	Ephemeral bool          `help:"Throw-away services in a temporary directory, free ports for the simulator and the private port, no payments but those asked for."`
	ReadyFile string        `help:"When ready, write one JSON object with URLs, tokens and clinics to this file."`
	Forms     string        `default:"mixed" help:"Which forms of charges' ids and public addresses the simulator's accounts have; mixed: half of them the new ones." enum:"mixed,old,new"`
	Every     time.Duration `default:"20s" help:"How often something happens in a demo clinic; 0: never."`
}

// dev is what a running devCmd holds.
type dev struct {
	cmd      DevCmd
	log      *slog.Logger
	Config   app.Config
	app      *app.App
	sim      *simulator.Simulator
	clock    *clock.SteeredClock // of the simulator and of the program: what it is told, everyone sees
	simURL   string
	opsAddr  string
	accounts []demoAccount
	fresh    bool // the clinics were made by this start
	ended    []func()
}

// Run starts everything, prints where it is, and stops everything when ctx ends. A second
// start finds the data of the first. It refuses to run with production settings.
func (c DevCmd) Run(ctx context.Context) error {
	if os.Getenv("ENVIRONMENT") == "production" {
		return ErrProduction
	}
	d := &dev{cmd: c, accounts: demoAccounts()}
	defer d.end()
	if c.Ephemeral {
		d.cmd.Sim, d.cmd.Ops, d.cmd.Every = "127.0.0.1:0", "127.0.0.1:0", 0
	}
	if err := d.start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(os.Stderr, "\npatapay: parando…")
	return nil
}

func (d *dev) end() {
	for i := len(d.ended) - 1; i >= 0; i-- {
		d.ended[i]()
	}
}

func (d *dev) atEnd(fn func()) { d.ended = append(d.ended, fn) }

func (d *dev) start(ctx context.Context) error {
	door, err := net.Listen("tcp", d.cmd.HTTP)
	if err != nil {
		return fmt.Errorf("%s is taken: choose another with --http (%w)", d.cmd.HTTP, err)
	}
	d.atEnd(func() { door.Close() })
	if err := d.startSimulator(); err != nil {
		return err
	}
	if err := d.startServices(ctx, "http://"+d.host(door.Addr().(*net.TCPAddr))); err != nil {
		return err
	}
	if err := d.startApp(ctx, door); err != nil {
		return err
	}
	if err := d.connectClinics(ctx); err != nil {
		return fmt.Errorf("demo clinics: %w", err)
	}
	ready, err := d.ready(ctx)
	if err != nil {
		return err
	}
	if d.cmd.ReadyFile != "" {
		if err := ready.write(d.cmd.ReadyFile); err != nil {
			return err
		}
	}
	if d.fresh && !d.cmd.Ephemeral {
		d.playFirst()
	}
	ready.Print(os.Stdout)
	go d.keepPlaying(ctx)
	return nil
}

// host returns the host:port that browsers are shown: the name that was asked for, if it is one, else the address.
func (d *dev) host(at *net.TCPAddr) string {
	name, _, err := net.SplitHostPort(d.cmd.HTTP)
	if err != nil || name == "" || net.ParseIP(name) != nil {
		return at.String()
	}
	return net.JoinHostPort(name, strconv.Itoa(at.Port))
}

// startSimulator serves an Asaas of our own, with the demo accounts and one that no clinic
// has connected yet.
func (d *dev) startSimulator() error {
	listener, err := net.Listen("tcp", d.cmd.Sim)
	if err != nil {
		return fmt.Errorf("%s is taken: choose another with --sim (%w)", d.cmd.Sim, err)
	}
	d.clock = clock.NewScaledClock(time.Now(), 1)
	d.sim = simulator.New(simulator.Options{Clock: d.clock, Forms: accounts.FormsOf(d.cmd.Forms)})
	for _, a := range d.accounts {
		d.sim.AddAccount(a.Account)
	}
	if err := d.sim.AddRehearsals(d.accounts[len(d.accounts)-1].ID, d.accounts[0].ID); err != nil {
		return err
	}
	d.simURL = "http://" + listener.Addr().String()
	server := &http.Server{Handler: d.sim, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	d.atEnd(func() { server.Close(); d.sim.Close() })
	return nil
}

// startServices finds or starts Postgres and Redis, reads the settings and migrates.
func (d *dev) startServices(ctx context.Context, publicURL string) error {
	environ := append(
		os.Environ(), "ENVIRONMENT=development", "ASAAS_SIMULATOR_URL="+d.simURL, "PUBLIC_URL="+publicURL,
		"OPS_ADDR="+d.cmd.Ops, "HTTP_ADDR="+d.cmd.HTTP, "DRAIN_FOR=0s",
	)
	if os.Getenv("LOG_LEVEL") == "" {
		environ = append(environ, "LOG_LEVEL=warn") // one line a request would bury what a person should read
	}
	if os.Getenv("DATABASE_URL") == "" || os.Getenv("REDIS_URL") == "" {
		stack, err := d.startStack(ctx)
		if err != nil {
			return err
		}
		environ = append(
			environ, "DATABASE_URL="+stack.PostgresURL(devstack.Owner, "postgres"), "REDIS_URL="+stack.RedisURL(0),
		)
	}
	cfg, err := app.Load(environ)
	if err != nil {
		return err
	}
	d.Config, d.log = cfg, app.NewLogger(os.Stderr, cfg, problem.RequestID)
	return migrations.Up(ctx, cfg.DatabaseURL.Reveal())
}

func (d *dev) startStack(ctx context.Context) (*devstack.Stack, error) {
	options := devstack.Options{}
	if !d.cmd.Ephemeral {
		dir, err := devstack.StateDir()
		if err != nil {
			return nil, err
		}
		options = devstack.Options{Dir: dir, Durable: true}
	}
	stack, err := devstack.Start(ctx, options)
	if err == nil {
		d.atEnd(stack.Stop)
	}
	return stack, err
}

// startApp serves and works in this process: the receiver tells the worker of clinics without Redis.
func (d *dev) startApp(ctx context.Context, door net.Listener) (err error) {
	if d.app, err = app.New(d.Config, d.log); err != nil {
		return err
	}
	d.app.Now = d.clock.Now
	if err := d.app.Preflight(ctx); err != nil {
		return err
	}
	parts, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := &app.ShutdownOrder{Log: d.log}
	worker, err := d.app.StartWorker(parts, stop)
	if err != nil {
		end()
		return err
	}
	handler, done, err := d.app.Router(parts, worker)
	if err != nil {
		end()
		return err
	}
	server := d.app.UntilClosed(app.ServeOn(door, handler))
	health := &app.Health{Registry: d.app.Registry, Checks: d.app.Checks(), Profiles: d.Config.Development()}
	ops, at, err := app.Listen(d.Config.OpsAddr, health.Handler())
	if err != nil {
		end()
		return err
	}
	d.opsAddr = at
	first := &app.ShutdownOrder{Log: d.log}
	first.Then("listener", server.Shutdown)
	first.Then("inbox", func(context.Context) error { done(); return nil })
	first.Steps = append(first.Steps, stop.Steps...)
	first.Then("private port", ops.Shutdown)
	d.atEnd(func() { _ = first.Run(10 * time.Second); end(); d.app.Close() })
	return nil
}
