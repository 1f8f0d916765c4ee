package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/vault"
)

// Role is one database role's connections, and the setting that leads to them.
type Role struct {
	Name    string // ingest, api, worker or sweeper
	Setting string // INGEST_DATABASE_URL …
	DB      *tenants.DB
	Pooler  string // the setting POOLER
}

// Roles returns the four, the inbox's first.
func (a *App) Roles() []Role {
	return []Role{
		{"ingest", "INGEST_DATABASE_URL", a.ingest, a.Config.Pooler},
		{"api", "API_DATABASE_URL", a.APIDB, a.Config.Pooler},
		{"worker", "WORKER_DATABASE_URL", a.WorkerDB, a.Config.Pooler},
		{"sweeper", "SWEEPER_DATABASE_URL", a.sweeper, a.Config.Pooler},
	}
}

// RoleFault says what is wrong with a role's connections, and what to do about it.
type RoleFault struct{ Setting, Wrong, Cure string }

// Error returns all of it in one line.
func (f *RoleFault) Error() string { return f.Setting + ": " + f.Wrong + ": " + f.Cure }

// CheckPostgres refuses a database that would break a promise: a commit that is not on
// disk before the answer, a runtime role above row security, a connection without time-outs,
// a pooler that nobody told us of. It returns a *RoleFault, or nil for a
// database that cannot be asked: that one is down, not wrong, and serve waits for it.
func CheckPostgres(ctx context.Context, r Role) error {
	s, err := r.DB.Server(ctx)
	if err != nil && domain.CodeOf(err) == domain.Unavailable || errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if fault := r.fault(s, err); fault != nil {
		return fault
	}
	return nil
}

func (r Role) fault(s tenants.Server, err error) *RoleFault {
	fault := func(wrong, cure string) *RoleFault { return &RoleFault{r.Setting, wrong, cure} }
	const pooler = "set POOLER=transaction (see docs/operations.md)"
	switch {
	case err != nil:
		return fault(
			"the connection is refused for how it is made", pooler+" if a pooler is there, or look at Postgres's log",
		)
	case s.SyncCommit == "off":
		return fault("synchronous_commit is off: an accepted event could be lost",
			"set synchronous_commit to on, in postgresql.conf and for the role (ALTER ROLE … RESET synchronous_commit)")
	case s.AboveRowSecurity:
		return fault("its role is a superuser or bypasses row security", "use the role made for it, patapay_"+r.Name)
	case s.Pooled && r.Pooler != "transaction":
		return fault("a pooler answers in place of Postgres", pooler)
	case s.StatementLimit == 0 || s.IdleLimit == 0:
		return fault("statement_timeout or idle_in_transaction_session_timeout is off: "+
			"one slow query could hold everything up",
			"run `patapay migrate`, which sets them at the role, then have the pooler connect anew (RECONNECT)")
	case s.TimeZone != "UTC":
		return fault(
			"the time zone is "+s.TimeZone, "ALTER ROLE patapay_"+r.Name+" SET timezone = 'UTC', then RECONNECT the pooler",
		)
	}
	return nil
}

// ProbeInbox stores one event in two ways and rolls it back. It fails as the inbox does.
func (a *App) ProbeInbox(ctx context.Context) error { return inbox.Probe(a.ingest, ctx, a.Now()) }

// CheckInbox stores one event in two ways and rolls it back: what the process is for, tried once. It returns a
// *RoleFault when that fails for how it is asked, and nil where /readyz says it better: a database that is away, has
// no schema yet or no partition.
func (a *App) CheckInbox(ctx context.Context) error {
	err := a.ProbeInbox(ctx)
	if err == nil || domain.CodeOf(err) != domain.Internal || tenants.NotMigrated(err) {
		return nil
	}
	return &RoleFault{
		"INGEST_DATABASE_URL", "an event cannot be stored: " + err.Error(),
		"look at Postgres's log; with a pooler, set POOLER=transaction",
	}
}

// CheckRedis refuses a Redis that throws keys away when full: it would forget notifications in
// silence. A Redis that is away is no fault, and one that hides CONFIG (managed ones do)
// is believed.
func CheckRedis(ctx context.Context, url vault.Secret) error {
	opt, err := redis.ParseURL(url.Reveal())
	if err != nil {
		return errors.New("REDIS_URL cannot be read")
	}
	client := redis.NewClient(opt)
	defer client.Close()
	policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil || policy["maxmemory-policy"] == "" || policy["maxmemory-policy"] == "noeviction" {
		return nil
	}
	return fmt.Errorf("REDIS_URL: its maxmemory-policy is %s: set it to noeviction", policy["maxmemory-policy"])
}
