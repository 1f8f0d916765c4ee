package alarm

import (
	"context"
	"slices"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// Mail is one e-mail about an incident. Its key is the incident and the phase, so that
// there is one when it begins and one when it is solved, however often it is looked at.
type Mail struct {
	Clinic     domain.ClinicID
	ClinicID   domain.UUID // public id
	Kind       string      // of the alarm
	Incident   time.Time   // when the alarm opened
	Phase      string      // opened, solved
	Subject    string      // pt-BR
	Body       string      // plain text, pt-BR
	CreatedAt  time.Time
	NextAt     time.Time
	Tries      int
	SentAt     time.Time // zero: not yet
	GivenUpAt  time.Time // zero: not
	LastError  string
	Recipients []string // of a taken one: the clinic's administrators who subscribed to it
	Muted      bool     // of a taken one: the clinic has administrators, and none of them subscribed to it
}

type mailRow struct {
	ClinicID             domain.ClinicID
	PublicID             tenants.DBUUID
	Kind                 string
	Incident             time.Time
	Phase, Subject, Body string
	CreatedAt, NextAt    time.Time
	Tries                int
	SentAt, GivenUpAt    *time.Time
	LastError            string
}

// mailColumns are those of a mailRow, of mails m and its clinic c.
const mailColumns = `m.clinic_id, m.kind, m.incident, m.phase, m.subject, m.body, m.created_at, m.next_at, m.tries,
	m.sent_at, m.given_up_at, m.last_error, c.public_id`

func (r mailRow) mail() Mail {
	return Mail{
		Clinic:    r.ClinicID,
		ClinicID:  domain.UUID(r.PublicID),
		Kind:      r.Kind,
		Incident:  r.Incident.UTC(),
		Phase:     r.Phase,
		Subject:   r.Subject,
		Body:      r.Body,
		CreatedAt: r.CreatedAt.UTC(),
		NextAt:    r.NextAt.UTC(),
		Tries:     r.Tries,
		SentAt:    tenants.OrZero(r.SentAt),
		GivenUpAt: tenants.OrZero(r.GivenUpAt),
		LastError: r.LastError,
	}
}

// addMail puts an e-mail into the outbox, unless its incident has one of this phase. The
// solution of an incident that nobody was told of is told to nobody.
func addMail(tx *tenants.Tx, m Mail, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`INSERT INTO mails (clinic_id, kind, incident, phase, subject, body, created_at, next_at)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8
			WHERE $9 = 'opened' OR EXISTS (SELECT FROM mails
			  WHERE clinic_id = $10 AND kind = $11 AND incident = $12 AND phase = 'opened')
			ON CONFLICT DO NOTHING`,
			tx.Clinic(), m.Kind, m.Incident, m.Phase, m.Subject, m.Body, now, now, m.Phase, tx.Clinic(), m.Kind,
			m.Incident,
		).Error,
		"mail",
	)
}

const (
	mailLease = 2 * time.Minute    // a taken e-mail belongs to its taker
	mailTries = 12                 // with growing pauses: about two days
	mailStale = 3 * 24 * time.Hour // older than this it is no news
)

// MailClinics returns the clinics that have e-mails to send.
func MailClinics(db *tenants.DB, ctx context.Context, now time.Time) (list []domain.ClinicID, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		return tenants.Translate(
			tx.Gorm().Raw(
				`SELECT DISTINCT clinic_id FROM mails WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= $1`,
				now,
			).Scan(&list).Error,
			"mails",
		)
	})
	return list, err
}

// TakeMails takes the clinic's due e-mails, for two minutes, with who is to read them. One
// that is too old, or was tried too often, is given up instead.
func TakeMails(tx *tenants.Tx, now time.Time) (list []Mail, err error) {
	err = tx.Gorm().Exec(
		`UPDATE mails SET given_up_at = $1
		WHERE clinic_id = $2 AND sent_at IS NULL AND given_up_at IS NULL AND (created_at < $3 OR tries >= $4)`,
		now, tx.Clinic(), now.Add(-mailStale), mailTries,
	).Error
	if err != nil {
		return nil, tenants.Translate(err, "mails")
	}
	var rows []mailRow
	err = tx.Gorm().Raw(
		`UPDATE mails m SET next_at = $1, tries = tries + 1 FROM clinics c
		WHERE m.clinic_id = $2 AND c.clinic_id = m.clinic_id
		AND m.sent_at IS NULL AND m.given_up_at IS NULL AND m.next_at <= $3 RETURNING `+mailColumns,
		now.Add(mailLease), tx.Clinic(), now,
	).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, tenants.Translate(err, "mails")
	}
	for _, r := range rows {
		m := r.mail()
		if m.Recipients, m.Muted, err = readers(tx, m.Kind); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// readers returns the addresses of those who may act on an incident and subscribed to
// its kind: the clinic's administrators, or, when it has none, where the gateway writes.
func readers(tx *tenants.Tx, kind string) (to []string, muted bool, err error) {
	var rows []struct{ Email, MutedMails string }
	err = tx.Gorm().Raw(
		`SELECT email, muted_mails FROM users
		WHERE clinic_id = $1 AND role = 'admin' AND disabled_at IS NULL AND shown_email IS NULL ORDER BY email`,
		tx.Clinic(),
	).Scan(&rows).Error
	for _, r := range rows {
		if !slices.Contains(strings.Fields(r.MutedMails), kind) {
			to = append(to, r.Email)
		}
	}
	if err != nil || len(rows) > 0 {
		return to, len(to) == 0, tenants.Translate(err, "users")
	}
	err = tx.Gorm().Raw(
		`SELECT notification_email FROM connections WHERE clinic_id = $1 AND notification_email <> ''`, tx.Clinic(),
	).Scan(&to).Error
	return to, false, tenants.Translate(err, "connection")
}

// MailMuted notes that nobody wanted the e-mail: it is not tried again.
func MailMuted(tx *tenants.Tx, m Mail, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE mails SET given_up_at = $1, last_error = 'muted by every administrator'
			WHERE clinic_id = $2 AND kind = $3 AND incident = $4 AND phase = $5`,
			now, tx.Clinic(), m.Kind, m.Incident, m.Phase,
		).Error,
		"mail",
	)
}

// MailSent notes that the e-mail left.
func MailSent(tx *tenants.Tx, m Mail, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE mails SET sent_at = $1, last_error = '' WHERE clinic_id = $2 AND kind = $3 AND incident = $4 AND phase = $5`,
			now, tx.Clinic(), m.Kind, m.Incident, m.Phase,
		).Error,
		"mail",
	)
}

// MailFailed puts the e-mail off: a minute, then twice as long each time, up to six hours.
func MailFailed(tx *tenants.Tx, m Mail, why string, now time.Time) error {
	wait := min(time.Minute<<min(m.Tries, 9), 6*time.Hour)
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE mails SET next_at = $1, last_error = left($2, 300)
			WHERE clinic_id = $3 AND kind = $4 AND incident = $5 AND phase = $6`,
			now.Add(wait), why, tx.Clinic(), m.Kind, m.Incident, m.Phase,
		).Error,
		"mail",
	)
}

// Mails returns the newest e-mails of all clinics, in Platform, about alarms and about the agenda; without their
// recipients. Those of the agenda are of the kind "agenda", and have no text: it is made when they leave.
func Mails(tx *tenants.Tx, limit int) (list []Mail, err error) {
	var rows []mailRow
	err = tx.Gorm().Raw(
		`SELECT `+mailColumns+` FROM (
			(SELECT clinic_id, kind, incident, phase, subject, body, created_at, next_at, tries,
				sent_at, given_up_at, last_error FROM mails
				ORDER BY created_at DESC LIMIT $1)
			UNION ALL (SELECT clinic_id, 'agenda', created_at, 'opened', 'Agenda · ' || key, '', created_at, next_at, tries,
				sent_at, given_up_at, last_error FROM agenda_mails ORDER BY created_at DESC LIMIT $1)) m
			JOIN clinics c ON c.clinic_id = m.clinic_id ORDER BY m.created_at DESC, m.kind LIMIT $1`, limit,
	).Scan(&rows).Error
	for _, r := range rows {
		list = append(list, r.mail())
	}
	return list, tenants.Translate(err, "mails")
}
