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

const recordColumns = `kind, entity_id, environment, seq, id_hash, event_id, type, at, body_hash, ` +
	`received_at, truth_clock, truth_found, supersedes, record, texts`

// queueRecords asks for the records of the entities.
func (list work) queueRecords(b *pgx.Batch) {
	n := list.named(func(domain.Kind) bool { return true })
	if len(n.ids) == 0 {
		return
	}
	b.Queue(
		`SELECT r.clinic_id, `+recordColumns+`
		FROM unnest($1::integer[], $2::text[], $3::text[]) u(its_clinic, its_kind, its_id)
		CROSS JOIN LATERAL (SELECT clinic_id, `+recordColumns+` FROM records r
		  WHERE r.clinic_id = u.its_clinic AND r.kind = u.its_kind AND r.entity_id = u.its_id OFFSET 0) r`,
		n.clinics, n.kinds, n.ids,
	).Query(func(rows pgx.Rows) error {
		return collect(list, rows, scanRecord, func(p *prepared, r *recordRow) {
			p.histories[r.name] = append(p.histories[r.name], r)
		})
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

// newRecords gathers records of webhook events, as columns.
type newRecords struct {
	names                  nameColumns
	keys                   keyColumns
	ids, types, ats, jsons []string
	bodies, texts          [][]byte
	received               []time.Time
	mayBeThere             bool
}

func (n *newRecords) add(clinic domain.ClinicID, fresh []*recordRow) {
	for _, r := range fresh {
		n.names.add(clinic, r.name)
		n.keys.add(r.Key)
		n.ids, n.types, n.ats = append(n.ids, r.ID), append(n.types, string(r.Type)), append(n.ats, string(r.At))
		n.bodies, n.texts = append(n.bodies, r.BodyHash[:]), append(n.texts, r.Texts)
		n.received = append(n.received, r.ReceivedAt)
		n.jsons, n.mayBeThere = append(n.jsons, string(r.json)), n.mayBeThere || !r.unseen
	}
}

// queue stores the records; one that is there already stays. Where none can be, the row is not written on trial first:
// that costs a third record in the log.
func (n *newRecords) queue(b *pgx.Batch) {
	if len(n.ids) == 0 {
		return
	}
	conflict := ""
	if n.mayBeThere {
		conflict = " ON CONFLICT DO NOTHING"
	}
	b.Queue(
		`INSERT INTO records (clinic_id, kind, entity_id, environment, seq, id_hash, event_id, type,
		  at, body_hash, received_at, record, texts)
		SELECT u.clinic, u.kind, u.entity, u.env, u.seq, u.hash, u.id, u.type, u.at,
		  u.body, u.received, u.record::json, u.texts
		FROM unnest($1::integer[], $2::text[], $3::text[], $4::smallint[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
		  $9::text[], $10::bytea[], $11::timestamptz[], $12::text[], $13::bytea[])
		  u(clinic, kind, entity, env, seq, hash, id, type, at, body, received, record, texts)`+conflict,
		n.names.clinics, n.names.kinds, n.names.ids, n.keys.environments, n.keys.seqs, n.keys.hashes, n.ids, n.types, n.ats,
		n.bodies, n.received, n.jsons, n.texts,
	)
}

// keyColumns are keys of events.
type keyColumns struct {
	environments []int16
	seqs         []int64
	hashes       [][16]byte
}

func (c *keyColumns) add(k domain.EventKey) {
	c.environments, c.seqs = append(c.environments, int16(k.Environment)), append(c.seqs, k.Seq)
	c.hashes = append(c.hashes, k.Hash)
}
