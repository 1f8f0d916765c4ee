package people

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Moving are people on their way from one clinic to another: the secrets of their authenticator apps, which each
// clinic seals by a key of its own.
type Moving struct {
	from    domain.ClinicID
	secrets map[domain.UUID][]byte // by factor, open
}

// Leave returns the people of the transaction's clinic, for Arrive in the same transaction.
func Leave(tx *tenants.Tx, v *vault.Vault) (Moving, error) {
	m := Moving{tx.Clinic(), map[domain.UUID][]byte{}}
	sealed := map[domain.UUID][]byte{}
	err := tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(), `SELECT factor_id, secret FROM factors WHERE clinic_id = $1 AND kind = 'app' FOR UPDATE`, tx.Clinic(),
		)
		if err != nil {
			return err
		}
		var id [16]byte
		var secret []byte
		_, err = pgx.ForEachRow(rows, []any{&id, &secret}, func() error {
			sealed[id] = secret
			return nil
		})
		return err
	})
	for id, secret := range sealed {
		if err == nil {
			m.secrets[id], err = openFactor(tx, v, id, secret)
		}
	}
	return m, tenants.Translate(err, "factors")
}

// theirs are the tables of what is a person's own: it goes where they go. What was about the clinic that they leave
// stays there: what its agenda told them, its service tokens, its audit log.
var theirs = []string{
	"users", "sessions", "factors", "recovery_codes", "known_browsers", "mailed_links", "login_challenges", "calendars",
}

// Arrive makes people who left their clinic those of the transaction's one, with their sessions, which go on there.
// It needs a transaction of the platform.
func Arrive(tx *tenants.Tx, m Moving, v *vault.Vault) error {
	for _, table := range theirs {
		err := tx.Gorm().Exec(`UPDATE `+table+` SET clinic_id = $1 WHERE clinic_id = $2`, tx.Clinic(), m.from).Error
		if err != nil {
			return tenants.Translate(err, table)
		}
	}
	for id, secret := range m.secrets {
		sealed, err := sealFactor(tx, v, id, secret)
		if err != nil {
			return err
		}
		err = tx.Gorm().Exec(
			`UPDATE factors SET secret = $1 WHERE clinic_id = $2 AND factor_id = $3`, sealed, tx.Clinic(), tenants.DBUUID(id),
		).Error
		if err != nil {
			return tenants.Translate(err, "factors")
		}
	}
	return nil
}
