package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/cmd/patapay/app"
	"patapay/migrations"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// doctorCmd looks at everything the program needs and names each fault in one line with
// its cure.
type doctorCmd struct {
	Output string `short:"o" default:"table" enum:"table,json" help:"table or json."`
}

// finding is one line of the doctor.
type finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`         // what was seen
	Cure   string `json:"cure,omitempty"` // what to do about it
}

// unhealthy ends the program with 5 when anything is wrong (docs/operations.md, exit codes).
type unhealthy int

func (n unhealthy) Error() string { return fmt.Sprintf("%d thing(s) wrong, see above", int(n)) }

// ExitCode is 5: unhealthy.
func (unhealthy) ExitCode() int { return 5 }

// Run prints the findings, and fails with exit code 5 when one is not good.
func (c doctorCmd) Run(ctx context.Context) error {
	findings := examine(ctx, os.Environ())
	if err := writeFindings(os.Stdout, findings, c.Output); err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		if !f.OK {
			bad++
		}
	}
	if bad > 0 {
		return unhealthy(bad)
	}
	return nil
}

func writeFindings(w io.Writer, findings []finding, format string) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(findings)
	}
	for _, f := range findings {
		mark, cure := "ok   ", ""
		if !f.OK {
			mark, cure = "WRONG", ". "+f.Cure
		}
		if _, err := fmt.Fprintf(w, "%s %-20s %s%s\n", mark, f.Check, f.Detail, cure); err != nil {
			return err
		}
	}
	return nil
}

// doctor gathers findings.
type doctor struct {
	Config   app.Config
	findings []finding
}

func (d *doctor) say(check, detail, cure string) {
	d.findings = append(d.findings, finding{Check: check, OK: cure == "", Detail: detail, Cure: cure})
}

// examine looks at settings first; without them nothing else can be asked.
func examine(ctx context.Context, environ []string) []finding {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	d := &doctor{}
	cfg, err := app.Load(environ)
	var faults app.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			what, cure, _ := strings.Cut(f, ": ")
			d.say("settings", what, cure)
		}
		return d.findings
	}
	d.Config = cfg
	d.say("settings", "readable, "+cfg.Environment, "")
	d.port(ctx, "HTTP_ADDR", cfg.HTTPAddr, "/v1/auth/me", `"/docs/erros/`)
	d.port(ctx, "OPS_ADDR", cfg.OpsAddr, "/metrics", "patapay_build_info")
	d.postgres(ctx)
	d.redis(ctx)
	return d.findings
}

// port tells whether an address can be listened on, or who is on it: a program of ours answers path with the sign.
func (d *doctor) port(ctx context.Context, name, addr, path, sign string) {
	own, err := app.OwnAddress(addr)
	if err != nil {
		d.say("port "+name, addr+" cannot be listened on", "Set "+name+" to an address of this machine")
		return
	}
	l, err := net.Listen("tcp", own)
	switch {
	case err == nil:
		l.Close()
		d.say("port "+name, addr+" is free", "")
	case errors.Is(err, syscall.EADDRINUSE) && answers(ctx, "http://"+own+path, sign):
		d.say("port "+name, addr+" is a running patapay's", "")
	case errors.Is(err, syscall.EADDRINUSE):
		d.say("port "+name, addr+" is taken", "Stop what listens there or set "+name)
	default:
		d.say("port "+name, addr+" cannot be listened on", "Set "+name+" to an address of this machine")
	}
}

// answers tells whether an address answers within two seconds, and with the sign in it.
func answers(ctx context.Context, url, sign string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return bytes.Contains(body, []byte(sign))
}

func (d *doctor) postgres(ctx context.Context) {
	a, err := app.New(d.Config, slog.New(slog.DiscardHandler))
	if err != nil {
		d.say(
			"data keys", "the master keyset cannot be used",
			"Give MASTER_KEYSET the keyset that this deployment was started with",
		)
		return
	}
	defer a.Close()
	for _, r := range a.Roles() {
		d.role(ctx, r)
	}
	d.inbox(ctx, a)
	if conn, err := a.WorkerDB.Pool().Acquire(ctx); err == nil {
		d.schema(ctx, conn.Conn())
		conn.Release()
	}
	d.keys(ctx, a)
	d.ledger(ctx)
	d.audit(ctx)
}

// role checks what each connection promises, and tells the time-outs that it really has.
func (d *doctor) role(ctx context.Context, r app.Role) {
	var fault *app.RoleFault
	if errors.As(app.CheckPostgres(ctx, r), &fault) {
		d.say("database "+r.Name, fault.Wrong, fault.Cure)
		return
	}
	s, err := r.DB.Server(ctx)
	if err != nil {
		d.say(
			"database "+r.Name, "cannot be reached",
			"Start Postgres, run `patapay migrate` if it is new (it makes the role), or correct "+r.Setting,
		)
		return
	}
	by := "directly"
	if s.Pooled {
		by = "through a pooler"
	}
	d.say("database "+r.Name, fmt.Sprintf("reached %s, commits are durable, "+
		"statements end after %s, idle transactions after %s",
		by, s.StatementLimit, s.IdleLimit), "")
}

// inbox stores one event and rolls it back: whether the door would answer 200.
func (d *doctor) inbox(ctx context.Context, a *app.App) {
	var fault *app.RoleFault
	switch err := a.CheckInbox(ctx); {
	case errors.As(err, &fault):
		d.say("inbox", fault.Wrong, fault.Cure)
	case a.ProbeInbox(ctx) != nil:
		d.say("inbox", "not tried: see the findings beside", "")
	default:
		d.say("inbox", "an event was stored and rolled back", "")
	}
}

// schema checks migrations, next month's partition and the clocks.
func (d *doctor) schema(ctx context.Context, conn *pgx.Conn) {
	var version int64
	if err := conn.QueryRow(ctx, `SELECT schema_version()`).Scan(&version); err != nil || version < migrations.Newest() {
		d.say(
			"migrations", fmt.Sprintf("the database is at %d, this program at %d", version, migrations.Newest()),
			"Run `patapay migrate` with DATABASE_URL set",
		)
		return
	}
	d.say("migrations", fmt.Sprintf("at %d", version), "")
	d.partition(ctx, conn, time.Now())
	d.partition(ctx, conn, time.Now().AddDate(0, 1, 0))
	var theirs time.Time
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&theirs); err != nil {
		d.say("clock", "Postgres's cannot be read", "Look at Postgres's log")
		return
	}
	d.clock(time.Since(theirs))
}

func (d *doctor) partition(ctx context.Context, conn *pgx.Conn, at time.Time) {
	var ready bool
	month := at.Format("2006-01")
	if err := conn.QueryRow(
		ctx, `SELECT event_bodies_ready($1::date)`, at.Format(time.DateOnly),
	).Scan(&ready); err != nil ||
		!ready {
		d.say(
			"partition "+month, "event_bodies has none for that month: bodies could not be stored",
			"Run SELECT keep_event_bodies(current_date, 90) as patapay_worker; a running worker does it every 6 h",
		)
		return
	}
	d.say("partition "+month, "is there", "")
}

// clock compares ours with Postgres's: tokens and receipts are dated by ours.
func (d *doctor) clock(off time.Duration) {
	seconds := math.Abs(off.Seconds())
	if seconds > 5 {
		d.say(
			"clock", fmt.Sprintf("differs from Postgres's by %.0f s", seconds),
			"Set the clock by NTP on this machine and on the database's",
		)
		return
	}
	d.say("clock", fmt.Sprintf("within %.1f s of Postgres's", seconds), "")
}

// keys opens one data key: a master keyset that does not fit is found now, not at the
// first delivery.
func (d *doctor) keys(ctx context.Context, a *app.App) {
	d.radar(ctx, a.APIDB)
	err := a.APIDB.EachClinic(ctx, 20, func(tx *tenants.Tx) error {
		_, err := tx.Opener(a.Vault)
		return err
	})
	switch {
	case errors.Is(err, vault.ErrSealed):
		d.say(
			"data keys", "a clinic's key cannot be opened with this MASTER_KEYSET",
			"Give MASTER_KEYSET the keyset that wrapped it; without it sealed data is lost",
		)
	case err != nil:
		d.say("data keys", "not asked", "See the database's findings above")
	default:
		d.say("data keys", "open", "")
	}
}

func (d *doctor) redis(ctx context.Context) {
	if d.Config.Notifications == "off" {
		d.say("redis", "not used: NOTIFICATIONS=off, the sweep carries everything", "")
		return
	}
	opt, err := redis.ParseURL(d.Config.RedisURL.Reveal())
	if err == nil {
		opt.DialTimeout, opt.MaxRetries = time.Second, -1
		client := redis.NewClient(opt)
		defer client.Close()
		err = client.Ping(ctx).Err()
	}
	if err != nil {
		d.say(
			"redis", "cannot be reached: events are applied by the sweep, a second later",
			"Start Redis, or correct REDIS_URL",
		)
		return
	}
	if err := app.CheckRedis(ctx, d.Config.RedisURL); err != nil {
		d.say(
			"redis", "maxmemory-policy is not noeviction: when full it would forget notifications",
			"CONFIG SET maxmemory-policy noeviction, and in redis.conf",
		)
		return
	}
	d.say("redis", "reached, keeps what it is given", "")
}
