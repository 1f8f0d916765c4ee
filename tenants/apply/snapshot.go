package apply

import (
	"fmt"
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

// TakeReads takes at most limit due tasks of the clinic, for a minute: another process
// will not see them meanwhile.
func TakeReads(tx *tenants.Tx, now time.Time, limit int) (tasks []ReadTask, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `UPDATE truth_wants w SET due_at = $2, fetched_at = $3, tries = w.tries + 1
			FROM (SELECT kind, entity_id FROM truth_wants WHERE clinic_id = $1 AND due_at <= $3 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) t
			WHERE w.clinic_id = $1 AND w.kind = t.kind AND w.entity_id = t.entity_id RETURNING w.kind, w.entity_id, w.reason, w.tries`,
			tx.Clinic(), now.Add(readLease), now, limit)
		if err != nil {
			return err
		}
		tasks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t ReadTask, err error) {
			t.Taken = now
			err = row.Scan(&t.Kind, &t.Entity, &t.Reason, &t.Tries)
			return t, err
		})
		for i := range tasks {
			if err == nil {
				tasks[i].Known, err = known(tx, c, tasks[i].Kind, tasks[i].Entity)
			}
		}
		return err
	})
	return tasks, tenants.Translate(err, "truth tasks")
}

// known returns the keys of the entity's stored events, applied or waiting.
func known(tx *tenants.Tx, c *pgx.Conn, kind domain.Kind, entity string) ([]domain.EventKey, error) {
	rows, err := c.Query(tx.Context(), `SELECT environment, seq, id_hash FROM records WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3
		UNION SELECT e.environment, e.seq, e.id_hash FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
		WHERE d.clinic_id = $1 AND e.kind = $2 AND e.entity_id = $3 AND e.source = 1`, tx.Clinic(), string(kind), entity)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k domain.EventKey, err error) {
		err = row.Scan(&k.Environment, &k.Seq, &k.Hash)
		return k, err
	})
}

// KeepAnswer stores the answer as an event of its own kind, due at once, so that it is
// folded like the rest. An entity that the gateway does not know, and of which nothing was
// ever accepted, leaves no trace: the delivery was worthless.
func KeepAnswer(tx *tenants.Tx, t ReadTask, a GatewayAnswer, env domain.Environment, v *vault.Vault, now time.Time) error {
	if !a.Found && len(t.Known) == 0 {
		return EndRead(tx, t)
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return err
	}
	row, sealed, err := snapshotRow(t, a, env, keyRing, now)
	if err != nil {
		return err
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		var b pgx.Batch
		queueSnapshot(&b, tx.Clinic(), row, sealed, now)
		return c.SendBatch(tx.Context(), &b).Close()
	})
	if err != nil {
		return tenants.Translate(err, "truth")
	}
	return EndRead(tx, t)
}

// snapshotRow builds the record of an answer, and seals the answer itself.
func snapshotRow(t ReadTask, a GatewayAnswer, env domain.Environment, keyRing tenants.KeyRing, now time.Time) (*recordRow, []byte, error) {
	r := &recordRow{name: entityName{t.Kind, t.Entity}, json: []byte("{}")}
	key, id := asaas.EventKeyOf(env, fmt.Sprintf("truth:%s:%s:%d", t.Kind, t.Entity, now.UnixNano()), nil)
	for _, k := range t.Known {
		key.Seq = max(key.Seq, k.Seq) // so that a list by the gateway's order shows the answer beside what it settled
	}
	r.Key, r.ID, r.Type, r.ReceivedAt = key, id, "TRUTH", now
	r.At = asaas.LocalTimeOf(a.Clock)
	r.GatewaySnapshot = &domain.GatewaySnapshot{Clock: r.At, Found: a.Found, Supersedes: t.Known}
	k, err := keyRing.Newest()
	if err != nil || !a.Found {
		return r, nil, err
	}
	record, texts, err := asaas.ExtractObject(t.Kind, a.Body)
	if err != nil {
		return nil, nil, &domain.Error{Code: domain.Invalid, Detail: "the gateway's answer", Err: err}
	}
	r.json = record
	if texts != nil {
		if r.Texts, err = k.Seal("texts", string(t.Kind)+" "+t.Entity, texts); err != nil {
			return nil, nil, err
		}
	}
	sealed, err := k.Seal("body", id, a.Body)
	return r, sealed, err
}

func queueSnapshot(b *pgx.Batch, clinic domain.ClinicID, r *recordRow, sealed []byte, now time.Time) {
	k := r.Key
	b.Queue(`INSERT INTO events (clinic_id, environment, source, seq, id_hash, received_at, event_id, type, kind, entity_id, created_local, outcome, reason, notes, body_hash)
		VALUES ($1, $2, 2, $3, $4, $5, $6, 'TRUTH', $7, $8, $9, 'received', '', '', '')`, clinic, k.Environment, k.Seq, k.Hash, now, r.ID, string(r.name.kind), r.name.id, string(r.At))
	if sealed != nil {
		b.Queue(`INSERT INTO event_bodies (clinic_id, environment, seq, id_hash, received_at, sealed) VALUES ($1, $2, $3, $4, $5, $6)`, clinic, k.Environment, k.Seq, k.Hash, now, sealed)
	}
	b.Queue(`INSERT INTO records (clinic_id, kind, entity_id, environment, seq, id_hash, event_id, type, at, body_hash, received_at, truth_clock, truth_found, supersedes, record, texts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'TRUTH', $8, '', $9, $8, $10, $11, $12::json, $13)`,
		clinic, string(r.name.kind), r.name.id, k.Environment, k.Seq, k.Hash, r.ID, string(r.At), now, r.GatewaySnapshot.Found, packKeys(r.GatewaySnapshot.Supersedes), string(r.json), r.Texts)
	b.Queue(`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at) VALUES ($1, $2, $3, $4, $5)`, clinic, k.Environment, k.Seq, k.Hash, now)
}

// EndRead notes that the task was done, unless its entity was asked for again meanwhile:
// the answer may be older than that. It forgets the unverified deliveries that the read settled, so that
// their room in the quota is free again. A task that was not taken ends nothing.
func EndRead(tx *tenants.Tx, t ReadTask) error {
	if t.Tries == 0 {
		return nil
	}
	err := tx.Gorm().Exec(`UPDATE truth_wants SET due_at = 'infinity', tries = 0, last_error = '' WHERE clinic_id = ? AND kind = ? AND entity_id = ? AND tries = ?`,
		tx.Clinic(), string(t.Kind), t.Entity, t.Tries).Error
	if err != nil {
		return tenants.Translate(err, "truth")
	}
	return tenants.Translate(tx.Gorm().Exec(`DELETE FROM hints WHERE clinic_id = ? AND kind = ? AND entity_id = ? AND received_at <= ?`,
		tx.Clinic(), string(t.Kind), t.Entity, t.Taken).Error, "hints")
}

// DelayRead puts the task off until at: the gateway did not answer. It waits for ever
// rather than guess.
func DelayRead(tx *tenants.Tx, t ReadTask, at time.Time, why string) error {
	return tenants.Translate(tx.Gorm().Exec(`UPDATE truth_wants SET due_at = ?, last_error = ? WHERE clinic_id = ? AND kind = ? AND entity_id = ?`,
		at, why, tx.Clinic(), string(t.Kind), t.Entity).Error, "truth")
}

// RequestRead asks for a read of an entity now.
func RequestRead(tx *tenants.Tx, kind domain.Kind, entity string, why domain.ReadReason, at time.Time) error {
	return tenants.Translate(tx.Gorm().Exec(`SELECT want_truth(?, ?, ?, ?, ?)`, tx.Clinic(), string(kind), entity, why, at).Error, "truth")
}
