// Package apply turns pending events into projections, bookings and feed entries: one
// transaction for each run, in which every write stands in one ordered list
// (saving). Running it again, or twice at once, changes nothing more.
package apply

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
	"patapay/tenants/radar"
	"patapay/tenants/vault"
)

// Applier turns pending events into projections: one transaction for each run of one clinic
// (docs/architecture.md, apply). Running it again, or twice at once, changes nothing more.
type Applier struct {
	DB     *tenants.DB // the worker role's
	Vault  *vault.Vault
	Ledger ledger.Chain // seals what is booked
	Now    func() time.Time
	Crash  func(point string) // kills the process at named points in fault tests; nil otherwise
	Radar  *radar.Recorder    // counts what no list of ours has; nil: nobody does

	keyRings    sync.Map // domain.ClinicID → keyRing, read once and again when a key is missing
	askedPayers askedPayers
}

// Report tells what a run did.
type Report struct {
	Rows    int      // due rows looked at
	Dead    int      // of them, given up
	More    bool     // the clinic may have more; run it again
	Changes []Change // projections whose state changed
}

// Change is a new version of one projection: what the feed will tell of.
type Change struct {
	Kind    domain.Kind
	ID      domain.UUID
	AsaasID string
	Version int
}

const (
	runRows  = 50         // of one clinic in one transaction, so that clinics take turns
	maxTries = 5          // of a transient failure, within an hour
	never    = "infinity" // due again only by a person's hand
)

// Run applies at most 50 pending events of clinic. When the transaction fails by the data it
// is repeated entity by entity, so that a poison event stops only its own entity. It fails
// with Unavailable when Postgres is away; then nothing was changed.
func (a *Applier) Run(ctx context.Context, clinic domain.ClinicID) (Report, error) {
	report, err := a.transaction(ctx, clinic, (*run).together)
	if a.DB.NotesHistory(ctx, err) {
		report, err = a.transaction(ctx, clinic, (*run).together)
	}
	if err == nil || domain.CodeOf(err) == domain.Unavailable && ctx.Err() != nil {
		return report, err
	}
	first := err
	if report, err = a.transaction(ctx, clinic, (*run).singly); err != nil {
		return report, fmt.Errorf("%w (together: %v)", err, first)
	}
	return report, nil
}

// transaction runs work on the clinic's due rows, on a connection of its own and in three
// round trips: scope, lock and rows; what they need; what they lead to.
func (a *Applier) transaction(
	ctx context.Context, clinic domain.ClinicID, work func(*run, []*dueRow) error,
) (Report, error) {
	return a.try(ctx, &run{clinic: clinic}, work)
}

// try is transaction for a run that knows more than its clinic.
func (a *Applier) try(ctx context.Context, w *run, work func(*run, []*dueRow) error) (Report, error) {
	if w.clinic <= 0 {
		return Report{}, domain.Errorf(domain.Internal, "a run without a clinic")
	}
	conn, err := a.DB.Pool().Acquire(ctx)
	if err != nil {
		return Report{}, tenants.Translate(err, "database")
	}
	defer conn.Release()
	w.Applier, w.now, w.ctx, w.conn = a, a.Now().UTC(), ctx, conn.Conn()
	err = w.run(work)
	if err != nil || !w.committed {
		_, _ = w.conn.Exec(context.WithoutCancel(ctx), "ROLLBACK") // of a broken connection nothing is left to roll back
	}
	if err == nil && w.committed {
		a.askedPayers.add(w.clinic, w.payers)
		a.crash("after-apply")
	}
	return w.report, tenants.Translate(err, "apply")
}

// run takes the rows, works, and commits if there were any.
func (w *run) run(work func(*run, []*dueRow) error) error {
	pick := w.pick
	if w.replay != nil {
		pick = w.pickAnew
	}
	rows, err := pick()
	if err != nil || len(rows) == 0 && !w.replay.saves() {
		return err
	}
	w.report.Rows, w.report.More = len(rows), len(rows) == runRows
	if len(rows) > 0 {
		err = work(w, rows)
	}
	if err != nil || w.committed || w.replay.isDry() {
		return err
	}
	w.crash("in-apply")
	if w.replay.saves() {
		if err := w.replay.save(w.replay.told()); err != nil {
			return err
		}
	}
	_, err = w.conn.Exec(w.ctx, "COMMIT")
	w.committed = err == nil
	return err
}

// saves tells whether something else is stored before the commit.
func (r *replay) saves() bool { return r != nil && r.save != nil }

// pipelined tells whether the commit goes with the last batch.
func (w *run) pipelined() bool { return w.Crash == nil && !w.replay.isDry() && !w.replay.saves() }

func (a *Applier) crash(point string) {
	if a.Crash != nil {
		a.Crash(point)
	}
}

// run is one transaction's work.
type run struct {
	*Applier
	ctx       context.Context
	conn      *pgx.Conn
	clinic    domain.ClinicID
	now       time.Time
	picked    []*dueRow
	settings  clinicSettings
	head      ledger.Head
	locked    bool     // the clinic's head is
	payers    []string // whose names the batch asks for
	report    Report
	committed bool    // the last batch carried the commit
	replay    *replay // events that a person asks to apply anew, in place of what is due; nil: none
}

// clinicSettings are those of a clinic that decide how its events are applied.
type clinicSettings struct {
	suspended bool
	awaiting  bool // its first event makes the connection active
	confirm   bool // money facts are confirmed by a read
}

// together applies all rows at once.
func (w *run) together(rows []*dueRow) error {
	if err := w.applyRows(rows, w.pipelined()); err != nil {
		return err
	}
	w.committed = w.pipelined()
	return nil
}

// applyRows applies rows at once, and commits if it is told to: that saves a round trip.
func (w *run) applyRows(rows []*dueRow, commit bool) error {
	list, err := w.prepare(rows)
	if err != nil {
		return err
	}
	b, err := list.saved()
	if err != nil {
		return err
	}
	if commit { // a statement that failed before it turns it into a rollback, and into an error here
		b.Queue("COMMIT")
	}
	if err := w.conn.SendBatch(w.ctx, b).Close(); err != nil {
		return err
	}
	w.replay.note(list[0])
	return nil
}

// singly applies entity by entity, each behind a savepoint. An entity that fails is tried
// event by event, so that only the poison one waits or dies.
func (w *run) singly(rows []*dueRow) error {
	for _, group := range byEntity(rows) {
		cause, err := w.behindSavepoint(group)
		if err != nil {
			return err
		}
		if cause == nil {
			continue
		}
		for _, r := range group {
			if len(group) > 1 {
				if cause, err = w.behindSavepoint([]*dueRow{r}); err != nil {
					return err
				}
			}
			if cause == nil {
				continue
			}
			if err := w.postpone(r, cause); err != nil {
				return err
			}
		}
	}
	return nil
}

// behindSavepoint applies the rows and keeps the result, or undoes it and returns why it
// failed. The second error is one after which nothing more can be done on the connection.
func (w *run) behindSavepoint(rows []*dueRow) (cause, broken error) {
	if _, err := w.conn.Exec(w.ctx, `SAVEPOINT entity`); err != nil {
		return nil, err
	}
	// What else writes entries of the feed in this transaction has moved its end since.
	row := w.conn.QueryRow(w.ctx, `SELECT feed_seq FROM clinic_heads WHERE clinic_id = $1`, w.clinic)
	if err := row.Scan(&w.head.Feed); err != nil {
		return nil, err
	}
	dead, changes, head, asked := w.report.Dead, len(w.report.Changes), w.head, len(w.payers)
	cause = w.withRecover(rows)
	if cause == nil {
		_, cause = w.conn.Exec(w.ctx, `RELEASE SAVEPOINT entity`)
	}
	if cause == nil {
		return nil, nil
	}
	if w.conn.IsClosed() || w.ctx.Err() != nil {
		return nil, cause
	}
	w.report.Dead, w.report.Changes, w.head = dead, w.report.Changes[:changes], head
	w.payers = w.payers[:asked]
	for _, r := range rows {
		r.decide("", "")
	}
	_, broken = w.conn.Exec(w.ctx, `ROLLBACK TO SAVEPOINT entity`)
	return cause, broken
}

// withRecover applies one entity without committing, with a panic turned into an error: a bug met by one
// event must not stop the others.
func (w *run) withRecover(group []*dueRow) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = domain.Errorf(domain.Invalid, "panic: %v", p)
		}
	}()
	return w.applyRows(group, false)
}

// byEntity groups rows by kind and entity, in order of first sight.
func byEntity(rows []*dueRow) [][]*dueRow {
	at := map[entityName]int{}
	var groups [][]*dueRow
	for _, r := range rows {
		n := r.name()
		if n.kind == domain.KindOther {
			n.id = string(r.key.Bytes()) // each for itself
		}
		i, known := at[n]
		if !known {
			i = len(groups)
			at[n] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// postpone puts a failing event off: a quarter of a minute, then longer, five times within
// an hour for what may pass; straight to the dead letters for what cannot.
func (w *run) postpone(r *dueRow, cause error) error {
	class := string(domain.CodeOf(tenants.Translate(cause, "apply")))
	tries := r.tries + 1
	dead := tries >= maxTries || class == string(domain.Invalid)
	next := any(w.now.Add(15 * time.Second << (2 * (tries - 1)))) // 15 s, 1 min, 4 min, 16 min
	if dead {
		next = never
		w.report.Dead++
	}
	return w.reschedule(r, next, tries, class+": "+cause.Error(), dead)
}

func (w *run) reschedule(r *dueRow, next any, tries int16, cause string, dead bool) error {
	_, err := w.conn.Exec(w.ctx, `UPDATE due SET next_at = $6::text::timestamptz, tries = $7, last_error = left($8, 500)
		WHERE clinic_id = $1 AND next_at = $2 AND environment = $3 AND seq = $4 AND id_hash = $5`,
		w.clinic, r.nextAt, r.key.Environment, r.key.Seq, r.key.Hash, textTime(next), tries, cause)
	if err != nil || !dead {
		return err
	}
	_, err = w.conn.Exec(
		w.ctx,
		`UPDATE events SET outcome = 'dead', reason = 'failed'
		WHERE clinic_id = $1 AND environment = $2 AND seq = $3 AND id_hash = $4`,
		w.clinic, r.key.Environment, r.key.Seq, r.key.Hash,
	)
	if err == nil {
		_, err = w.conn.Exec(
			w.ctx, `SELECT raise_alarm($1, $2, $3, $4)`, w.clinic, string(domain.AlarmDeadLetters), w.now,
			domain.AlarmDeadLetters.NextAction(),
		)
	}
	return err
}

// textTime writes an instant, or "infinity", as Postgres reads both.
func textTime(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.Format(time.RFC3339Nano)
	}
	return v.(string)
}
