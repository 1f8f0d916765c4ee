package accounts

import (
	"fmt"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// Behaviour is how the API answers a key.
type Behaviour string

// Key is one key of an account and how the API answers it.
type Key struct {
	ID, value string // the key's public id, and the key
	Owner     *Books
	Behaviour Behaviour
	Lacks     map[string]bool // permissions, such as PAYMENT:READ; nil for KeyNoPermission: all
	Calls     int
}

// newKey returns a fresh key with its environment's prefix.
func (w *World) newKey(env domain.Environment) string {
	prefix := "$aact_hmlg_"
	if env == domain.Production {
		prefix = "$aact_prod_"
	}
	return prefix + "000" + w.RandomID(lowerAlnum+"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 61) + "::" + w.UUID()
}

// AddKey makes another key of the account that answers by behaviour. With
// KeyNoPermission, lacks names what is missing ("WEBHOOK:WRITE"); none means everything.
// It fails for an unknown account.
func (w *World) AddKey(accountID string, behaviour Behaviour, lacks ...string) (string, error) {
	w.Lock()
	defer w.Unlock()
	a, err := w.Find(accountID)
	if err != nil {
		return "", err
	}
	k := &Key{ID: w.UUID(), value: w.newKey(a.Environment), Owner: a, Behaviour: behaviour, Lacks: setOf(lacks)}
	w.Keys[k.value] = k
	return k.value, nil
}

// SetKey changes how an existing key answers. Revoking it, and taking that back, tells the
// account's webhooks. It fails for a key nobody made.
func (w *World) SetKey(value string, behaviour Behaviour) error {
	w.Lock()
	defer w.Unlock()
	k, ok := w.Keys[value]
	if !ok {
		return fmt.Errorf("no such key")
	}
	switch was := k.Behaviour; {
	case behaviour == was:
	case behaviour == KeyRevoked:
		w.tellKey(k, "ACCESS_TOKEN_DISABLED", false, "MANUAL")
	case was == KeyRevoked:
		w.tellKey(k, "ACCESS_TOKEN_ENABLED", true, nil)
	}
	k.Behaviour = behaviour
	return nil
}

// ExpireKey lets a key end at an instant to come: its account is told seven days before, or
// at once if that is past, and at the end. It fails for a key nobody made.
func (w *World) ExpireKey(value string, at time.Time) error {
	w.Lock()
	defer w.Unlock()
	k, ok := w.Keys[value]
	if !ok {
		return fmt.Errorf("no such key")
	}
	w.Plan(k.Owner, at.Add(-7*Day), func(*Scene) { w.tellKey(k, "ACCESS_TOKEN_EXPIRING_SOON", true, nil) })
	w.Plan(k.Owner, at, func(*Scene) {
		k.Behaviour = KeyRevoked
		w.tellKey(k, "ACCESS_TOKEN_EXPIRED", false, nil)
	})
	return nil
}

// tellKey sends an event about a key; the key itself is never in it.
func (w *World) tellKey(k *Key, event string, enabled bool, reason any) {
	now := w.Clock.Now()
	(&Scene{w, k.Owner, now, now}).emit(event, "accessToken",
		jsonobject.Of("id", k.ID, "name", "clinic-key", "enabled", enabled,
			"dateCreated", Stamp(now), "disabledReason", reason, "expirationDate", nil,
			"projectedExpirationDateByLackOfUse", nil))
}

// setOf returns the members of list, nil for none.
func setOf(list []string) (set map[string]bool) {
	for _, member := range list {
		if set == nil {
			set = map[string]bool{}
		}
		set[member] = true
	}
	return set
}
