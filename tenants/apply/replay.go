package apply

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ReplayMost is how many events are applied anew by one request.
const ReplayMost = 500

// Replayed tells what applying events anew changed, or would change.
type Replayed struct {
	Events  []ReplayedEvent  // each of those asked for that the clinic has
	Objects []ReplayedObject // those that differ afterwards
}

// ReplayedEvent is what became of one event.
type ReplayedEvent struct {
	Key         domain.EventKey
	Was, Now    domain.Outcome // Now "": it failed, and waits for its next try
	WasWhy, Why string
	Quarantined bool // it is not believed, and never applied: nothing was done
}

// ReplayedObject is what an object became.
type ReplayedObject struct {
	Kind     domain.Kind
	AsaasID  string
	From, To int           // versions; From 0: there was none
	Fields   []FieldChange // of its state
	Texts    bool          // its sealed free text changes too
	Facts    []domain.Fact // the ledger is added
}

// FieldChange is one attribute of an object's state, before and after; nil: none.
type FieldChange struct {
	Name          string
	Before, After json.RawMessage
}

// replay is what a run is to apply, and what came of it.
type replay struct {
	keys    []domain.EventKey
	dry     bool
	before  map[domain.EventKey]ReplayedEvent
	after   map[domain.EventKey]*dueRow
	objects map[entityName]ReplayedObject
	save    func(Replayed) error // runs before the commit, in its transaction; nil: nothing is saved
}

// isDry tells whether everything is rolled back; nothing is that is no replay.
func (r *replay) isDry() bool { return r != nil && r.dry }

// Replay applies events of the clinic anew, at most 500, by the very transaction that
// applies what is due, and tells what that changed; with dry everything is rolled back.
// Running it again changes nothing more. Events that the clinic does not have are left out.
// Nobody is told but those who read the feed.
func (a *Applier) Replay(
	ctx context.Context, clinic domain.ClinicID, keys []domain.EventKey, dry bool,
) (Replayed, error) {
	if len(keys) > ReplayMost {
		return Replayed{}, domain.Errorf(domain.Invalid, "more than %d events", ReplayMost)
	}
	return a.replay(ctx, clinic, func(*run) *replay { return newReplay(keys, dry) })
}

// replay runs what begin returns: all at once, and event by event when that fails.
func (a *Applier) replay(ctx context.Context, clinic domain.ClinicID, begin func(*run) *replay) (Replayed, error) {
	w := &run{clinic: clinic}
	w.replay = begin(w)
	_, err := a.try(ctx, w, (*run).together)
	a.DB.NotesHistory(ctx, err)
	if err != nil && ctx.Err() == nil && !errors.Is(err, tenants.ErrLeaseLost) {
		w = &run{clinic: clinic}
		w.replay = begin(w)
		_, err = a.try(ctx, w, (*run).singly)
	}
	return w.replay.told(), err
}

// ReplayStep is Replay for a step of an operation: what note makes of the operation is
// stored in the transaction that applies the events, so that a step is never counted twice,
// and never lost. It fails with ErrLeaseLost, and then nothing was applied.
func (a *Applier) ReplayStep(
	ctx context.Context, h *tenants.HeldOperation, keys []domain.EventKey,
	note func(*tenants.HeldOperation, Replayed),
) error {
	next := *h
	_, err := a.replay(ctx, h.ClinicID, func(w *run) *replay {
		r := newReplay(keys, false)
		r.save = func(told Replayed) error {
			next = *h
			next.Steps = slices.Clone(h.Steps)
			note(&next, told)
			return next.SaveWith(w.ctx, w.conn, a.Now().UTC(), true)
		}
		return r
	})
	if err == nil {
		next.Attempts = 0
		*h = next
	}
	return err
}

func newReplay(keys []domain.EventKey, dry bool) *replay {
	return &replay{
		keys:    keys,
		dry:     dry,
		before:  map[domain.EventKey]ReplayedEvent{},
		after:   map[domain.EventKey]*dueRow{},
		objects: map[entityName]ReplayedObject{},
	}
}

// pickAnew is pick for the events of a replay, due or not. Each gets a row of due, so that
// one that fails again is found there.
func (w *run) pickAnew() ([]*dueRow, error) {
	keys := columnsOf(w.replay.keys)
	envs, seqs, hashes := keys.environments, keys.seqs, keys.hashes
	var b pgx.Batch
	b.Queue("BEGIN")
	queueScope(&b, []*run{w})
	queueHeads(&b, []*run{w}, headLocked+lockEnd)
	b.Queue(`SELECT e.environment, e.seq, e.id_hash, e.outcome, e.reason FROM `+tenants.EventKeyRows+`
		CROSS JOIN LATERAL (SELECT * FROM events e
		  WHERE e.clinic_id = $1 AND e.environment = u.environment AND e.seq = u.seq AND e.id_hash = u.id_hash OFFSET 0) e`,
		w.clinic, envs, seqs, hashes).Query(w.replay.scanBefore)
	b.Queue(
		`UPDATE due d SET next_at = $5 FROM `+tenants.EventKeyRows+`
		WHERE d.clinic_id = $1 AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash`,
		w.clinic, envs, seqs, hashes, w.now,
	)
	b.Queue(`INSERT INTO due (clinic_id, environment, seq, id_hash, next_at)
		SELECT $1, e.environment, e.seq, e.id_hash, $5 FROM (SELECT DISTINCT * FROM `+tenants.EventKeyRows+`) u
		CROSS JOIN LATERAL (SELECT * FROM events e
		  WHERE e.clinic_id = $1 AND e.environment = u.environment AND e.seq = u.seq AND e.id_hash = u.id_hash OFFSET 0) e
		LEFT JOIN due d ON d.clinic_id = $1 AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash
		WHERE e.outcome <> 'quarantined' AND d.clinic_id IS NULL`, w.clinic, envs, seqs, hashes, w.now)
	b.Queue(
		dueSides+`
		CROSS JOIN LATERAL (SELECT d.ctid, d.* FROM (SELECT DISTINCT * FROM `+tenants.EventKeyRows+`) u
		  JOIN due d ON d.clinic_id = m.clinic AND d.environment = u.environment AND d.seq = u.seq
		    AND d.id_hash = u.id_hash) d`+dueEvents,
		numbers([]*run{w}), envs, seqs, hashes,
	).Query(func(found pgx.Rows) error { return collect([]*run{w}, found, scanDue, (*run).take) })
	if err := w.conn.SendBatch(w.ctx, &b).Close(); err != nil {
		return nil, err
	}
	return w.picked, w.recorded(w.picked)
}

// recorded marks rows whose record is there already: their bodies are not needed, and may
// be gone.
func (w *run) recorded(rows []*dueRow) error {
	by := map[domain.EventKey]*dueRow{}
	var kinds, entities []string
	var keys []domain.EventKey
	for _, r := range rows {
		by[r.key] = r
		kinds, entities, keys = append(kinds, string(r.kind)), append(entities, r.entity), append(keys, r.key)
	}
	columns := columnsOf(keys)
	var key domain.EventKey
	found, err := w.conn.Query(
		w.ctx,
		`SELECT u.environment, u.seq, u.id_hash
		FROM unnest($2::smallint[], $3::bigint[], $4::uuid[], $5::text[], $6::text[])
		  u(environment, seq, id_hash, kind, entity)
		WHERE EXISTS (SELECT FROM records r
		  WHERE r.clinic_id = $1 AND r.kind = u.kind AND r.entity_id = u.entity AND r.environment = u.environment
		    AND r.seq = u.seq AND r.id_hash = u.id_hash)`,
		w.clinic, columns.environments, columns.seqs, columns.hashes, kinds, entities,
	)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(found, []any{&key.Environment, &key.Seq, &key.Hash}, func() error {
		by[key].gatewaySnapshot = true
		return nil
	})
	return err
}

func columnsOf(keys []domain.EventKey) (c keyColumns) {
	for _, k := range keys {
		c.add(k)
	}
	return c
}

// queueAlarmsEnd ends the alarm of dead letters when none is left.
func (w *run) queueAlarmsEnd(b *pgx.Batch) {
	b.Queue(`UPDATE alarms SET closed_at = $3 WHERE clinic_id = $1 AND kind = $2 AND closed_at IS NULL
		AND NOT EXISTS (SELECT FROM due WHERE clinic_id = $1 AND next_at = 'infinity')`,
		w.clinic, string(domain.AlarmDeadLetters), w.Now().UTC())
}

func (r *replay) scanBefore(rows pgx.Rows) error {
	var e ReplayedEvent
	_, err := pgx.ForEachRow(rows, []any{&e.Key.Environment, &e.Key.Seq, &e.Key.Hash, &e.Was, &e.WasWhy}, func() error {
		e.Quarantined = e.Was == domain.Quarantined
		r.before[e.Key] = e
		return nil
	})
	return err
}

// note takes down what was applied; in a run that is no replay it does nothing.
func (r *replay) note(p *prepared) {
	if r == nil {
		return
	}
	for _, row := range p.rows {
		r.after[row.key] = row
	}
	for _, e := range p.entities {
		if !e.unchanged() || len(e.missing) > 0 {
			r.objects[e.name] = e.difference()
		}
	}
}

// told returns what is known, in the order in which it was asked for.
func (r *replay) told() (out Replayed) {
	seen := map[domain.EventKey]bool{}
	for _, key := range r.keys {
		e, ours := r.before[key]
		if !ours || seen[key] {
			continue
		}
		seen[key] = true
		if row := r.after[key]; row != nil {
			e.Now, e.Why = row.outcome, row.reason
		}
		if e.Quarantined {
			e.Now, e.Why = e.Was, e.WasWhy
		}
		out.Events = append(out.Events, e)
	}
	names := slices.SortedFunc(maps.Keys(r.objects), func(a, b entityName) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
	})
	for _, n := range names {
		out.Objects = append(out.Objects, r.objects[n])
	}
	return out
}

// difference compares the stored projection with the folded one.
func (e *entity) difference() ReplayedObject {
	o := ReplayedObject{Kind: e.name.kind, AsaasID: e.name.id, To: 1, Facts: e.missing}
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	_ = json.Unmarshal(e.folded.state, &after) // our own writing
	if e.stored != nil {
		o.From, o.To = e.stored.version, e.stored.version
		o.Texts = !bytes.Equal(e.stored.texts, e.folded.texts)
		_ = json.Unmarshal(e.stored.state, &before)
	}
	if e.stored != nil && !e.unchanged() {
		o.To++
	}
	for _, name := range slices.Sorted(maps.Keys(mergedKeys(before, after))) {
		if !bytes.Equal(before[name], after[name]) {
			o.Fields = append(o.Fields, FieldChange{name, before[name], after[name]})
		}
	}
	return o
}

func mergedKeys(a, b map[string]json.RawMessage) map[string]bool {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return all
}

// ReplayTime bounds a replay of one chunk of events.
const ReplayTime = 30 * time.Second
