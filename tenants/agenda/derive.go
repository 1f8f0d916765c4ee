package agenda

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/tenants"
)

// roundsPause is how long an agenda is believed that nothing tells to have changed: a health check writes what it saw
// and moves nothing else.
const roundsPause = time.Hour

// Report tells what a derivation wrote.
type Report struct{ Opened, Changed, Closed int }

// Written tells whether anything was.
func (r Report) Written() bool { return r != Report{} }

// Clinics returns clinics whose agenda may differ from what is stored, at most so many.
func Clinics(db *tenants.DB, ctx context.Context, now time.Time, most int) (ids []domain.ClinicID, err error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic FROM agenda_due($1, $2)`, now, most)
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
	}
	return ids, tenants.Translate(err, "agenda")
}

// Derive makes the clinic's agenda anew from what is stored, under the clinic's lock, and writes what differs: a row
// and an entry of the feed for each. Facts that did not change write neither, however often it is called.
func Derive(tx *tenants.Tx, now time.Time) (r Report, err error) {
	now = now.UTC().Truncate(time.Microsecond)
	if err := tx.Lock(); err != nil {
		return r, err
	}
	facts, err := Facts(tx, now)
	if err != nil {
		return r, err
	}
	before, err := Open(tx)
	if err != nil {
		return r, err
	}
	d := &derivation{now: now, clinic: tx.Clinic()}
	d.compare(before, facts.List())
	next := facts.Next()
	if latest := now.Add(roundsPause); latest.Before(next) {
		next = latest
	}
	return d.report, tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		return d.write(tx.Context(), c, next)
	}), "agenda")
}

// derivation is what one run finds to have changed.
type derivation struct {
	now    time.Time
	clinic domain.ClinicID
	report Report
	rows   []Entry
	kinds  []domain.Kind // of each row's entry in the feed
}

// name is what there is one entry of at a time.
type name struct {
	kind    agenda.Kind
	subject string
}

func (d *derivation) compare(before []Entry, after []agenda.Deadline) {
	stood := map[name]Entry{}
	for _, e := range before {
		stood[name{e.Kind, e.Subject}] = e
	}
	for _, deadline := range after {
		key := name{deadline.Kind, deadline.Subject}
		deadline.Since, deadline.Due = deadline.Since.Truncate(time.Microsecond), deadline.Due.Truncate(time.Microsecond)
		e, known := stood[key]
		delete(stood, key)
		switch {
		case !known:
			d.report.Opened++
			id := domain.UUIDOf(d.now, "deadline", strconv.Itoa(int(d.clinic)), string(key.kind), key.subject)
			d.add(domain.KindDeadlineOpened, Entry{ID: id, Deadline: deadline, OpenedAt: d.now})
		case !e.Same(deadline):
			d.report.Changed++
			e.Deadline = deadline
			d.add(domain.KindDeadlineChanged, e)
		}
	}
	for _, e := range before {
		if _, gone := stood[name{e.Kind, e.Subject}]; gone {
			d.report.Closed++
			e.ClosedAt = d.now
			d.add(domain.KindDeadlineClosed, e)
		}
	}
}

func (d *derivation) add(kind domain.Kind, e Entry) {
	e.Version, e.UpdatedAt = e.Version+1, d.now
	d.rows, d.kinds = append(d.rows, e), append(d.kinds, kind)
}

// write stores the rows with their entries of the feed, numbered behind the clinic's last one, and what they were
// derived from.
func (d *derivation) write(ctx context.Context, c *pgx.Conn, next time.Time) error {
	b := &pgx.Batch{}
	for i, e := range d.rows {
		state, err := json.Marshal(e)
		if err != nil {
			return err
		}
		b.Queue(`INSERT INTO deadlines (clinic_id, id, kind, subject, since, due_at, amount, count, actor, action, ends,
			version, opened_at, updated_at, closed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
			ON CONFLICT (clinic_id, id) DO UPDATE SET since = $5, due_at = $6, amount = $7, count = $8, actor = $9, action = $10,
			ends = $11, version = $12, updated_at = $14, closed_at = $15`,
			d.clinic, e.ID, e.Kind, e.Subject, tenants.OrNull(e.Since), tenants.OrNull(e.Due), orNull(e.Amount),
			e.Count, e.Actor, e.Action, e.Ends, e.Version, e.OpenedAt, e.UpdatedAt, tenants.OrNull(e.ClosedAt))
		b.Queue(`WITH head AS (UPDATE clinic_heads SET feed_seq = feed_seq + 1 WHERE clinic_id = $1 RETURNING feed_seq)
			INSERT INTO changes (clinic_id, seq, kind, object_id, asaas_id, version, at, state)
			SELECT $1, h.feed_seq, $2, $3, $4, $5, $6, $7::text::json FROM head h`,
			d.clinic, string(d.kinds[i]), e.ID, asaasID(e), e.Version, d.now, string(state))
	}
	b.Queue(`WITH over AS (DELETE FROM agenda_failures WHERE clinic_id = $1 RETURNING 1)
		UPDATE alarms SET closed_at = $2
		WHERE clinic_id = $1 AND kind = $3 AND closed_at IS NULL AND EXISTS (SELECT FROM over)`,
		d.clinic, d.now, string(domain.AlarmAgendaFailing))
	b.Queue(`INSERT INTO agenda_rounds (clinic_id, feed_seq, ledger_no, audit_no, at, next_at)
		SELECT h.clinic_id, h.feed_seq, h.ledger_no, h.audit_no, $2, $3 FROM clinic_heads h WHERE h.clinic_id = $1
		ON CONFLICT (clinic_id) DO UPDATE SET feed_seq = excluded.feed_seq, ledger_no = excluded.ledger_no,
		audit_no = excluded.audit_no, at = excluded.at, next_at = excluded.next_at`, d.clinic, d.now, next)
	return c.SendBatch(ctx, b).Close()
}

// asaasID returns the gateway's id of the object that an entry is about; "" for what is no object of its.
func asaasID(e Entry) string {
	switch e.Kind {
	case agenda.DisputeDeadline, agenda.DisputeDocuments,
		agenda.AdvanceDenied, agenda.AdvanceOverdue, agenda.AdvanceUncovered:
		return e.Subject
	}
	return ""
}

func orNull(m domain.Opt[domain.Money]) *domain.Money {
	if v, ok := m.Get(); ok {
		return &v
	}
	return nil
}
