package simulator

import (
	"fmt"
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// Account is a gateway account. AddAccount fills what is left empty.
type Account struct {
	ID          string             `json:"id"`          // UUID
	OwnerID     string             `json:"ownerId"`     // the parent account; "" for a root account
	WalletID    string             `json:"walletId"`    // UUID
	Environment domain.Environment `json:"environment"` // 1 production, 2 sandbox; 0 becomes sandbox
	Name        string             `json:"name"`
	TaxID       string             `json:"cpfCnpj"` // digits
	PersonType  string             `json:"personType"`
	Email       string             `json:"email"`
	Key         string             `json:"apiKey"` // a key with every permission
}

// Switches are an account's faults on the sending side; they act on events made and
// deliveries begun after they are set.
type Switches struct {
	OmitAccount       bool   `json:"omitAccount"`       // envelopes without account, as before 2026
	ForeignAccount    string `json:"foreignAccount"`    // another account's id in the envelope
	UnknownAttributes bool   `json:"unknownAttributes"` // members nobody has documented
	PlainNumbers      bool   `json:"plainNumbers"`      // whole amounts as 100, not 100.0, as before 2026
	WrongToken        bool   `json:"wrongToken"`        // deliveries carry another token
	NoToken           bool   `json:"noToken"`           // deliveries carry no token
	Duplicates        int    `json:"duplicates"`        // extra copies of each delivery, sent at once
	Shuffle           bool   `json:"shuffle"`           // queues keep no order
	DelaySeconds      int    `json:"delaySeconds"`      // of the simulator's clock, before an event's first attempt
	PadBytes          int    `json:"padBytes"`          // oversized bodies: so many bytes of a text nobody has documented
	Trickle           bool   `json:"trickle"`           // bodies come in ten pieces, 20 ms of real time apart
}

// Behaviour is how the API answers a key.
type Behaviour string

// The behaviours of keys; a key that nobody made answers like KeyRevoked.
const (
	KeyGood         Behaviour = ""
	KeyRevoked      Behaviour = "revoked"       // 401 invalid_access_token: disabled, expired or deleted
	KeyOtherSide    Behaviour = "other_side"    // 401 invalid_environment
	KeyMalformed    Behaviour = "malformed"     // 401 invalid_access_token_format
	KeyNoPermission Behaviour = "no_permission" // 403 with a JSON error, for the permissions it lacks
	KeyBlockedIP    Behaviour = "blocked_ip"    // 403 not_allowed_ip
	KeyBlockedEdge  Behaviour = "blocked_edge"  // 403 of the content network: HTML, no JSON
	KeyLimited      Behaviour = "limited"       // 429 with RateLimit headers
	KeyBroken       Behaviour = "broken"        // 500
	KeyFlaky        Behaviour = "flaky"         // 503 for the first of every two calls
	KeySlow         Behaviour = "slow"          // answers after Options.Slowness
	KeyHuge         Behaviour = "huge"          // 200 with a body that does not end before 100 MiB
	KeyRedirected   Behaviour = "redirected"    // 302 to the Location of the sandbox panel
	KeyGarbage      Behaviour = "garbage"       // 200 with HTML
)

type key struct {
	id, value string // the key's public id, and the key
	owner     *account
	behaviour Behaviour
	lacks     map[string]bool // permissions, such as PAYMENT:READ; nil for KeyNoPermission: all
	calls     int
}

// account is an account with its world.
type account struct {
	Account
	switches      Switches
	hooks         []*hook
	customers     []*jsonobject.Object
	payments      []*payment // oldest first
	checkouts     []*checkout
	anticipations []*anticipation
	subscriptions []*subscription
	plans         []*instalments // oldest first
	disputes      []*dispute
	transfers     []*transfer // oldest first
	statement     []line
	advances      bool // every confirmed card charge is anticipated without asking
	lastNumber    int  // of customers, invoices, statement lines
	window        time.Time
	used          int // requests in the window
	reading       int // GET requests under way
}

// AddAccount makes an account with one good key and returns it completed.
func (s *Simulator) AddAccount(a Account) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addAccount(a).Account
}

func (s *Simulator) addAccount(a Account) *account {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if a.Environment == 0 {
		a.Environment = domain.Sandbox
	}
	fill(&a.ID, s.uuid())
	fill(&a.WalletID, s.uuid())
	fill(&a.Name, fmt.Sprintf("Clínica %d", len(s.accounts)+1))
	fill(&a.TaxID, "66625514000140")
	fill(&a.PersonType, "JURIDICA")
	fill(&a.Email, "financeiro@example.com")
	fill(&a.Key, s.newKey(a.Environment))
	made := &account{Account: a, lastNumber: 8_622_000 + 1000*len(s.accounts), window: s.clock.Now()}
	s.accounts = append(s.accounts, made)
	s.keys[a.Key] = &key{id: s.uuid(), value: a.Key, owner: made}
	return made
}

// newKey returns a fresh key with its environment's prefix.
func (s *Simulator) newKey(env domain.Environment) string {
	prefix := "$aact_hmlg_"
	if env == domain.Production {
		prefix = "$aact_prod_"
	}
	return prefix + "000" + s.id(lowerAlnum+"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 61) + "::" + s.uuid()
}

// AddKey makes another key of the account that answers by behaviour. With
// KeyNoPermission, lacks names what is missing ("WEBHOOK:WRITE"); none means everything.
// It fails for an unknown account.
func (s *Simulator) AddKey(accountID string, behaviour Behaviour, lacks ...string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(accountID)
	if err != nil {
		return "", err
	}
	k := &key{id: s.uuid(), value: s.newKey(a.Environment), owner: a, behaviour: behaviour, lacks: setOf(lacks)}
	s.keys[k.value] = k
	return k.value, nil
}

// SetKey changes how an existing key answers. Revoking it, and taking that back, tells the
// account's webhooks. It fails for a key nobody made.
func (s *Simulator) SetKey(value string, behaviour Behaviour) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[value]
	if !ok {
		return fmt.Errorf("no such key")
	}
	switch was := k.behaviour; {
	case behaviour == was:
	case behaviour == KeyRevoked:
		s.tellKey(k, "ACCESS_TOKEN_DISABLED", false, "MANUAL")
	case was == KeyRevoked:
		s.tellKey(k, "ACCESS_TOKEN_ENABLED", true, nil)
	}
	k.behaviour = behaviour
	return nil
}

// ExpireKey lets a key end at an instant to come: its account is told seven days before, or
// at once if that is past, and at the end. It fails for a key nobody made.
func (s *Simulator) ExpireKey(value string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[value]
	if !ok {
		return fmt.Errorf("no such key")
	}
	s.plan(k.owner, at.Add(-7*day), func(*scene) { s.tellKey(k, "ACCESS_TOKEN_EXPIRING_SOON", true, nil) })
	s.plan(k.owner, at, func(*scene) {
		k.behaviour = KeyRevoked
		s.tellKey(k, "ACCESS_TOKEN_EXPIRED", false, nil)
	})
	return nil
}

// tellKey sends an event about a key; the key itself is never in it.
func (s *Simulator) tellKey(k *key, event string, enabled bool, reason any) {
	now := s.clock.Now()
	(&scene{s, k.owner, now, now}).emit(event, "accessToken", jsonobject.Of("id", k.id, "name", "clinic-key", "enabled", enabled,
		"dateCreated", stamp(now), "disabledReason", reason, "expirationDate", nil, "projectedExpirationDateByLackOfUse", nil))
}

// Switch sets the account's faults. It fails for an unknown account.
func (s *Simulator) Switch(accountID string, to Switches) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(accountID)
	if err == nil {
		a.switches = to
	}
	return err
}

func (s *Simulator) find(accountID string) (*account, error) {
	for _, a := range s.accounts {
		if a.ID == accountID {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no account %q", accountID)
}

// payment returns the account's charge with that id, nil for any other.
func (a *account) payment(id string) *payment {
	for _, p := range slices.Backward(a.payments) {
		if p.id == id {
			return p
		}
	}
	return nil
}

// number returns the account's next running number.
func (a *account) number() int {
	a.lastNumber++
	return a.lastNumber
}
