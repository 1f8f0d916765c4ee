package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// variantPair is an event's first body and another that came under its id, both sealed;
// first is nil once its month was dropped.
type variantPair struct {
	id            string
	first, second []byte
}

// VariantMatters reports whether any two bodies that came under one event id of the entity
// differ in type, entity, status or an amount: then the gateway must be asked and a person
// told (docs/architecture.md, accept). What can no longer be compared matters.
func VariantMatters(tx *tenants.Tx, kind domain.Kind, entity string, v *vault.Vault) (matters bool, err error) {
	var pairs []variantPair
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT e.event_id, b.sealed, v.sealed
			FROM records r JOIN events e USING (clinic_id, environment, seq, id_hash)
			JOIN event_variants v USING (clinic_id, environment, seq, id_hash)
			LEFT JOIN event_bodies b ON b.clinic_id = e.clinic_id AND b.environment = e.environment AND b.seq = e.seq
			  AND b.id_hash = e.id_hash AND b.received_at = e.received_at
			WHERE r.clinic_id = $1 AND r.kind = $2 AND r.entity_id = $3 AND position('variant' IN e.notes) > 0`,
			tx.Clinic(), string(kind), entity)
		if err != nil {
			return err
		}
		pairs, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p variantPair, err error) {
			return p, row.Scan(&p.id, &p.first, &p.second)
		})
		return err
	})
	if err != nil || len(pairs) == 0 {
		return true, tenants.Translate(err, "variants") // none: it stands under another entity's event, which is a difference
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return true, err
	}
	for _, p := range pairs {
		if matters, err = p.matters(keyRing); matters || err != nil {
			return true, err
		}
	}
	return false, nil
}

func (p variantPair) matters(keyRing tenants.KeyRing) (bool, error) {
	if p.first == nil {
		return true, nil
	}
	first, err := keyRing.Open("body", p.id, p.first)
	if err != nil {
		return true, err
	}
	second, err := keyRing.Open("body", p.id, p.second)
	if err != nil {
		return true, err
	}
	a, b := asaas.Peek(first), asaas.Peek(second)
	if a.Event != b.Event || a.Kind != b.Kind || a.Entity != b.Entity {
		return true, nil
	}
	return !domain.SameClaim(snapshotOf(a.Kind, first), snapshotOf(b.Kind, second)), nil
}

// snapshotOf decodes a body; an unreadable one says nothing.
func snapshotOf(kind domain.Kind, body []byte) domain.Snapshot {
	record, _, err := asaas.Extract(kind, body)
	if err != nil {
		return domain.Snapshot{}
	}
	snapshot, _, _ := asaas.Decode(kind, record)
	return snapshot
}
