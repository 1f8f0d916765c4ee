package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/agenda"
)

const (
	reminderPause = 30 * time.Second // how often a worker asks whose people are to be written to
	reminderMost  = 200              // clinics in one round
)

// Reminders writes to people about their clinics' agendas. An e-mail leaves at least once, and
// tells of what stands when it leaves.
type Reminders struct {
	DB   *tenants.DB // of the api role
	Send Sender      // nil: e-mails wait
	Home string      // where our pages begin, with a slash at the end
	Log  *slog.Logger
	Now  func() time.Time
}

// Run writes to people again and again until ctx ends.
func (r *Reminders) Run(ctx context.Context) {
	Periodic{Name: "reminders", Every: reminderPause, Log: r.Log}.Run(ctx, func(ctx context.Context) error {
		_, err := r.Round(ctx)
		return err
	})
}

// Round writes down what is to be told and sends it, clinic by clinic; it returns how many e-mails left.
func (r *Reminders) Round(ctx context.Context) (sent int, err error) {
	if r.Send == nil {
		return 0, nil
	}
	clinics, err := agenda.ReminderClinics(r.DB, ctx, r.Now(), reminderMost)
	for _, clinic := range clinics {
		left, failed := r.clinic(ctx, clinic)
		sent, err = sent+left, errors.Join(err, failed)
	}
	return sent, err
}

func (r *Reminders) clinic(ctx context.Context, id domain.ClinicID) (sent int, err error) {
	var mails []agenda.Mail
	var c tenants.Clinic
	err = r.DB.In(ctx, id, func(tx *tenants.Tx) (err error) {
		if _, err = agenda.Remind(tx, r.Now()); err != nil {
			return err
		}
		if c, err = tx.Self(); err != nil {
			return err
		}
		mails, err = agenda.TakeMails(tx, r.Now().UTC())
		return err
	})
	for _, m := range mails {
		why := ""
		subject, body := m.Text(c.Name, r.Home)
		name := fmt.Sprintf("agenda.%s.%s.%s@patapay", c.PublicID.Public("ten"), m.User.Public("usr"), m.Key)
		if failed := r.Send.Send(ctx, name, []string{m.Email}, subject, body); failed != nil {
			why = failed.Error()
			r.Log.WarnContext(ctx, "e-mail about the agenda not sent", "clinic", id, "tries", m.Tries, "err", failed)
		} else {
			sent++
		}
		err = errors.Join(err, r.DB.In(context.WithoutCancel(ctx), id, func(tx *tenants.Tx) error {
			return agenda.MailTried(tx, m, why, r.Now().UTC())
		}))
	}
	return sent, err
}
