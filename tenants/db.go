package tenants

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"patapay/domain"
)

// DB is one database role's door to Postgres: a pool that gorm and pgx share. Each role
// has its own (docs/architecture.md, database roles), so that a slow report never starves intake.
type DB struct {
	pool *pgxpool.Pool
	sql  *sql.DB
	gorm *gorm.DB
	gate Gate // nil: whoever asks first has a connection first
}

// Gate decides who has a connection next: it is asked for each transaction's clinic,
// 0 for the platform, before the pool is.
type Gate interface {
	// Enter waits for a turn and returns what ends it. It fails with Unavailable when there is none in time.
	Enter(ctx context.Context, clinic domain.ClinicID) (leave func(), err error)
}

// Options say how a pool is used.
type Options struct {
	Name           string        // application_name in pg_stat_activity
	MaxConns       int32         // upper bound of connections; 0: 8
	StatementLimit time.Duration // a statement running longer is cancelled by Postgres; 0: 30 s
	Pooler         bool          // a pooler in transaction mode is between: nothing may depend on the session
	Gate           Gate          // in front of the connections of In and Platform; nil: none
}

// Open returns a pool on url; it connects lazily, so a database that is away is an error
// of the first query. It fails on a url that cannot be read.
func Open(url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database url of %s cannot be read", o.Name) // pgx's own text may show the password
	}
	cfg.MaxConns = max(o.MaxConns, 1)
	if o.MaxConns == 0 {
		cfg.MaxConns = 8
	}
	o.session(cfg)
	cacheOnce(cfg.ConnConfig)
	cfg.ConnConfig.ConnectTimeout = 2 * time.Second
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		return nil, fmt.Errorf("open database as %s: %w", o.Name, err)
	}
	db := stdlib.OpenDBFromPool(pool)
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}), &gorm.Config{
		Logger: logger.New(
			slogWriter{},
			logger.Config{LogLevel: logger.Error, ParameterizedQueries: true, IgnoreRecordNotFoundError: true},
		),
		SkipDefaultTransaction: true, // In opens our own
		QueryFields:            true, // a column that a later release adds is none of this program's answers
		DisableAutomaticPing:   true, // a database that starts later is fine
	})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database as %s: %w", o.Name, err)
	}
	return &DB{pool: pool, sql: db, gorm: g, gate: o.Gate}, nil
}

// session says what each connection is told, and how statements are sent on it. A pooler in transaction mode refuses
// parameters at connection and lends each transaction another server: then the role's own time-outs hold, which a
// migration sets, and no statement stays prepared.
func (o Options) session(cfg *pgxpool.Config) {
	cfg.AfterConnect = encode
	cfg.ConnConfig.OnNotice, cfg.PrepareConn = noteUnreplicated, forgetUnreplicated
	if o.Pooler {
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		return
	}
	if o.StatementLimit == 0 {
		o.StatementLimit = 30 * time.Second
	}
	p := cfg.ConnConfig.RuntimeParams
	p["application_name"] = "patapay " + o.Name
	p["timezone"] = "UTC"
	p["statement_timeout"] = strconv.FormatInt(o.StatementLimit.Milliseconds(), 10)
	p["idle_in_transaction_session_timeout"] = "60000"
}

// statementsKept is how many statements a connection keeps prepared, or described through a pooler: more than any role
// sends, but for the filters of lists.
const statementsKept = 256

// cacheOnce makes room for one kind of kept statements: pgx makes it with each connection for two, of which its mode
// uses one.
func cacheOnce(cfg *pgx.ConnConfig) {
	switch cfg.DefaultQueryExecMode {
	case pgx.QueryExecModeCacheStatement:
		cfg.StatementCacheCapacity, cfg.DescriptionCacheCapacity = min(cfg.StatementCacheCapacity, statementsKept), 0
	case pgx.QueryExecModeCacheDescribe:
		cfg.StatementCacheCapacity, cfg.DescriptionCacheCapacity = 0, min(cfg.DescriptionCacheCapacity, statementsKept)
	}
}

// slogWriter hands gorm's rare error lines to slog, without values.
type slogWriter struct{}

func (slogWriter) Printf(format string, args ...any) {
	slog.Debug("gorm", "text", fmt.Sprintf(format, args...))
}

// Close ends the pool once its queries are done.
func (db *DB) Close() {
	_ = db.sql.Close()
	db.pool.Close()
}

// Pool returns the role's connections, for single statements that belong to no clinic's
// transaction and for work that manages its transaction by itself.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping returns nil when Postgres answers.
func (db *DB) Ping(ctx context.Context) error { return Translate(db.pool.Ping(ctx), "database") }

// Tx is one transaction inside one clinic. Only In and Platform make one.
type Tx struct {
	ctx    context.Context
	gorm   *gorm.DB
	conn   *sql.Conn
	clinic domain.ClinicID
}

// Clinic returns the clinic this transaction is scoped to; 0 for the platform.
func (tx *Tx) Clinic() domain.ClinicID { return tx.clinic }

// Context returns the transaction's context, which opens no other transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Gorm returns the transaction for rows that gorm reads and writes.
func (tx *Tx) Gorm() *gorm.DB { return tx.gorm }

// Conn lends the transaction's own connection to pgx, for what SQL and pipelines say better.
func (tx *Tx) Conn(fn func(*pgx.Conn) error) error {
	return tx.conn.Raw(func(c any) error { return fn(c.(*stdlib.Conn).Conn()) })
}

// inside marks the context of an open transaction.
type inside struct{}

// scopeOfClinic says for which clinic a transaction speaks, until it ends.
const scopeOfClinic = `SELECT set_config('app.clinic_id', '%d', true)`

// In runs fn in one transaction scoped to clinic, and commits if fn returns nil. The scope
// ends with the transaction, so a pooled connection carries none of it to the next user.
// During a migration and after a failover fn may run a second time, after a first one that was rolled
// back: what it gathers outside itself it begins anew.
// It refuses the zero clinic with Internal, and so the context of a transaction: a
// transaction that waits for a second connection may wait for itself.
func (db *DB) In(ctx context.Context, clinic domain.ClinicID, fn func(*Tx) error) error {
	if clinic <= 0 {
		return domain.Errorf(domain.Internal, "a transaction without a clinic")
	}
	return db.within(ctx, clinic, scopeOfClinic, fn)
}

// Platform runs fn in one transaction that speaks for the platform: it sees the tables
// that allow it (who the clinics are, who logs in, alarms) and no row of a clinic's money.
func (db *DB) Platform(ctx context.Context, fn func(*Tx) error) error {
	return db.within(ctx, 0, scopeOfClinic+`, set_config('app.scope', 'platform', true)`, fn)
}

// InOrPlatform is In, and Platform for clinic 0: for work that is a clinic's or the platform's own.
func (db *DB) InOrPlatform(ctx context.Context, clinic domain.ClinicID, fn func(*Tx) error) error {
	if clinic == 0 {
		return db.Platform(ctx, fn)
	}
	return db.In(ctx, clinic, fn)
}

// recording marks the context of a transaction that writes for a request that reads.
type recording struct{}

// RecordingAccess returns a context whose transactions write although their request only reads:
// they note that somebody read. No other transaction of a GET writes, so that everything else
// of one could as well be asked of a replica.
func RecordingAccess(ctx context.Context) context.Context {
	return context.WithValue(ctx, recording{}, true)
}

// Outside fails with Internal for the context of an open transaction.
func Outside(ctx context.Context) error {
	if ctx.Value(inside{}) != nil {
		return domain.Errorf(domain.Internal, "a second connection inside a transaction")
	}
	return nil
}

// within runs fn in a transaction, and a second time where the first one met a plan that a migration had made old
// (that one was rolled back, and connections that are made anew know no old plan) or another history of the feed.
func (db *DB) within(ctx context.Context, clinic domain.ClinicID, scope string, fn func(*Tx) error) error {
	if err := Outside(ctx); err != nil {
		return err
	}
	if db.gate != nil {
		leave, err := db.gate.Enter(ctx, clinic)
		if err != nil {
			return err
		}
		defer leave()
	}
	ctx = context.WithValue(ctx, inside{}, true)
	err := db.once(ctx, clinic, scope, fn)
	if stalePlan(err) {
		db.pool.Reset()
		err = db.once(ctx, clinic, scope, fn)
	}
	if db.NotesHistory(ctx, err) {
		err = db.once(ctx, clinic, scope, fn)
	}
	return err
}

// once runs fn in one transaction. It begins and is scoped in one message: most transactions are short, and each
// message is a round trip.
func (db *DB) once(ctx context.Context, clinic domain.ClinicID, scope string, fn func(*Tx) error) (err error) {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return Translate(err, "database")
	}
	defer conn.Close()
	begin := "BEGIN"
	if ctx.Value(recording{}) != nil { // for a connection that only reads unless told otherwise
		begin = "BEGIN READ WRITE"
	}
	open := pgx.TxOptions{BeginQuery: begin + "; " + fmt.Sprintf(scope, clinic)}
	tx := &Tx{ctx: ctx, gorm: db.gorm.Session(&gorm.Session{NewDB: true, Context: ctx}), conn: conn, clinic: clinic}
	tx.gorm.Statement.ConnPool = conn
	var stx pgx.Tx
	if err = tx.Conn(func(c *pgx.Conn) (err error) { stx, err = c.BeginTx(ctx, open); return err }); err != nil {
		return Translate(err, "begin")
	}
	defer func() { // after a commit this does nothing; after a panic it frees the locks
		_ = tx.Conn(func(*pgx.Conn) error { return stx.Rollback(ctx) })
	}()
	if err = fn(tx); err != nil {
		return err
	}
	if err = tx.Conn(func(*pgx.Conn) error { return stx.Commit(ctx) }); err != nil {
		return Translate(err, "commit")
	}
	return tx.Conn(Replicated)
}
