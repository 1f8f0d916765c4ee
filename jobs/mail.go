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

// RefusedReader is a mail server's refusal of one reader, for good: its code.
type RefusedReader int

// Error tells the code, and nobody's address.
func (r RefusedReader) Error() string { return fmt.Sprintf("the mail server answered %d", int(r)) }

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

// each sends the e-mail to each of its readers alone: one whose mailbox is refused keeps it from nobody else. It
// fails when it reached nobody, or when the mail server cannot be reached: then all get it again, under the same
// id, for a message that somebody lacks is worse than one that somebody has twice.
func (p *Postman) each(ctx context.Context, id string, m alarm.Mail) error {
	var refused error
	reached := 0
	for _, reader := range m.Recipients {
		err := p.Send.Send(ctx, id, []string{reader}, m.Subject, m.Body)
		switch {
		case err == nil:
			reached++
		case !errors.As(err, new(RefusedReader)):
			return err
		default:
			refused = err
			p.Log.WarnContext(ctx, "a reader of an e-mail was refused", "clinic", m.Clinic, "kind", m.Kind, "err", err)
		}
	}
	if reached == 0 {
		return refused
	}
	return nil
}

// one sends one e-mail and notes what came of it; only trouble of our own is an error.
func (p *Postman) one(ctx context.Context, m alarm.Mail) (left bool, err error) {
	if m.Muted {
		return false, p.DB.In(ctx, m.Clinic, func(tx *tenants.Tx) error { return alarm.MailMuted(tx, m, p.Now().UTC()) })
	}
	id := fmt.Sprintf("%s.%s.%s.%d@patapay", m.Kind, m.Phase, m.ClinicID.Public("ten"), m.Incident.UnixMicro())
	why := errors.New("no recipients: the clinic has no administrator")
	if len(m.Recipients) > 0 {
		why = p.each(ctx, id, m)
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
