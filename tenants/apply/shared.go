package apply

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Ran is what a clinic's part of a shared run did. Err is as Run's; then nothing of the clinic was changed.
type Ran struct {
	Clinic domain.ClinicID
	Report Report
	Err    error
}

// RunShared applies pending events of several clinics in one transaction, each of whose statements stands once for all
// of them: of what a lone event costs, most is the start of transaction and statements, whoever's they are. Clinics are
// locked in the order of their numbers, and one that somebody else has locked is left to a run of its own. What failed
// does not say whose it was: each half of the clinics is run again, and one that is left alone as by Run, where a
// poison event stops only its own entity. The answer has each clinic once.
func (a *Applier) RunShared(ctx context.Context, clinics []domain.ClinicID) []Ran {
	clinics = slices.Compact(slices.Sorted(slices.Values(clinics)))
	if len(clinics) < 2 {
		return a.runAlone(ctx, clinics)
	}
	s := &shared{Applier: a, ctx: ctx}
	err := s.try(clinics)
	switch {
	case err == nil:
		return append(s.ran(), a.runAlone(ctx, s.busy)...)
	case s.lost:
		return allFailed(clinics, err)
	}
	half := len(clinics) / 2
	return append(a.RunShared(ctx, clinics[:half]), a.RunShared(ctx, clinics[half:])...)
}

func (a *Applier) runAlone(ctx context.Context, clinics []domain.ClinicID) (done []Ran) {
	for _, clinic := range clinics {
		report, err := a.Run(ctx, clinic)
		done = append(done, Ran{clinic, report, err})
	}
	return done
}

func allFailed(clinics []domain.ClinicID, err error) (failed []Ran) {
	for _, clinic := range clinics {
		failed = append(failed, Ran{Clinic: clinic, Err: err})
	}
	return failed
}

// shared is one transaction's work for several clinics.
type shared struct {
	*Applier
	ctx  context.Context
	conn *pgx.Conn
	idle []*run            // that have nothing due
	runs []*run            // that have
	busy []domain.ClinicID // that somebody else has locked
	lost bool              // the connection is, or none was to be had
}

// try does the whole run, or nothing.
func (s *shared) try(clinics []domain.ClinicID) error {
	conn, err := s.DB.Pool().Acquire(s.ctx)
	if err != nil {
		s.lost = true
		return tenants.Translate(err, "database")
	}
	defer conn.Release()
	s.conn = conn.Conn()
	now := s.Now().UTC()
	for _, clinic := range clinics {
		s.runs = append(s.runs, &run{Applier: s.Applier, ctx: s.ctx, conn: s.conn, clinic: clinic, now: now})
	}
	committed, err := s.work()
	if !committed {
		_, _ = s.conn.Exec(context.WithoutCancel(s.ctx), "ROLLBACK") // of a broken connection nothing is left to roll back
	}
	s.lost = err != nil && (s.conn.IsClosed() || s.ctx.Err() != nil)
	if committed {
		for _, w := range s.runs {
			s.askedPayers.add(w.clinic, w.payers)
		}
		s.crash("after-apply")
	}
	return tenants.Translate(err, "apply")
}

// work takes the rows, works, and commits if there were any: three round trips, as for one clinic.
func (s *shared) work() (committed bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = domain.Errorf(domain.Invalid, "panic: %v", p)
		}
	}()
	if err := s.pick(); err != nil || len(s.runs) == 0 {
		return false, err
	}
	w, err := s.load()
	if err != nil {
		return false, err
	}
	err = s.save(w)
	return err == nil, err
}

// pick locks the clinics that have something due and that nobody else has locked, and takes their rows.
func (s *shared) pick() error {
	all := s.runs
	if err := pickAll(all, lockIfDue+skipLocked, all[0].now); err != nil {
		return err
	}
	s.runs = nil
	for _, w := range all {
		switch {
		case len(w.picked) == 0:
			s.idle = append(s.idle, w)
		case !w.locked:
			s.busy = append(s.busy, w.clinic)
		default:
			w.report.Rows, w.report.More = len(w.picked), len(w.picked) == runRows
			s.runs = append(s.runs, w)
		}
	}
	return nil
}

// load reads what the clinics' rows need, and folds. From here on the transaction sees the clinics that it holds.
func (s *shared) load() (list work, err error) {
	for _, w := range s.runs {
		p, err := extracted(w, w.picked)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	var b pgx.Batch
	queueScope(&b, s.runs)
	if err := list.ask(&b); err != nil {
		return nil, err
	}
	return list, list.fold()
}

// save writes what the rows lead to, and commits.
func (s *shared) save(list work) error {
	b, err := list.saved()
	if err != nil {
		return err
	}
	if s.Crash != nil { // a kill may come between two statements, when a part of each clinic's rows is written
		for _, q := range b.QueuedQueries {
			if err := s.conn.SendBatch(s.ctx, &pgx.Batch{QueuedQueries: []*pgx.QueuedQuery{q}}).Close(); err != nil {
				return err
			}
			s.crash("in-apply")
		}
		b = &pgx.Batch{}
	}
	b.Queue("COMMIT") // no statement follows one that failed, and so this does not
	return s.conn.SendBatch(s.ctx, b).Close()
}

// ran tells what the clinics' parts did.
func (s *shared) ran() (done []Ran) {
	for _, w := range append(s.runs, s.idle...) {
		done = append(done, Ran{Clinic: w.clinic, Report: w.report})
	}
	return done
}

// queueScope lets the statements that follow, to the transaction's end or the next scope, see these clinics and no
// other: one by the wall that every role has, several by the worker's own (migration 0350). It also says that the
// numbers of invoices are noted by who writes them, so that the trigger which notes them for programs of before
// migration 0330 has nothing to do; and that rows are found by their keys, one after the other: a plan is made once for
// a connection's life, often while the tables are empty, and then a join by reading all of a table looks cheapest.
func queueScope(b *pgx.Batch, list []*run) {
	one, several := "0", ""
	if len(list) == 1 {
		one = strconv.Itoa(int(list[0].clinic))
	} else {
		several = "{" + strings.Join(column(list, func(w *run) string { return strconv.Itoa(int(w.clinic)) }), ",") + "}"
	}
	b.Queue(`SELECT set_config('app.clinic_id', $1, true), set_config('app.clinics', $2, true),
		set_config('app.invoice_numbers', 'noted', true), set_config('enable_hashjoin', 'off', true),
		set_config('enable_mergejoin', 'off', true)`, one, several)
}

// numbered is something of a clinic.
type numbered interface{ number() domain.ClinicID }

func (w *run) number() domain.ClinicID { return w.clinic }

// numbers returns the clinics as a column.
func numbers[W numbered](list []W) []int32 {
	return column(list, func(w W) int32 { return int32(w.number()) })
}

// collect reads rows that begin with their clinic's number, and gives each to its clinic's part. list is in the order
// of these numbers. It fails with Internal at a row of another clinic: whatever showed it, it is not applied.
func collect[W numbered, T any](
	list []W, rows pgx.Rows, scan func(pgx.CollectableRow) (T, error), keep func(W, T),
) error {
	defer rows.Close()
	row := clinicRow{CollectableRow: rows}
	for rows.Next() {
		v, err := scan(&row)
		if err != nil {
			return err
		}
		at, held := slices.BinarySearchFunc(list, row.clinic, func(w W, clinic domain.ClinicID) int {
			return cmp.Compare(w.number(), clinic)
		})
		if !held {
			return domain.Errorf(domain.Internal, "a row of clinic %d, which the run does not hold", row.clinic)
		}
		keep(list[at], v)
	}
	return rows.Err()
}

// clinicRow is a row behind its clinic's number.
type clinicRow struct {
	pgx.CollectableRow
	clinic domain.ClinicID
	into   []any
}

// Scan reads the clinic's number, and the rest into dest.
func (r *clinicRow) Scan(dest ...any) error {
	r.into = append(append(r.into[:0], &r.clinic), dest...)
	return r.CollectableRow.Scan(r.into...)
}
