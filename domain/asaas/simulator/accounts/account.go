package accounts

import (
	"cmp"
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
	CommercialEnds    string `json:"commercialEnds"`    // day until when data are confirmed; "" 5 May of next year
	PadBytes          int    `json:"padBytes"`          // oversized bodies: so many bytes of a text nobody has documented
	Trickle           bool   `json:"trickle"`           // bodies come in ten pieces, 20 ms of real time apart
}

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

// Books are an account with everything in it.
type Books struct {
	Account
	Switches      Switches
	Customers     []*jsonobject.Object
	Payments      []*Payment // oldest first
	Checkouts     []*Checkout
	Anticipations []*Anticipation
	Subscriptions []*Subscription
	Plans         []*Instalments // oldest first
	Disputes      []*dispute
	Transfers     []*Transfer // oldest first
	Statement     []Line
	Forms         Forms // old or new
	Advances      bool  // every confirmed card charge is anticipated without asking
	LastNumber    int   // of customers, invoices, statement lines
	Window        time.Time
	Used          int // requests in the window
	Reading       int // GET requests under way
}

// AddAccount makes an account with one good key and returns it completed.
func (w *World) AddAccount(a Account) Account {
	w.Lock()
	defer w.Unlock()
	return w.OpenBooks(a).Account
}

// OpenBooks is AddAccount for those who hold the lock.
func (w *World) OpenBooks(a Account) *Books {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	if a.Environment == 0 {
		a.Environment = domain.Sandbox
	}
	fill(&a.ID, w.UUID())
	fill(&a.WalletID, w.UUID())
	fill(&a.Name, fmt.Sprintf("Clínica %d", len(w.Accounts)+1))
	fill(&a.TaxID, "66625514000140")
	fill(&a.PersonType, "JURIDICA")
	fill(&a.Email, "financeiro@example.com")
	fill(&a.Key, w.newKey(a.Environment))
	made := &Books{
		Account:    a,
		Forms:      w.forms.ofAccount(a.ID),
		LastNumber: 8_622_000 + 1000*len(w.Accounts),
		Window:     w.Clock.Now(),
	}
	w.Accounts = append(w.Accounts, made)
	w.Keys[a.Key] = &Key{ID: w.UUID(), value: a.Key, Owner: made}
	return made
}

// Switch sets the account's faults. It fails for an unknown account.
func (w *World) Switch(accountID string, to Switches) error {
	w.Lock()
	defer w.Unlock()
	a, err := w.Find(accountID)
	if err == nil {
		a.Switches = to
	}
	return err
}

// Find returns the books of an account. It fails for an unknown one. The caller holds the lock.
func (w *World) Find(accountID string) (*Books, error) {
	for _, a := range w.Accounts {
		if a.ID == accountID {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no account %q", accountID)
}

// Payment returns the account's charge with that id, nil for any other.
func (a *Books) Payment(id string) *Payment {
	for _, p := range slices.Backward(a.Payments) {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// number returns the account's next running number.
func (a *Books) number() int {
	a.LastNumber++
	return a.LastNumber
}

// CommercialInfoExpiration tells by which day the account's commercial data are to be
// confirmed, and whether that day is over. Nobody has to confirm them unless Switches says
// so: the day is 5 May of the year after now's, months away whenever the simulator runs.
func (a *Books) CommercialInfoExpiration(now time.Time) *jsonobject.Object {
	day := cmp.Or(a.Switches.CommercialEnds, fmt.Sprintf("%d-05-05", now.Year()+1))
	return jsonobject.Of("isExpired", day < now.Format(time.DateOnly), "scheduledDate", day+" 00:00:00")
}

// Card returns the account as its parent account sees it.
func (a *Books) Card(now time.Time) *jsonobject.Object {
	return jsonobject.Of("object", "account", "id", a.ID, "name", a.Name, "email", a.Email, "loginEmail", a.Email,
		"phone", nil, "mobilePhone", nil,
		"address", "Av. Rolf Wiest", "addressNumber", "659", "complement", nil, "province", "Bom retiro",
		"postalCode", "89223005", "cpfCnpj", a.TaxID,
		"birthDate", nil, "personType", a.PersonType, "companyType", "LIMITED", "city", 13660, "state", "SC",
		"country", "Brasil", "tradingName", nil, "site", nil,
		"walletId", a.WalletID, "accountNumber", jsonobject.Of("agency", "0001",
			"account", fmt.Sprint(a.LastNumber%10_000), "accountDigit", "5"),
		"commercialInfoExpiration", a.CommercialInfoExpiration(now))
}
