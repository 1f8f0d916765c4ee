package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"patapay/tenants"
	"patapay/tenants/alarm"
)

// Sender sends one e-mail, plain text in UTF-8. ID is the same at every try, so that who
// gets it twice may keep one.
type Sender interface {
	Send(ctx context.Context, id string, to []string, subject, body string) error
}

// Postman empties the outbox. Each e-mail leaves at least once: it is marked after it left,
// and a process that dies between leaves it to the next one.
type Postman struct {
	DB   *tenants.DB // of the api role
	Send Sender      // nil: e-mails wait
	Log  *slog.Logger
	Now  func() time.Time
}

// mailPause is how often a worker looks into the outbox.
const mailPause = 5 * time.Second

// Run empties the outbox again and again until ctx ends.
func (p *Postman) Run(ctx context.Context) {
	Periodic{Name: "outbox", Every: mailPause, Log: p.Log}.Run(ctx, func(ctx context.Context) error {
		_, err := p.Round(ctx)
		return err
	})
}

// Round sends what is due, clinic by clinic, and returns how many e-mails left. What cannot
// be sent is put off.
func (p *Postman) Round(ctx context.Context) (sent int, err error) {
	if p.Send == nil {
		return 0, nil
	}
	clinics, err := alarm.MailClinics(p.DB, ctx, p.Now().UTC())
	for _, clinic := range clinics {
		var mails []alarm.Mail
		err = errors.Join(err, p.DB.In(ctx, clinic, func(tx *tenants.Tx) (err error) {
			mails, err = alarm.TakeMails(tx, p.Now().UTC())
			return err
		}))
		for _, m := range mails {
			left, failed := p.one(ctx, m)
			err = errors.Join(err, failed)
			if left {
				sent++
			}
		}
	}
	return sent, err
}

// one sends one e-mail and notes what came of it; only trouble of our own is an error.
func (p *Postman) one(ctx context.Context, m alarm.Mail) (left bool, err error) {
	if m.Muted {
		return false, p.DB.In(ctx, m.Clinic, func(tx *tenants.Tx) error { return alarm.MailMuted(tx, m, p.Now().UTC()) })
	}
	id := fmt.Sprintf("%s.%s.%s.%d@patapay", m.Kind, m.Phase, m.ClinicID.Public("ten"), m.Incident.UnixMicro())
	why := errors.New("nobody to write to: the clinic has no administrator")
	if len(m.Recipients) > 0 {
		why = p.Send.Send(ctx, id, m.Recipients, m.Subject, m.Body)
	}
	now := p.Now().UTC()
	err = p.DB.In(context.WithoutCancel(ctx), m.Clinic, func(tx *tenants.Tx) error {
		if why != nil {
			return alarm.MailFailed(tx, m, why.Error(), now)
		}
		return alarm.MailSent(tx, m, now)
	})
	if why != nil {
		p.Log.WarnContext(
			ctx, "e-mail not sent", "clinic", m.Clinic, "kind", m.Kind, "phase", m.Phase, "tries", m.Tries, "err",
			why,
		)
	}
	return why == nil && err == nil, err
}
