package people

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

// TokensOf returns the tokens of the transaction's clinic that count at now and that a person answers for,
// by their `usr_…`: those that they made or took over, the newest first.
func TokensOf(tx *tenants.Tx, owner string, now time.Time) (list []ServiceToken, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT `+serviceTokenList.Columns+` FROM service_tokens t
			WHERE t.clinic_id = $1 AND coalesce(nullif(t.owner, ''), t.created_by) = $2 AND t.revoked_at IS NULL
			  AND t.ends_at > $3
			ORDER BY t.created_at DESC, t.token_id`, tx.Clinic(), owner, now)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ServiceToken, error) { return scanServiceToken(row) })
		return err
	})
	return list, tenants.Translate(err, "service tokens")
}

// TransferTokens makes owner, a `usr_…`, the person who answers for tokens of the transaction's clinic.
func TransferTokens(tx *tenants.Tx, ids []string, owner string) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE service_tokens SET owner = $3 WHERE clinic_id = $1 AND token_id = ANY($2)`,
			tx.Clinic(), ids, owner)
		return err
	}), "service tokens")
}

// EndTokens revokes tokens that the transaction sees and every token that was made with one of them, however
// far down, and returns how many it revoked. One that was revoked before stays as it is.
func EndTokens(tx *tenants.Tx, ids []string, now time.Time) (ended int, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		tag, err := c.Exec(tx.Context(), `WITH RECURSIVE line AS (
				SELECT token_id FROM service_tokens WHERE token_id = ANY($1)
				UNION SELECT t.token_id FROM service_tokens t JOIN line ON t.parent = line.token_id)
			UPDATE service_tokens t SET revoked_at = $2 FROM line WHERE t.token_id = line.token_id AND t.revoked_at IS NULL`,
			ids, now)
		ended = int(tag.RowsAffected())
		return err
	})
	return ended, tenants.Translate(err, "service tokens")
}
