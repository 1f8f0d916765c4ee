package apply

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"patapay/domain"
	"patapay/tenants"
)

// Ran is what a clinic's part of a shared run did. Err is as Run's; then nothing of the clinic was changed.
type Ran struct {
	Clinic domain.ClinicID
	Report Report
	Err    error
}

// RunShared applies pending events of several clinics in one transaction: of what a lone event costs, most is the
// transaction and its round trips, whoever's it is. Each statement still sees one clinic, since the transaction is
// scoped anew before each clinic's; clinics are locked in the order of their numbers, and one that somebody else has
// locked is left to a run of its own. When a clinic's part fails the others are shared again without it, and it runs
// alone, where a poison event stops only its own entity. The answer has each clinic once.
func (a *Applier) RunShared(ctx context.Context, clinics []domain.ClinicID) []Ran {
	var done []Ran
	var alone []domain.ClinicID
	clinics = slices.Sorted(slices.Values(clinics))
	for failures := 0; len(clinics) > 1 && failures < sharedFailures; failures++ {
		s := &shared{Applier: a, ctx: ctx}
		err := s.try(clinics)
		switch {
		case err == nil:
			done, alone, clinics = append(done, s.ran()...), append(alone, s.busy...), nil
		case s.lost:
			return append(done, allFailed(append(alone, clinics...), err)...)
		case s.at == nil:
			failures = sharedFailures
		default:
			at := slices.Index(clinics, s.at.clinic)
			alone, clinics = append(alone, s.at.clinic), slices.Delete(clinics, at, at+1)
		}
	}
	for _, clinic := range append(alone, clinics...) {
		report, err := a.Run(ctx, clinic)
		done = append(done, Ran{clinic, report, err})
	}
	return done
}

// sharedFailures is after how many of its clinics failed a shared run is given up: each runs alone then.
const sharedFailures = 3

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
	at   *run              // whose part is under way; a failure is its own. nil: nobody's
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
	for _, clinic := range clinics {
		s.runs = append(s.runs, &run{Applier: s.Applier, ctx: s.ctx, conn: s.conn, clinic: clinic, now: s.Now().UTC()})
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

// work takes the rows, works, and commits if there were any: three round trips, as for one clinic. A panic is a failure
// of the clinic that it was met in.
func (s *shared) work() (committed bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = domain.Errorf(domain.Invalid, "panic: %v", p)
		}
	}()
	if err := s.pick(); err != nil || len(s.runs) == 0 {
		return false, err
	}
	work, err := s.prepare()
	if err != nil {
		return false, err
	}
	err = s.save(work)
	return err == nil, err
}

// queueScope is queueScope, and notes whose statements follow.
func (s *shared) queueScope(b *pgx.Batch, w *run) {
	queueScope(b, w.clinic).Exec(func(pgconn.CommandTag) error {
		s.at = w
		return nil
	})
}

// pick locks the clinics that have something due and that nobody else has locked, and takes their rows.
func (s *shared) pick() error {
	var b pgx.Batch
	b.Queue("BEGIN")
	for _, w := range s.runs {
		s.queueScope(&b, w)
		queuePick(&b, w, lockIfDue+` SKIP LOCKED`, w.now)
	}
	if err := s.conn.SendBatch(s.ctx, &b).Close(); err != nil {
		return err
	}
	all := s.runs
	s.runs, s.at = nil, nil
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

// prepare reads what the clinics' rows need, once for all, and folds.
func (s *shared) prepare() ([]*prepared, error) {
	var b pgx.Batch
	work := make([]*prepared, len(s.runs))
	for i, w := range s.runs {
		s.at = w
		p, err := extracted(w, w.picked)
		if err != nil {
			return nil, err
		}
		s.queueScope(&b, w)
		p.queueLoad(&b, w)
		work[i] = p
	}
	s.at = nil
	if err := s.conn.SendBatch(s.ctx, &b).Close(); err != nil {
		return nil, err
	}
	for i, w := range s.runs {
		s.at = w
		if err := work[i].fold(w); err != nil {
			return nil, err
		}
	}
	return work, nil
}

// save writes what the rows lead to, and commits.
func (s *shared) save(work []*prepared) error {
	var b pgx.Batch
	for i, w := range s.runs {
		s.at = w
		s.queueScope(&b, w)
		if err := w.queueAll(&b, work[i]); err != nil {
			return err
		}
		if s.Crash != nil { // a kill may come between two clinics
			if err := s.conn.SendBatch(s.ctx, &b).Close(); err != nil {
				return err
			}
			b = pgx.Batch{}
			s.crash("in-apply")
		}
	}
	s.at = nil
	b.Queue("COMMIT") // no statement follows one that failed, and so this does not
	return s.conn.SendBatch(s.ctx, &b).Close()
}

// ran tells what the clinics' parts did.
func (s *shared) ran() (done []Ran) {
	for _, w := range append(s.runs, s.idle...) {
		done = append(done, Ran{Clinic: w.clinic, Report: w.report})
	}
	return done
}
