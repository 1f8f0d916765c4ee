package tenants

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/vault"
)

// The chains that have a key of their own.
const (
	AuditChain  = "audit"
	LedgerChain = "ledger"
)

// chainKeyKind is what keys of chains are sealed as.
const chainKeyKind = "chain key"

// chainKeyWait bounds the one question that a process asks for each key.
const chainKeyWait = 3 * time.Second

// deriveChainKey returns a chain's key as a secret of the deployment, of at least 32 bytes, makes it.
func deriveChainKey(secret []byte, chain string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("patapay " + chain + " chain 1"))
	return m.Sum(nil)
}

// ChainKey gives a chain's key when it is needed. The zero one is empty, for what proves nothing.
type ChainKey struct{ get func() ([]byte, error) }

// Derived returns the key that a secret of the deployment, of at least 32 bytes, makes for a chain.
func Derived(secret []byte, chain string) ChainKey {
	key := deriveChainKey(secret, chain)
	return ChainKey{func() ([]byte, error) { return key, nil }}
}

// Get returns the key, or fails as ChainKeys.Key does.
func (k ChainKey) Get() ([]byte, error) {
	if k.get == nil {
		return nil, nil
	}
	return k.get()
}

// Of returns the chain's key, which is asked for at its first use.
func (k *ChainKeys) Of(chain string) ChainKey {
	return ChainKey{func() ([]byte, error) { return k.Key(chain) }}
}

// ChainKeys knows the keys of the sealed chains. Each was derived once from the pepper of then and is kept sealed by
// the master key, so that a pepper can go while the chains stay provable. It is safe for concurrent use.
type ChainKeys struct {
	db    *DB
	vault *vault.Vault
	from  []byte // derives a key that is not kept yet

	mu    sync.Mutex
	known map[string][]byte
}

// NewChainKeys returns the keys that are kept in db, of role patapay_api; until they are kept, pepper derives them.
// Nothing is asked before the first use.
func NewChainKeys(db *DB, v *vault.Vault, pepper []byte) *ChainKeys {
	return &ChainKeys{db: db, vault: v, from: pepper, known: map[string][]byte{}}
}

// Key returns a chain's key. It fails with Unavailable when the database cannot be asked or the master key does not
// open what is kept there: a chain goes on under its own key or not at all.
func (k *ChainKeys) Key(chain string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.known[chain]; key != nil {
		return key, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), chainKeyWait)
	defer cancel()
	sealed, err := k.sealed(ctx, chain)
	if errors.Is(err, pgx.ErrNoRows) {
		return deriveChainKey(k.from, chain), nil // not remembered: another process may keep it soon
	}
	if err == nil {
		k.known[chain], err = k.vault.OpenPlatform(chainKeyKind, chain, sealed)
	}
	if err != nil {
		return nil, &domain.Error{Code: domain.Unavailable, Detail: "key of the " + chain + " chain", Err: err}
	}
	return k.known[chain], nil
}

// sealed asks on a connection of its own: whoever wants a key may hold one of the pool already.
func (k *ChainKeys) sealed(ctx context.Context, chain string) (sealed []byte, err error) {
	conn, err := pgx.ConnectConfig(ctx, k.db.Pool().Config().ConnConfig)
	if err != nil {
		return nil, errors.New("the database cannot be reached") // pgx's words would repeat the URL
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT set_config('app.clinic_id', '0', true),
			  set_config('app.scope', 'platform', true)`); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT sealed FROM chain_keys WHERE name = $1`, chain).Scan(&sealed)
	})
	return sealed, err
}

// KeepChainKeys keeps the keys that pepper derives, sealed by the master key, unless they are kept already. Call it
// where pepper is proved to be the one that the chains were made with.
func KeepChainKeys(tx *Tx, v *vault.Vault, pepper []byte) error {
	for _, chain := range []string{AuditChain, LedgerChain} {
		sealed, err := v.SealPlatform(chainKeyKind, chain, deriveChainKey(pepper, chain))
		if err == nil {
			err = tx.gorm.Exec(`INSERT INTO chain_keys (name, sealed) VALUES ($1, $2)
				ON CONFLICT DO NOTHING`, chain, sealed).Error
		}
		if err != nil {
			return Translate(err, "chain keys")
		}
	}
	return nil
}

// ResealChainKeys seals the keys of the chains by the primary master key, and returns how many another one sealed
// before; dry only counts.
func ResealChainKeys(tx *Tx, v *vault.Vault, dry bool) (n int, err error) {
	var rows []struct {
		Name   string
		Sealed []byte
	}
	if err := tx.gorm.Raw(`SELECT name, sealed FROM chain_keys FOR UPDATE`).Find(&rows).Error; err != nil {
		return 0, Translate(err, "chain keys")
	}
	for _, r := range rows {
		if v.ByPrimary(r.Sealed) {
			continue
		}
		if n++; dry {
			continue
		}
		key, err := v.OpenPlatform(chainKeyKind, r.Name, r.Sealed)
		if err != nil {
			return n, err
		}
		sealed, err := v.SealPlatform(chainKeyKind, r.Name, key)
		if err != nil {
			return n, err
		}
		if err := tx.gorm.Exec(`UPDATE chain_keys SET sealed = $2 WHERE name = $1`, r.Name, sealed).Error; err != nil {
			return n, Translate(err, "chain keys")
		}
	}
	return n, nil
}
