package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/alarm"
)

const (
	agendaPause = 10 * time.Second // how often a worker asks whose agenda may differ
	agendaMost  = 200              // clinics in one round
	agendaTrim  = time.Hour        // how often what is long over is dropped
	agendaFails = 6                // failures in a row, over a quarter of an hour, that raise the alarm
)

// Agenda keeps the clinics' agendas: after what a clinic's chains tell, when an hour is over, and when time alone
// changes what must not be missed. Every worker does; a derivation that finds nothing new writes nothing.
type Agenda struct {
	DB  *tenants.DB // of the worker role
	Log *slog.Logger
	Now func() time.Time

	trimmed time.Time
}

// Run derives agendas again and again until ctx ends.
func (a *Agenda) Run(ctx context.Context) {
	Periodic{Name: "agenda", Every: agendaPause, Log: a.Log}.Run(ctx, func(ctx context.Context) error {
		_, err := a.Round(ctx)
		return errors.Join(err, a.trim(ctx))
	})
}

// trim drops what is long over, once an hour.
func (a *Agenda) trim(ctx context.Context) error {
	now := a.Now().UTC()
	if now.Sub(a.trimmed).Abs() < agendaTrim {
		return nil
	}
	a.trimmed = now
	for {
		n, err := agenda.Trim(a.DB, ctx, now.Add(-agenda.Kept))
		if err != nil || n == 0 {
			return err
		}
	}
}

// Round derives the agendas whose turn has come, each in a transaction of its own, and returns what was written. One
// that fails is put off, and holds up no other.
func (a *Agenda) Round(ctx context.Context) (sum agenda.Report, err error) {
	clinics, err := agenda.Clinics(a.DB, ctx, a.Now(), agendaMost)
	for _, clinic := range clinics {
		var r agenda.Report
		failed := a.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) {
			r, err = agenda.Derive(tx, a.Now())
			return err
		})
		if failed == nil {
			sum.Opened, sum.Changed, sum.Closed = sum.Opened+r.Opened, sum.Changed+r.Changed, sum.Closed+r.Closed
		}
		if failed != nil && ctx.Err() == nil {
			failed = errors.Join(failed, a.DB.In(ctx, clinic, func(tx *tenants.Tx) error { return a.putOff(tx, failed) }))
		}
		err = errors.Join(err, failed)
	}
	return sum, err
}

// putOff lets a clinic's agenda wait that could not be derived, and raises the alarm once it always fails. The next one
// that is derived closes it.
func (a *Agenda) putOff(tx *tenants.Tx, cause error) error {
	now := a.Now().UTC()
	failures, err := agenda.BackOff(tx, cause, now)
	if err != nil || failures < agendaFails {
		return err
	}
	return alarm.RaiseIn(tx, domain.AlarmAgendaFailing, now)
}
