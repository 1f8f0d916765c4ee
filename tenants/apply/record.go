package apply

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
)

// recordRow is a row of records: what fold reads of one event, and the gateway's own
// members it was decoded from.
type recordRow struct {
	domain.Record
	name   entityName
	json   []byte
	unseen bool // its entity's history was read under the clinic's lock and does not have it
}

// decode reads the gateway's members into the snapshot. It fails with Invalid when they
// are not a record of this kind.
func (r *recordRow) decode() (err error) {
	if r.GatewaySnapshot != nil && !r.GatewaySnapshot.Found {
		return nil
	}
	r.Snapshot, r.Flags, err = asaas.Decode(r.name.kind, r.json)
	if err != nil {
		return &domain.Error{Code: domain.Invalid, Detail: "record", Err: err}
	}
	return nil
}

const recordColumns = `kind, entity_id, environment, seq, id_hash, event_id, type, at, body_hash, received_at, truth_clock, truth_found, supersedes, record, texts`

// queueRecords asks for the records of the named entities.
func (w *run) queueRecords(b *pgx.Batch, names []entityName, into map[entityName][]*recordRow) {
	kinds, ids := splitNames(names)
	b.Queue(`SELECT `+recordColumns+` FROM unnest($2::text[], $3::text[]) u(its_kind, its_id)
		CROSS JOIN LATERAL (SELECT `+recordColumns+` FROM records r WHERE r.clinic_id = $1 AND r.kind = u.its_kind AND r.entity_id = u.its_id OFFSET 0) r`,
		w.clinic, kinds, ids).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, scanRecord)
		for _, r := range found {
			into[r.name] = append(into[r.name], r)
		}
		return err
	})
}

func scanRecord(row pgx.CollectableRow) (*recordRow, error) {
	r := &recordRow{}
	var bodyHash, supersedes []byte
	var clock *string
	var found *bool
	err := row.Scan(
		&r.name.kind, &r.name.id, &r.Key.Environment, &r.Key.Seq, &r.Key.Hash, &r.ID, &r.Type, &r.At, &bodyHash,
		&r.ReceivedAt, &clock, &found, &supersedes, &r.json, &r.Texts,
	)
	if err != nil {
		return nil, err
	}
	copy(r.BodyHash[:], bodyHash)
	if clock != nil {
		r.GatewaySnapshot = &domain.GatewaySnapshot{
			Clock:      domain.LocalTime(*clock),
			Found:      found != nil && *found,
			Supersedes: unpackKeys(supersedes),
		}
		r.GatewaySnapshot.Last = !r.GatewaySnapshot.Found && string(r.json) == lastAnswer
	}
	return r, r.decode()
}

func splitNames(names []entityName) (kinds, ids []string) {
	for _, n := range names {
		kinds, ids = append(kinds, string(n.kind)), append(ids, n.id)
	}
	return kinds, ids
}

func packKeys(keys []domain.EventKey) (packed []byte) {
	for _, k := range keys {
		packed = append(packed, k.Bytes()...)
	}
	return packed
}

func unpackKeys(packed []byte) (keys []domain.EventKey) {
	for ; len(packed) >= 26; packed = packed[26:] {
		k, _ := domain.EventKeyFrom(packed[:26])
		keys = append(keys, k)
	}
	return keys
}

// noteUnseen tells of which of the fresh records nothing is stored: only the clinic's run writes them, under its lock.
func noteUnseen(fresh []*recordRow, histories map[entityName][]*recordRow) {
	seen := map[domain.EventKey]bool{}
	for _, f := range fresh {
		stored := func(r *recordRow) bool { return r.Key == f.Key }
		f.unseen = !seen[f.Key] && !slices.ContainsFunc(histories[f.name], stored)
		seen[f.Key] = true
	}
}

// queueNewRecords stores records of webhook events; one that is there already stays. Where none can be, the row is not
// written on trial first: that costs a third record in the log.
func (w *run) queueNewRecords(b *pgx.Batch, fresh []*recordRow) {
	if len(fresh) == 0 {
		return
	}
	n := len(fresh)
	kinds, entities, ids := make([]string, n), make([]string, n), make([]string, n)
	types, ats := make([]string, n), make([]string, n)
	envs, seqs, hashes := make([]int16, n), make([]int64, n), make([][16]byte, n)
	bodies, texts, received := make([][]byte, n), make([][]byte, n), make([]time.Time, n)
	records, conflict := make([]string, n), ""
	for i, r := range fresh {
		if !r.unseen {
			conflict = " ON CONFLICT DO NOTHING"
		}
		kinds[i], entities[i], ids[i], types[i], ats[i] = string(r.name.kind), r.name.id, r.ID, string(r.Type), string(r.At)
		envs[i], seqs[i], hashes[i] = int16(r.Key.Environment), r.Key.Seq, r.Key.Hash
		bodies[i], texts[i], received[i], records[i] = r.BodyHash[:], r.Texts, r.ReceivedAt, string(r.json)
	}
	b.Queue(
		`INSERT INTO records (clinic_id, kind, entity_id, environment, seq, id_hash, event_id, type, at, body_hash, received_at, record, texts)
		SELECT $1, u.kind, u.entity, u.env, u.seq, u.hash, u.id, u.type, u.at, u.body, u.received, u.record::json, u.texts
		FROM unnest($2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::timestamptz[], $12::text[], $13::bytea[])
		  u(kind, entity, env, seq, hash, id, type, at, body, received, record, texts)`+conflict,
		w.clinic, kinds, entities, envs, seqs, hashes, ids, types, ats, bodies, received, records, texts,
	)
}
