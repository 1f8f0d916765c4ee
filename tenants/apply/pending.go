package apply

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// dueRow is one event that waits to be applied.
type dueRow struct {
	key             domain.EventKey
	waiting, stored pgtype.TID // where its rows of due and events stood when the run read them
	nextAt          time.Time
	tries           int16
	gatewaySnapshot bool // the gateway's answer to a read: its record is stored already
	id, typ         string
	kind            domain.Kind
	entity          string
	at              domain.LocalTime
	bodyHash        []byte
	receivedAt      time.Time
	notes           string
	sealed          []byte
	settings        clinicSettings // of its clinic

	outcome domain.Outcome // what became of it in this run
	reason  string
}

type entityName struct {
	kind domain.Kind
	id   string
}

func (r *dueRow) name() entityName { return entityName{r.kind, r.entity} }

// decide notes what became of the row.
func (r *dueRow) decide(o domain.Outcome, reason string) { r.outcome, r.reason = o, reason }

// pick begins the transaction, scopes it to the clinic, locks the clinic, and returns its due
// rows, the longest-waiting first: one round trip. The lock is a statement of its own: rows
// committed while it waited are seen by the next. A clinic that has none is not locked; what
// comes between the look and the rows is looked for once more.
func (w *run) pick() ([]*dueRow, error) {
	err := pickAll([]*run{w}, lockIfDue+lockEnd, w.now)
	if err != nil || w.locked || len(w.picked) == 0 {
		return w.picked, err
	}
	if _, err := w.conn.Exec(w.ctx, "ROLLBACK"); err != nil {
		return nil, err
	}
	err = pickAll([]*run{w}, headLocked+lockEnd)
	return w.picked, err
}

// pickAll is pick for the clinics of one transaction, with the statement that locks them and what else it needs.
func pickAll(list []*run, lock string, more ...any) error {
	for _, w := range list {
		w.picked = nil
	}
	var b pgx.Batch
	b.Queue("BEGIN")
	queueScope(&b, list)
	queueHeads(&b, list, lock, more...)
	b.Queue(
		dueSides+`
		CROSS JOIN LATERAL (SELECT ctid, * FROM due WHERE clinic_id = m.clinic AND next_at <= $2
		  ORDER BY next_at, environment, seq, id_hash LIMIT $3) d`+dueEvents,
		numbers(list), list[0].now, runRows,
	).Query(func(found pgx.Rows) error { return collect(list, found, scanDue, (*run).take) })
	return list[0].conn.SendBatch(list[0].ctx, &b).Close()
}

// queueHeads asks for the heads of the clinics by a statement that locks them.
func queueHeads(b *pgx.Batch, list []*run, lock string, more ...any) {
	b.Queue(lock, append([]any{numbers(list)}, more...)...).Query(func(found pgx.Rows) error {
		return collect(list, found, func(row pgx.CollectableRow) (h ledger.Head, err error) {
			err = h.Scan(row)
			return h, err
		}, func(w *run, h ledger.Head) { w.head, w.locked = h, true })
	})
}

// headLocked, with lockEnd or skipLocked, locks the clinics of $1 one after the other, and lockIfDue those of them that
// have something due at $2.
const (
	headLocked = `SELECT h.clinic_id, ` + ledger.HeadColumns + ` FROM unnest($1::integer[]) m(clinic)
		CROSS JOIN LATERAL (SELECT clinic_id, ` + ledger.HeadColumns + ` FROM clinic_heads WHERE clinic_id = m.clinic
		  FOR UPDATE`
	lockIfDue = `SELECT h.clinic_id, ` + ledger.HeadColumns + ` FROM unnest($1::integer[]) m(clinic)
		CROSS JOIN LATERAL (SELECT clinic_id, ` + ledger.HeadColumns + ` FROM clinic_heads WHERE clinic_id = m.clinic
		  AND EXISTS (SELECT FROM due d WHERE d.clinic_id = m.clinic AND d.next_at <= $2) FOR UPDATE`
	lockEnd    = `) h`
	skipLocked = ` SKIP LOCKED) h`
)

// dueSides and dueEvents read what scanDue scans, of rows d of due between them, of the clinics m of $1. An event is
// the first from its key on: in that order only the key's index has them. That it equals the key is no reason for the
// planner to take that index while it knows nothing of the table: then every index of the clinic costs the same, and
// a first import read all that it had brought for each event.
const (
	dueSides = `
		SELECT d.clinic_id, s.suspended, s.awaiting, s.confirm, d.environment, d.seq, d.id_hash, d.ctid, e.ctid, d.next_at,
		       d.tries, e.source = 2, e.event_id, e.type, e.kind, e.entity_id, e.created_local,
		       e.body_hash, e.received_at, e.notes, b.sealed
		FROM unnest($1::integer[]) m(clinic)
		CROSS JOIN LATERAL (SELECT c.state = 'suspended' AS suspended,
		  coalesce(n.state = 'awaiting_first_event', false) AS awaiting, coalesce(n.confirm, false) AS confirm
		      FROM clinics c LEFT JOIN connections n USING (clinic_id) WHERE c.clinic_id = m.clinic OFFSET 0) s`
	dueEvents = `
		JOIN LATERAL (SELECT ctid, * FROM events e
		  WHERE e.clinic_id = m.clinic AND e.environment = d.environment AND e.seq = d.seq AND e.id_hash >= d.id_hash
		       ORDER BY e.id_hash LIMIT 1) e ON e.id_hash = d.id_hash
		LEFT JOIN LATERAL (SELECT sealed FROM event_bodies b
		  WHERE b.clinic_id = m.clinic AND b.environment = d.environment AND b.seq = d.seq
		       AND b.id_hash = d.id_hash AND b.received_at = e.received_at OFFSET 0) b ON true`
)

func scanDue(row pgx.CollectableRow) (*dueRow, error) {
	r := &dueRow{}
	s := &r.settings
	err := row.Scan(
		&s.suspended, &s.awaiting, &s.confirm, &r.key.Environment, &r.key.Seq, &r.key.Hash, &r.waiting,
		&r.stored, &r.nextAt, &r.tries, &r.gatewaySnapshot, &r.id, &r.typ, &r.kind, &r.entity, &r.at, &r.bodyHash,
		&r.receivedAt, &r.notes, &r.sealed,
	)
	return r, err
}

// take takes one of the clinic's rows.
func (w *run) take(r *dueRow) { w.settings, w.picked = r.settings, append(w.picked, r) }

// extract opens a row's body and returns its record, or settles the row: other families,
// and bodies that no retry can read.
func (w *run) extract(r *dueRow) (*recordRow, error) {
	switch {
	case strings.Contains(r.notes, "malformed"):
		r.decide(domain.Dead, "unreadable")
		return nil, nil
	case r.kind == domain.KindOther && asaas.Known(r.typ):
		r.decide(domain.NoEffect, domain.ReasonOtherFamily)
		w.lookForWords(r)
		return nil, nil
	case r.kind == domain.KindOther:
		w.noteUnknown(r, nil)
		r.decide(domain.NoEffect, domain.ReasonUnknownType)
		return nil, nil
	case r.entity == "":
		r.decide(domain.Dead, "no_entity")
		return nil, nil
	case r.sealed == nil:
		r.decide(domain.Dead, "body_gone")
		return nil, nil
	}
	body, err := w.open(r)
	if err != nil {
		return nil, err
	}
	w.noteUnknown(r, body)
	record, texts, err := asaas.Extract(r.kind, body)
	if err != nil {
		r.decide(domain.Dead, "unreadable")
		return nil, nil
	}
	return w.newRecord(r, record, texts)
}

// open returns the row's body.
func (w *run) open(r *dueRow) ([]byte, error) {
	key, err := w.keys().sealing(r.sealed)
	if err != nil {
		return nil, err
	}
	return key.Open("body", r.id, r.sealed)
}

// lookForWords counts what of an event that is not folded no list has. A body that cannot be opened has none: the event
// has its outcome either way.
func (w *run) lookForWords(r *dueRow) {
	if w.Radar == nil || r.sealed == nil || !asaas.TellsOfWords(r.typ) {
		return
	}
	if body, err := w.open(r); err == nil {
		w.noteUnknown(r, body)
	}
}

// noteUnknown counts what the event has that no list of ours has; a replay has nothing that was not counted before.
func (w *run) noteUnknown(r *dueRow, body []byte) {
	if w.Radar != nil && w.replay == nil && r.typ != domain.SelfCheck {
		w.Radar.Note(w.clinic, asaas.UnknownInDelivery(r.kind, r.typ, body))
	}
}

// newRecord builds the row that fold will read for ever.
func (w *run) newRecord(r *dueRow, record, texts []byte) (*recordRow, error) {
	row := &recordRow{
		name: r.name(),
		json: record,
		Record: domain.Record{
			Key:        r.key,
			ID:         r.id,
			Type:       domain.EventType(r.typ),
			At:         r.at,
			BodyHash:   [32]byte(r.bodyHash),
			ReceivedAt: r.receivedAt,
		},
	}
	if texts != nil {
		key, err := w.keys().newest()
		if err != nil {
			return nil, err
		}
		if row.Texts, err = key.Seal("texts", string(r.kind)+" "+r.entity, texts); err != nil {
			return nil, err
		}
	}
	return row, row.decode()
}

// markRows gathers what became of the rows of a transaction, as columns.
type markRows struct {
	clinics           []int32
	waiting, stored   []pgtype.TID
	keys              keyColumns
	nexts             []time.Time
	outcomes, reasons []string
}

// mark notes what became of the rows, which takes them off the list of what waits. A dead
// row stays on it, never due, so that a person finds it and its tries; a replay of the last one ends their alarm.
func (w *run) mark(s *saving, rows []*dueRow) {
	m := &s.marks
	for _, r := range rows {
		m.clinics, m.waiting = append(m.clinics, int32(w.clinic)), append(m.waiting, r.waiting)
		m.stored = append(m.stored, r.stored)
		m.keys.add(r.key)
		m.nexts, m.outcomes = append(m.nexts, r.nextAt), append(m.outcomes, string(r.outcome))
		m.reasons = append(m.reasons, r.reason)
		if r.outcome == domain.Dead {
			w.report.Dead++
		}
	}
	if anyOutcome(rows, domain.Dead) {
		s.alarms.add(w.clinic, domain.AlarmDeadLetters)
	}
}

func (m *markRows) queue(b *pgx.Batch, at time.Time) {
	if len(m.clinics) == 0 {
		return
	}
	b.Queue(`SELECT mark_events_of($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, m.clinics, m.waiting, m.stored,
		m.keys.environments, m.keys.seqs, m.keys.hashes, m.nexts, m.outcomes, m.reasons, at)
}

func anyOutcome(rows []*dueRow, wanted ...domain.Outcome) bool {
	for _, r := range rows {
		for _, o := range wanted {
			if r.outcome == o {
				return true
			}
		}
	}
	return false
}

// DueClinic is a clinic with rows to apply, and since when the oldest waits.
type DueClinic struct {
	Clinic domain.ClinicID
	Oldest time.Time
}

// DueClinics returns clinics with rows due at instant at, the longest-waiting first. It is
// all that the sweeper role can see.
func DueClinics(db *tenants.DB, ctx context.Context, at time.Time, most int) ([]DueClinic, error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic_id, oldest FROM due_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, tenants.Translate(err, "due clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DueClinic])
	return found, tenants.Translate(err, "due clinics")
}

// ClinicsToRead returns clinics with entities to read from the gateway at instant at.
func ClinicsToRead(db *tenants.DB, ctx context.Context, at time.Time, most int) ([]domain.ClinicID, error) {
	rows, err := db.Pool().Query(ctx, `SELECT clinic_id FROM truth_clinics($1, $2)`, at, most)
	if err != nil {
		return nil, tenants.Translate(err, "truth clinics")
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[domain.ClinicID])
	return found, tenants.Translate(err, "truth clinics")
}
