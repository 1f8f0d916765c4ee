package apply

import (
	"context"
	"strconv"
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
	rows, err := pickWith(w, lockIfDue, w.now)
	if err != nil || w.locked || len(rows) == 0 {
		return rows, err
	}
	if _, err := w.conn.Exec(w.ctx, "ROLLBACK"); err != nil {
		return nil, err
	}
	return pickWith(w, headLocked+` FOR UPDATE`)
}

// pickWith is pick with the statement that locks the clinic.
func pickWith(w *run, lock string, more ...any) ([]*dueRow, error) {
	var b pgx.Batch
	b.Queue("BEGIN")
	queueScope(&b, w.clinic)
	queuePick(&b, w, lock, more...)
	err := w.conn.SendBatch(w.ctx, &b).Close()
	return w.picked, err
}

// queueScope lets the statements that follow, to the transaction's end or the next scope, see this clinic and no other.
// It also says that the numbers of invoices are noted by who writes them, so that the trigger which notes them for
// programs of before migration 0330 has nothing to do.
func queueScope(b *pgx.Batch, clinic domain.ClinicID) *pgx.QueuedQuery {
	return b.Queue(
		`SELECT set_config('app.clinic_id', $1, true), set_config('app.invoice_numbers', 'noted', true)`,
		strconv.Itoa(int(clinic)),
	)
}

// queuePick asks for the clinic's lock and for its due rows.
func queuePick(b *pgx.Batch, w *run, lock string, more ...any) {
	b.Queue(lock, append([]any{w.clinic}, more...)...).QueryRow(func(row pgx.Row) error {
		err := w.head.Scan(row)
		w.locked = err == nil
		return tenants.IgnoreNoRows(err)
	})
	b.Queue(dueSides+`
		CROSS JOIN (SELECT ctid, * FROM due WHERE clinic_id = $1 AND next_at <= $2 ORDER BY next_at, environment, seq, id_hash LIMIT $3) d`+dueEvents,
		w.clinic, w.now, runRows).Query(func(found pgx.Rows) (err error) {
		w.picked, err = pgx.CollectRows(found, w.scanDue)
		return err
	})
}

const (
	headLocked = `SELECT ` + ledger.HeadColumns + ` FROM clinic_heads WHERE clinic_id = $1`
	lockIfDue  = headLocked + ` AND EXISTS (SELECT FROM due WHERE clinic_id = $1 AND next_at <= $2) FOR UPDATE`
)

// dueSides and dueEvents read what scanDue scans, of rows d of due between them. An event is the first from its key on:
// in that order only the key's index has them. That it equals the key is no reason for the planner to take that index
// while it knows nothing of the table: then every index of the clinic costs the same, and a first import read all
// that it had brought for each event.
const (
	dueSides = `
		SELECT s.suspended, s.awaiting, s.confirm, d.environment, d.seq, d.id_hash, d.ctid, e.ctid, d.next_at, d.tries, e.source = 2, e.event_id, e.type, e.kind, e.entity_id,
		       e.created_local, e.body_hash, e.received_at, e.notes, b.sealed
		FROM (SELECT c.state = 'suspended' AS suspended, coalesce(n.state = 'awaiting_first_event', false) AS awaiting, coalesce(n.confirm, false) AS confirm
		      FROM clinics c LEFT JOIN connections n USING (clinic_id) WHERE c.clinic_id = $1 OFFSET 0) s`
	dueEvents = `
		JOIN LATERAL (SELECT ctid, * FROM events e WHERE e.clinic_id = $1 AND e.environment = d.environment AND e.seq = d.seq AND e.id_hash >= d.id_hash
		       ORDER BY e.id_hash LIMIT 1) e ON e.id_hash = d.id_hash
		LEFT JOIN LATERAL (SELECT sealed FROM event_bodies b WHERE b.clinic_id = $1 AND b.environment = d.environment AND b.seq = d.seq
		       AND b.id_hash = d.id_hash AND b.received_at = e.received_at OFFSET 0) b ON true`
)

func (w *run) scanDue(row pgx.CollectableRow) (*dueRow, error) {
	r := &dueRow{}
	err := row.Scan(
		&w.settings.suspended, &w.settings.awaiting, &w.settings.confirm, &r.key.Environment, &r.key.Seq, &r.key.Hash,
		&r.waiting,
		&r.stored, &r.nextAt, &r.tries, &r.gatewaySnapshot, &r.id, &r.typ, &r.kind, &r.entity, &r.at, &r.bodyHash,
		&r.receivedAt, &r.notes, &r.sealed,
	)
	return r, err
}

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

// mark writes what became of the rows, and takes them off the list of what waits. A dead
// row stays on it, never due, so that a person finds it and its tries; a replay of the last one ends their alarm.
func (w *run) mark(b *pgx.Batch, rows []*dueRow) {
	n := len(rows)
	envs, seqs, hashes := make([]int16, n), make([]int64, n), make([][16]byte, n)
	nexts, outcomes, reasons := make([]time.Time, n), make([]string, n), make([]string, n)
	waiting, stored := make([]pgtype.TID, n), make([]pgtype.TID, n)
	for i, r := range rows {
		waiting[i], stored[i] = r.waiting, r.stored
		envs[i], seqs[i], hashes[i] = int16(r.key.Environment), r.key.Seq, r.key.Hash
		nexts[i], outcomes[i], reasons[i] = r.nextAt, string(r.outcome), r.reason
		if r.outcome == domain.Dead {
			w.report.Dead++
		}
	}
	b.Queue(`SELECT mark_events_at($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		w.clinic, waiting, stored, envs, seqs, hashes, nexts, outcomes, reasons, w.Now().UTC())
	if anyOutcome(rows, domain.Dead) {
		b.Queue(
			`SELECT raise_alarm($1, $2, $3, $4)`, w.clinic, string(domain.AlarmDeadLetters), w.now,
			domain.AlarmDeadLetters.NextAction(),
		)
	}
	if w.replay != nil {
		b.Queue(`UPDATE alarms SET closed_at = $3 WHERE clinic_id = $1 AND kind = $2 AND closed_at IS NULL
			AND NOT EXISTS (SELECT FROM due WHERE clinic_id = $1 AND next_at = 'infinity')`,
			w.clinic, string(domain.AlarmDeadLetters), w.Now().UTC())
	}
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
