package endpoints

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// sealedKind is what secrets and answers of endpoints are sealed as.
const sealedKind = "endpoint"

// signing is a secret that signs, until it ends.
type signing struct {
	Text  string     `json:"text"`
	Until *time.Time `json:"until,omitempty"` // null: without an end
}

func newSecret() vault.Secret {
	var random [endpoint.SecretBytes]byte
	_, _ = rand.Read(random[:]) // never fails (Go 1.24)
	return vault.NewSecret(endpoint.SecretText(random))
}

// seal seals secrets for an endpoint with the key of its clinic, or of the platform.
func seal(tx *tenants.Tx, v *vault.Vault, id domain.UUID, secrets []signing) ([]byte, error) {
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	seal, err := sealerOf(tx, v)
	if err != nil {
		return nil, err
	}
	return seal(sealedKind, Name(id), plain)
}

// sealer seals texts of a kind and a subject.
type sealer func(kind, subject string, plain []byte) ([]byte, error)

// sealerOf returns what seals the texts of the transaction's clinic, or of the platform.
func sealerOf(tx *tenants.Tx, v *vault.Vault) (sealer, error) {
	if tx.Clinic() == 0 {
		return v.SealPlatform, nil
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return nil, err
	}
	newest, err := keyRing.Newest()
	if err != nil {
		return nil, err
	}
	return newest.Seal, nil
}

// opener returns what opens the texts of the transaction's clinic, or of the platform.
func opener(tx *tenants.Tx, v *vault.Vault) (tenants.Opener, error) {
	if tx.Clinic() == 0 {
		return v.OpenPlatform, nil
	}
	return tx.Opener(v)
}

func open(o tenants.Opener, e Endpoint) (secrets []signing, err error) {
	plain, err := o(sealedKind, Name(e.ID), e.secrets)
	if err == nil {
		err = json.Unmarshal(plain, &secrets)
	}
	return secrets, err
}

// valid returns the texts of those that sign at an instant, the newest first.
func valid(secrets []signing, now time.Time) (texts []string) {
	for _, s := range secrets {
		if s.Until == nil || now.Before(*s.Until) {
			texts = append(texts, s.Text)
		}
	}
	return texts
}

// Rotate gives an endpoint a new secret, and returns it, which is shown to nobody again. The one
// before still signs for endpoint.RotationLife; any older one does no more.
func Rotate(tx *tenants.Tx, v *vault.Vault, e Endpoint, now time.Time) (vault.Secret, error) {
	secret := newSecret()
	o, err := opener(tx, v)
	if err != nil {
		return secret, err
	}
	was, err := open(o, e)
	if err != nil {
		return secret, err
	}
	list, until := []signing{{Text: secret.Reveal()}}, now.Add(endpoint.RotationLife)
	if len(was) > 0 {
		list = append(list, signing{Text: was[0].Text, Until: &until})
	}
	sealed, err := seal(tx, v, e.ID, list)
	if err != nil {
		return secret, err
	}
	_, err = run(tx, `UPDATE endpoints SET secrets = $3, version = version + 1 WHERE clinic_id = $1 AND endpoint_id = $2`,
		tx.Clinic(), e.ID, sealed)
	return secret, err
}

// Reseal seals the secrets of the platform's endpoints by the primary master key, and returns how many
// another one sealed before; dry only counts. Those of a clinic are sealed by its data key.
func Reseal(tx *tenants.Tx, v *vault.Vault, dry bool) (n int, err error) {
	var list []Endpoint
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(tx.Context(), `SELECT `+columns+` FROM endpoints t WHERE t.clinic_id = 0 FOR UPDATE`)
		if err == nil {
			list, err = pgx.CollectRows(rows, scanOne)
		}
		return err
	})
	if err != nil {
		return 0, tenants.Translate(err, "endpoints")
	}
	for _, e := range list {
		if v.ByPrimary(e.secrets) {
			continue
		}
		if n++; dry {
			continue
		}
		plain, err := v.OpenPlatform(sealedKind, Name(e.ID), e.secrets)
		if err != nil {
			return n, err
		}
		sealed, err := v.SealPlatform(sealedKind, Name(e.ID), plain)
		if err != nil {
			return n, err
		}
		if _, err = run(tx, `UPDATE endpoints SET secrets = $2
			WHERE clinic_id = 0 AND endpoint_id = $1`, e.ID, sealed); err != nil {
			return n, err
		}
	}
	return n, nil
}
