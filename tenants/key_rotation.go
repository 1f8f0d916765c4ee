package tenants

import (
	"github.com/jackc/pgx/v5"

	"patapay/tenants/vault"
)

// RewrapKeys wraps the data keys of the transaction's clinic by the primary master key, and returns how
// many another one wrapped before; dry only counts. What the data keys sealed stays as it is.
func RewrapKeys(tx *Tx, v *vault.Vault, dry bool) (n int, err error) {
	type row struct {
		no      int32
		wrapped []byte
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.ctx, `SELECT key_no, wrapped FROM clinic_keys WHERE clinic_id = $1 FOR UPDATE`, tx.clinic)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (k row, err error) {
			return k, r.Scan(&k.no, &k.wrapped)
		})
		if err != nil {
			return err
		}
		for _, k := range list {
			fresh, changed, err := v.Rewrap(tx.clinic, k.no, k.wrapped)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if n++; dry {
				continue
			}
			_, err = c.Exec(tx.ctx, `UPDATE clinic_keys SET wrapped = $3
				WHERE clinic_id = $1 AND key_no = $2`, tx.clinic, k.no, fresh)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, Translate(err, "data keys")
}
