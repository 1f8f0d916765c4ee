package apply

import (
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// ReadTask is an entity to read from the gateway.
type ReadTask struct {
	Kind   domain.Kind
	Entity string
	Reason domain.ReadReason
	Tries  int               // this one included; 0: not taken, an answer that came with another
	Taken  time.Time         // UTC; zero when not taken
	Known  []domain.EventKey // the entity's events stored before the read
	// Answers is how many answers about the entity came since its last event; mostReads of them end its reads.
	Answers int
	IsProbe bool // the account answered none before: this one shows whether it does again
}

// GatewayAnswer is what the gateway said.
type GatewayAnswer struct {
	Body  []byte    // the object, as it came
	Clock time.Time // the gateway's own, UTC
	Found bool      // false: 404
}

// readLease is how long a taken task belongs to its taker. It is also the pace of reads
// of one entity.
const readLease = time.Minute

// mostReads is how many answers about one entity are asked for by themselves, until an event tells of it again or a
// person asks; readSpacing is the time before each of them, from the answer before.
const mostReads = 5

var readSpacing = [mostReads]time.Duration{0, 10 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour}

// lastAnswer is the record of an answer of 404 after which no read follows by itself.
const lastAnswer = `{"last":true}`

// TakeReads takes at most limit due tasks of the clinic, for a minute: another process
// will not see them meanwhile. Of an account that did not answer it takes one, to see whether it does again, and none
// before its pause is over.
func TakeReads(tx *tenants.Tx, now time.Time, limit int) (tasks []ReadTask, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `WITH pause AS (SELECT paused_until FROM read_pauses WHERE clinic_id = $1),
			  t AS (SELECT kind, entity_id FROM truth_wants
			    WHERE clinic_id = $1 AND due_at <= $3 AND due_at < 'infinity'
			      AND NOT EXISTS (SELECT FROM pause WHERE paused_until > $3) ORDER BY due_at
			    LIMIT (SELECT CASE WHEN EXISTS (SELECT FROM pause) THEN 1 ELSE $4::integer END) FOR UPDATE SKIP LOCKED)
			UPDATE truth_wants w SET due_at = $2, fetched_at = $3, tries = w.tries + 1 FROM t
			WHERE w.clinic_id = $1 AND w.kind = t.kind AND w.entity_id = t.entity_id
			RETURNING w.kind, w.entity_id, w.reason, w.tries, w.answers, EXISTS (SELECT FROM pause)`,
			tx.Clinic(), now.Add(readLease), now, limit)
		if err != nil {
			return err
		}
		tasks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t ReadTask, err error) {
			t.Taken = now
			err = row.Scan(&t.Kind, &t.Entity, &t.Reason, &t.Tries, &t.Answers, &t.IsProbe)
			return t, err
		})
		if err != nil || len(tasks) == 0 {
			return err
		}
		return findKnown(tx, c, tasks)
	})
	return tasks, tenants.Translate(err, "read tasks")
}

// findKnown notes the keys of each task's stored events, applied or waiting. Answers to former reads are none.
func findKnown(tx *tenants.Tx, c *pgx.Conn, tasks []ReadTask) error {
	kinds, ids := make([]string, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		kinds[i], ids[i] = string(t.Kind), t.Entity
	}
	rows, err := c.Query(tx.Context(), `SELECT t.n, k.environment, k.seq, k.id_hash
		FROM unnest($2::text[], $3::text[]) WITH ORDINALITY t(kind, entity_id, n), LATERAL (
		  SELECT r.environment, r.seq, r.id_hash FROM records r
		  WHERE r.clinic_id = $1 AND r.kind = t.kind AND r.entity_id = t.entity_id AND r.truth_clock IS NULL
		  UNION SELECT e.environment, e.seq, e.id_hash FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
		  WHERE d.clinic_id = $1 AND e.kind = t.kind AND e.entity_id = t.entity_id AND e.source = 1) k`,
		tx.Clinic(), kinds, ids)
	if err != nil {
		return err
	}
	var n int
	var k domain.EventKey
	_, err = pgx.ForEachRow(rows, []any{&n, &k.Environment, &k.Seq, &k.Hash}, func() error {
		tasks[n-1].Known = append(tasks[n-1].Known, k)
		return nil
	})
	return err
}

// KeepAnswer stores the answer as an event of its own kind, due at once, so that it is
// folded like the rest. An entity that the gateway does not know, and of which nothing was
// ever accepted, leaves no trace: the delivery was worthless.
func KeepAnswer(
	tx *tenants.Tx, t ReadTask, a GatewayAnswer, env domain.Environment, v *vault.Vault, now time.Time,
) error {
	if !a.Found && len(t.Known) == 0 {
		return EndRead(tx, t)
	}
	var keyRing tenants.KeyRing
	err := tx.Conn(func(c *pgx.Conn) error {
		var b pgx.Batch
		t.queueLeavingOut(&b, tx.Clinic(), asaas.LocalTimeOf(a.Clock))
		tenants.QueueKeyRing(&b, tx.Clinic(), v, &keyRing)
		return c.SendBatch(tx.Context(), &b).Close()
	})
	if err != nil {
		return tenants.Translate(err, "answers")
	}
	row, sealed, err := snapshotRow(t, a, env, keyRing, now)
	if err != nil {
		return err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		var b pgx.Batch
		queueSnapshot(&b, tx.Clinic(), row, sealed, now)
		t.queueEnd(&b, tx.Clinic())
		return c.SendBatch(tx.Context(), &b).Close()
	})
	return tenants.Translate(err, "gateway snapshot")
}

// queueLeavingOut takes those events out of the task that answers of an earlier second list: each is listed once, so
// that what answers store grows with the events and not with the reads.
func (t *ReadTask) queueLeavingOut(b *pgx.Batch, clinic domain.ClinicID, clock domain.LocalTime) {
	b.Queue(`SELECT supersedes FROM records
		WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND truth_clock < $4`,
		clinic, string(t.Kind), t.Entity, string(clock)).Query(func(rows pgx.Rows) error {
		lists, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		seen := map[domain.EventKey]bool{}
		for _, list := range lists {
			for _, k := range unpackKeys(list) {
				seen[k] = true
			}
		}
		t.Known = slices.DeleteFunc(t.Known, func(k domain.EventKey) bool { return seen[k] })
		return err
	})
}

// snapshotRow builds the record of an answer, and seals the answer itself.
func snapshotRow(
	t ReadTask, a GatewayAnswer, env domain.Environment, keyRing tenants.KeyRing, now time.Time,
) (*recordRow, []byte, error) {
	r := &recordRow{name: entityName{t.Kind, t.Entity}, json: []byte("{}")}
	isLast := !a.Found && t.Tries > 0 && t.Answers+1 >= mostReads
	if isLast {
		r.json = []byte(lastAnswer)
	}
	key, id := asaas.EventKeyOf(env, fmt.Sprintf("truth:%s:%s:%d", t.Kind, t.Entity, now.UnixNano()), nil)
	for _, k := range t.Known {
		key.Seq = max(key.Seq, k.Seq) // so that a list by the gateway's order shows the answer beside what it settled
	}
	r.Key, r.ID, r.Type, r.ReceivedAt = key, id, "TRUTH", now
	r.At = asaas.LocalTimeOf(a.Clock)
	r.GatewaySnapshot = &domain.GatewaySnapshot{Clock: r.At, Found: a.Found, Supersedes: t.Known, Last: isLast}
	k, err := keyRing.Newest()
	if err != nil || !a.Found {
		return r, nil, err
	}
	body, _ := asaas.HideCards(a.Body) // the delivery that told of it raised the alarm
	record, texts, err := asaas.ExtractObject(t.Kind, body)
	if err != nil {
		return nil, nil, &domain.Error{Code: domain.Invalid, Detail: "the gateway's answer", Err: err}
	}
	r.json = record
	if texts != nil {
		if r.Texts, err = k.Seal("texts", string(t.Kind)+" "+t.Entity, texts); err != nil {
			return nil, nil, err
		}
	}
	sealed, err := k.Seal("body", id, body)
	return r, sealed, err
}

func queueSnapshot(b *pgx.Batch, clinic domain.ClinicID, r *recordRow, sealed []byte, now time.Time) {
	k := r.Key
	b.Queue(
		`INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id,
		  created_local, outcome, reason, notes, body_hash)
		VALUES ($1, $2, 2, $3, $4, $5, $6, 'TRUTH', $7, $8, $9, 'received', '', '', '')`,
		clinic, k.Environment, k.Seq, k.Hash, now, r.ID, string(r.name.kind), r.name.id, string(r.At),
	)
	if sealed != nil {
		b.Queue(
			`INSERT INTO event_bodies (clinic_id, environment, seq, id_hash, received_at, sealed)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			clinic, k.Environment, k.Seq, k.Hash, now, sealed,
		)
	}
	b.Queue(
		`INSERT INTO records (clinic_id, kind, entity_id, environment, seq, id_hash, event_id, type, at, body_hash,
		  received_at, truth_clock, truth_found, supersedes, record, texts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'TRUTH', $8, '', $9, $8, $10, $11, $12::json, $13)`,
		clinic, string(r.name.kind), r.name.id, k.Environment, k.Seq, k.Hash, r.ID, string(r.At), now,
		r.GatewaySnapshot.Found, packKeys(r.GatewaySnapshot.Supersedes), string(r.json), r.Texts,
	)
	b.Queue(
		`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) VALUES ($1, $2, $3, $4, $5)`, clinic,
		k.Environment, k.Seq, k.Hash, now,
	)
}

// EndRead notes that the task was done, unless its entity was asked for again meanwhile:
// the answer may be older than that. It forgets the unverified deliveries that the read settled, so that
// their room in the quota is free again. A task that was not taken ends nothing.
func EndRead(tx *tenants.Tx, t ReadTask) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		var b pgx.Batch
		t.queueEnd(&b, tx.Clinic())
		return c.SendBatch(tx.Context(), &b).Close()
	}), "read requests")
}

func (t *ReadTask) queueEnd(b *pgx.Batch, clinic domain.ClinicID) {
	if t.Tries == 0 {
		return
	}
	b.Queue(
		`UPDATE truth_wants SET due_at = 'infinity', tries = 0, last_error = '', answers = answers + 1
		WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND tries = $4`,
		clinic, string(t.Kind), t.Entity, t.Tries,
	)
	b.Queue(
		`DELETE FROM hints WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND received_at <= $4`,
		clinic, string(t.Kind), t.Entity, t.Taken,
	)
}

// RequestRead asks for a read of an entity at an instant, unless its reads are used up.
func RequestRead(tx *tenants.Tx, kind domain.Kind, entity string, why domain.ReadReason, at time.Time) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(), `SELECT request_read($1, $2, $3, $4, $5, $6, false)`, tx.Clinic(), string(kind), entity,
			why, at, mostReads,
		)
		return err
	}), "read requests")
}
