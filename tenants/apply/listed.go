package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// KeepListed stores what a list of the gateway said of an entity, as KeepAnswer does with a
// read's answer: one call brings a hundred. The answer supersedes what was received before
// the list was asked for; of later events nobody knows which side of it they fall on, so
// they keep their own dates.
func KeepListed(
	tx *tenants.Tx, e tenants.EntityRef, a GatewayAnswer, env domain.Environment, v *vault.Vault,
	asked, now time.Time,
) error {
	task := ReadTask{Kind: e.Kind, Entity: e.ID}
	err := tx.Conn(func(c *pgx.Conn) (err error) {
		task.Known, err = knownBefore(tx, c, e, asked)
		return err
	})
	if err != nil {
		return tenants.Translate(err, "events")
	}
	return KeepAnswer(tx, task, a, env, v, now)
}

// knownBefore returns the keys of the entity's events that were received before an
// instant, applied or waiting.
func knownBefore(tx *tenants.Tx, c *pgx.Conn, e tenants.EntityRef, at time.Time) ([]domain.EventKey, error) {
	rows, err := c.Query(
		tx.Context(),
		`SELECT environment, seq, id_hash FROM records
		WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND received_at < $4
		UNION SELECT e.environment, e.seq, e.id_hash FROM due d JOIN events e USING (clinic_id, environment, seq, id_hash)
		WHERE d.clinic_id = $1 AND e.kind = $2 AND e.entity_id = $3 AND e.source = 1 AND e.received_at < $4`,
		tx.Clinic(), string(e.Kind), e.ID, at,
	)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k domain.EventKey, err error) {
		err = row.Scan(&k.Environment, &k.Seq, &k.Hash)
		return k, err
	})
}
