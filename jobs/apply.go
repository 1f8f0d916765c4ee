package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patapay/domain"
	"patapay/tenants/alarm"
	"patapay/tenants/apply"
	"patapay/tenants/inbox"
	"patapay/tenants/query"
)

// applyClinics applies pending events of the clinics, in one transaction, and tells the readers of their feeds.
func (w *Worker) applyClinics(ctx context.Context, clinics []domain.ClinicID) []apply.Ran {
	start := time.Now()
	done := w.Apply.RunShared(ctx, clinics)
	rows, nothing, failed := 0, 0, 0
	for _, r := range done {
		rows += r.Report.Rows
		if r.Err != nil {
			failed++
			w.Log.WarnContext(ctx, "apply failed", "clinic", r.Clinic, "err", r.Err)
		}
		if r.Err == nil && r.Report.Rows == 0 {
			nothing++
		}
		if w.changes != nil && len(r.Report.Changes) > 0 {
			w.changes.add(r.Clinic)
		}
		if r.Report.Dead > 0 {
			w.Log.WarnContext(
				ctx, "alarm", "kind", "dead_letters", "clinic", r.Clinic, "dead", r.Report.Dead, "next_action",
				"look at the events' last errors; replay them once the cause is mended",
			)
		}
	}
	if w.Counted != nil {
		w.Counted(len(done)-nothing-failed, nothing)
	}
	if rows > 0 {
		w.Log.DebugContext(ctx, "applied", "clinics", len(done), "rows", rows, "ms", time.Since(start).Milliseconds())
	}
	return done
}

const (
	sweepMost  = 2000             // clinics of one sweep; the rest come a second later
	sweepAfter = time.Second      // what is younger is left to its notification, while there are such
	forgotten  = 10 * time.Second // a clinic that was ready for so long while this worker listened is nobody's
)

// sweep finds every clinic that has pending events. It locks nothing, and without Redis it is
// all there is. While notifications reach this worker it leaves to them what they have not had time
// for, and what waits in the ready set for the next free worker: of two runs one would find nothing.
func (w *Worker) sweep(ctx context.Context) error {
	at, told := w.Now(), w.listens()
	if told {
		at = at.Add(-sweepAfter)
	}
	clinics, err := apply.DueClinics(w.Sweeper, ctx, at, sweepMost)
	ready := map[domain.ClinicID]time.Time{}
	if told && len(clinics) > 0 {
		ready = readySet{w.Redis}.among(ctx, clinics)
	}
	var late []domain.ClinicID
	for _, c := range clinics {
		since, waits := ready[c.Clinic]
		if since.Before(w.begunAt) {
			since = w.begunAt
		}
		if !waits || time.Since(since) > forgotten {
			late = append(late, c.Clinic)
		}
	}
	w.clinics.add(late...)
	return err
}

// watchAge raises the alarm of docs/reliability.md, I3: nothing may wait longer than a minute.
func (w *Worker) watchAge(ctx context.Context) error {
	clinics, err := apply.DueClinics(w.Sweeper, ctx, w.Now().Add(-time.Minute), 100)
	for _, c := range clinics {
		err = errors.Join(err, alarm.Raise(w.DB, ctx, c.Clinic, domain.AlarmReceivedTooOld, w.Now()))
	}
	return err
}

// keepEvery is how often the worker keeps house.
const keepEvery = 6 * time.Hour

// keepDue returns keep for whenever six hours of the worker's own clock went by, which dev
// and scenarios move on faster than any other: months that pass in a minute need room too.
func (w *Worker) keepDue() func(context.Context) error {
	var last time.Time
	return func(ctx context.Context) error {
		now := w.Now()
		if now.Sub(last).Abs() < keepEvery {
			return nil
		}
		last = now
		return w.keep(ctx)
	}
}

// keep makes partitions ahead, drops old ones, and forgets quarantined strangers after 14 days.
// What fails holds up nothing of the rest.
func (w *Worker) keep(ctx context.Context) error {
	now := w.Now()
	var failures []error
	for what, err := range map[string]error{
		"partitions":   inbox.KeepBodies(w.DB, ctx, now, w.KeepDays),
		"quarantine":   inbox.ExpireUnclaimed(w.DB, ctx, now.Add(-inbox.UnclaimedKeep)),
		"exports":      w.DB.ExpireExports(ctx, now),
		"feed":         w.trimFeed(ctx),
		"delivery log": inbox.TrimDeliveries(w.DB, ctx, now.Add(-12*time.Hour), now.AddDate(0, 0, -w.KeepDays)),
	} {
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", what, err))
		}
	}
	return errors.Join(failures...)
}

// trimFeed drops the entries that nobody may read any more, some thousands at a time.
func (w *Worker) trimFeed(ctx context.Context) error {
	for {
		n, err := query.TrimFeed(w.DB, ctx, w.Now().Add(-query.FeedKeep))
		if err != nil || n == 0 {
			return err
		}
	}
}
