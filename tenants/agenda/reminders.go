package agenda

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/tenants"
)

const (
	mailLease = 2 * time.Minute // a taken e-mail belongs to its taker
	mailTries = 12              // with growing pauses: about two days
)

// Mail is one e-mail to one person, about those of its entries that stand when it is taken.
type Mail struct {
	User    domain.UUID
	Email   string
	Key     string // the same at every try
	Entries []Entry
	Tries   int
}

// ReminderClinics returns clinics whose people may have to be written to, at most so many.
func ReminderClinics(db *tenants.DB, ctx context.Context, now time.Time, most int) (ids []domain.ClinicID, err error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic FROM reminders_due($1, $2)`, now, most)
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
	}
	return ids, tenants.Translate(err, "reminders")
}

// reader is an administrator who may be written to.
type reader struct {
	id    domain.UUID
	muted []string
}

// told is a step of an entry that a person was told of.
type told struct {
	user, deadline domain.UUID
	step           string
}

// Remind writes down which e-mails are to leave: for each administrator one for each step of a dispute,
// and one digest a day for everything else, of kinds that they did not mute. A step is told once. It
// returns how many e-mails are new.
func Remind(tx *tenants.Tx, now time.Time) (fresh int, err error) {
	now = now.UTC().Truncate(time.Microsecond)
	if err := tx.Lock(); err != nil {
		return 0, err
	}
	entries, err := Open(tx)
	if err != nil {
		return 0, err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		people, err := readersOf(tx.Context(), c, tx.Clinic())
		if err != nil {
			return err
		}
		known, err := toldOf(tx.Context(), c, tx.Clinic(), entries, agenda.DigestDay(now))
		if err != nil {
			return err
		}
		b := &pgx.Batch{}
		next := now.Add(24 * time.Hour)
		for _, e := range entries {
			if at := e.NextStep(now); at.Before(next) {
				next = at
			}
		}
		for _, person := range people {
			fresh += person.remind(b, tx.Clinic(), entries, known, now)
		}
		if fresh > 0 {
			next = now
		}
		b.Queue(`INSERT INTO agenda_reminders (clinic_id, at, next_at)
			VALUES ($1, $2, least($3, (SELECT min(m.next_at) FROM agenda_mails m
			WHERE m.clinic_id = $1 AND m.sent_at IS NULL AND m.given_up_at IS NULL)))
			ON CONFLICT (clinic_id) DO UPDATE SET at = excluded.at, next_at = excluded.next_at`, tx.Clinic(), now, next)
		return c.SendBatch(tx.Context(), b).Close()
	})
	return fresh, tenants.Translate(err, "reminders")
}

// remind queues the person's new e-mails and what they tell; it returns how many there are.
func (r reader) remind(
	b *pgx.Batch, clinic domain.ClinicID, entries []Entry, known map[told]bool, now time.Time,
) (fresh int) {
	digest := agenda.DigestDay(now)
	var daily []domain.UUID
	for _, e := range entries {
		step := e.Step(now)
		alone := e.Kind.Alone()
		if step == "" || known[told{r.id, e.ID, step}] || slices.Contains(r.muted, string(e.Kind)) ||
			!alone && r.waits(known, digest) {
			continue
		}
		b.Queue(`INSERT INTO agenda_told (clinic_id, user_id, deadline_id, step, at) VALUES ($1, $2, $3, $4, $5)`,
			clinic, r.id, e.ID, step, now)
		if !alone {
			daily = append(daily, e.ID)
			continue
		}
		fresh++
		r.add(b, clinic, e.ID.Public("ddl")+" "+step, []domain.UUID{e.ID}, now)
	}
	if len(daily) > 0 {
		fresh++
		r.add(b, clinic, digest, daily, now)
	}
	return fresh
}

// waits tells whether the person's digest of the day cannot be written: it is too early, or there was one.
func (r reader) waits(known map[told]bool, digest string) bool {
	return digest == "" || known[told{user: r.id, step: digest}]
}

func (r reader) add(b *pgx.Batch, clinic domain.ClinicID, key string, deadlines []domain.UUID, now time.Time) {
	b.Queue(`INSERT INTO agenda_mails (clinic_id, user_id, key, deadlines, created_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $5)`,
		clinic, r.id, key, deadlines, now)
}

func readersOf(ctx context.Context, c *pgx.Conn, clinic domain.ClinicID) ([]reader, error) {
	rows, err := c.Query(ctx, `SELECT u.user_id, u.muted_mails FROM users u WHERE u.clinic_id = $1 AND u.role = 'admin'
		AND u.disabled_at IS NULL AND u.shown_email IS NULL ORDER BY u.user_id`, clinic)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reader, err error) {
		var muted string
		err = row.Scan(&r.id, &muted)
		r.muted = strings.Fields(muted)
		return r, err
	})
}

// toldOf returns what people were told of the entries, and who had this day's digest, as a step of no entry.
func toldOf(
	ctx context.Context, c *pgx.Conn, clinic domain.ClinicID, entries []Entry, digest string,
) (map[told]bool, error) {
	ids := make([]domain.UUID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	rows, err := c.Query(ctx, `SELECT a.user_id, a.deadline_id, a.step FROM agenda_told a
		WHERE a.clinic_id = $1 AND a.deadline_id = ANY($2)
		UNION ALL SELECT m.user_id, '00000000-0000-0000-0000-000000000000'::uuid, m.key FROM agenda_mails m
		WHERE m.clinic_id = $1 AND m.key = $3`, clinic, ids, digest)
	if err != nil {
		return nil, err
	}
	known := map[told]bool{}
	var one told
	_, err = pgx.ForEachRow(rows, []any{&one.user, &one.deadline, &one.step}, func() error {
		known[one] = true
		return nil
	})
	return known, err
}

// TakeMails takes the clinic's e-mails whose time has come, for two minutes. One of which nothing stands any more,
// whose reader is gone, or that was tried too often, is given up instead.
func TakeMails(tx *tenants.Tx, now time.Time) (mails []Mail, err error) {
	entries, err := Open(tx)
	if err != nil {
		return nil, err
	}
	open := map[domain.UUID]Entry{}
	ids := []domain.UUID{}
	for _, e := range entries {
		if e.Actor == agenda.Clinic {
			open[e.ID] = e
			ids = append(ids, e.ID)
		}
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE agenda_mails m SET given_up_at = $2
			WHERE m.clinic_id = $1 AND m.sent_at IS NULL
			AND m.given_up_at IS NULL AND (m.tries >= $3 OR NOT m.deadlines && $4 OR NOT EXISTS (SELECT FROM users u
			WHERE u.clinic_id = $1 AND u.user_id = m.user_id AND u.role = 'admin' AND u.disabled_at IS NULL
			  AND u.shown_email IS NULL))`,
			tx.Clinic(), now, mailTries, ids)
		if err != nil {
			return err
		}
		rows, err := c.Query(tx.Context(), `UPDATE agenda_mails m SET next_at = $3, tries = tries + 1 FROM users u
			WHERE m.clinic_id = $1 AND u.clinic_id = m.clinic_id AND u.user_id = m.user_id AND m.sent_at IS NULL
			AND m.given_up_at IS NULL AND m.next_at <= $2 RETURNING m.user_id, u.email, m.key, m.deadlines, m.tries`,
			tx.Clinic(), now, now.Add(mailLease))
		if err != nil {
			return err
		}
		mails, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Mail, err error) {
			var of []domain.UUID
			err = row.Scan(&m.User, &m.Email, &m.Key, &of, &m.Tries)
			for _, id := range of {
				if e, stands := open[id]; stands {
					m.Entries = append(m.Entries, e)
				}
			}
			slices.SortFunc(m.Entries, func(a, b Entry) int { return agenda.Compare(a.Deadline, b.Deadline) })
			return m, err
		})
		return err
	})
	return mails, tenants.Translate(err, "reminders")
}

// MailTried notes that an e-mail left, why being "", or puts it off: a minute, then twice
// as long each time, up to six hours.
func MailTried(tx *tenants.Tx, m Mail, why string, now time.Time) error {
	var sent *time.Time
	next := now.Add(min(time.Minute<<min(m.Tries, 9), 6*time.Hour))
	if why == "" {
		sent = &now
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		b := &pgx.Batch{}
		b.Queue(`UPDATE agenda_mails SET sent_at = $4, next_at = $5, last_error = left($6, 300)
			WHERE clinic_id = $1 AND user_id = $2 AND key = $3`, tx.Clinic(), m.User, m.Key, sent, next, why)
		if why != "" {
			b.Queue(`UPDATE agenda_reminders SET next_at = least(next_at, $2) WHERE clinic_id = $1`, tx.Clinic(), next)
		}
		return c.SendBatch(tx.Context(), b).Close()
	}), "reminders")
}
