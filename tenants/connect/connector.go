// Package connect is what is done with a clinic's connection to the gateway: it saves and
// verifies keys, sets the webhook up and repairs it, checks its health, resumes a paused
// queue, imports what was there before, and compares with what Asaas says. It asks the
// gateway outside of any transaction, and changes the clinic in one.
package connect

import (
	"context"
	"errors"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/apply"
	"patapay/tenants/asaasapi"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
	"patapay/tenants/radar"
	"patapay/tenants/vault"
)

// Connector ties clinics to their accounts at the gateway. It asks the gateway outside
// any transaction and changes the clinic in one.
type Connector struct {
	Client     *asaasapi.Client
	DB         *tenants.DB // of a role that may write connections
	Vault      *vault.Vault
	Peppers    vault.Peppers // keys of the webhook tokens' digests
	Ledger     ledger.Chain  // seals what is booked of the statement
	WebhookURL string        // our door, as the gateway is to know it
	Now        func() time.Time

	// Notify says that an operation waits for a worker; nil: the workers' sweep finds it.
	Notify func(clinic domain.ClinicID, operation domain.UUID)
	// Crash kills the process at named points in fault tests; nil otherwise.
	Crash func(point string)
	// Radar counts what the gateway's lists have and no list of ours; nil: nobody does.
	Radar *radar.Recorder
	// Worker is the database as the role sees it that stores the gateway's answers. nil:
	// what a list shows to differ is read once more, one by one, by the worker.
	Worker *tenants.DB
	// After runs when a comparison has read the entities of a window; nil: nothing more is
	// compared. Its error fails the comparison.
	After func(ctx context.Context, clinic tenants.Clinic, w Window) error
}

// Window is the days that a comparison is about, both ends in it.
type Window struct{ From, To domain.Day }

// Connect says what to save. Nil members stay as they are.
type Connect struct {
	Key          *vault.Secret      // as it was pasted
	Wallet       *string            // must be the key's; else the first one is read
	Email        *string            // where the gateway is to write when deliveries fail
	KeyExpiresOn *domain.Day        // the day that was given to the key when it was made; "" none or not known
	Environment  domain.Environment // that the person chose; 0: the tenant's
	ConfirmTaxID bool               // the account may be of another CNPJ than the clinic
	Precondition
}

// Precondition is what the caller puts around a change of a connection.
type Precondition struct {
	Match func(version int) error                             // refuses a version that the caller has not seen; nil: any
	Audit func(tx *tenants.Tx, c connection.Connection) error // writes the audit entry, in the change's transaction
}

// Connected is a saved connection.
type Connected struct {
	Connection connection.Connection
	Notes      []asaasapi.Code // dollar_completed, unknown_prefix
	Token      vault.Secret    // a fresh webhook token, to be shown once; empty: the clinic has one
}

// Save verifies what is given with the gateway and stores it. It fails with an *Error of
// the key messages, of which account_differs says that the clinic is connected to another
// account; with Match's refusal; with a Conflict for a clinic that is not active. When it
// fails nothing was changed.
func (c *Connector) Save(ctx context.Context, clinic tenants.Clinic, in Connect) (Connected, error) {
	old, err := c.read(ctx, clinic, in.Precondition)
	if err != nil {
		return Connected{}, err
	}
	next, key, notes, err := examination{c, clinic, old, in}.examine(ctx)
	if err != nil {
		return Connected{}, err
	}
	out := Connected{Connection: next, Notes: notes}
	err = c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		if err := c.unchanged(tx, in.Precondition, old); err != nil {
			return err
		}
		out.Token, err = c.store(tx, &out.Connection, key)
		if err != nil {
			return err
		}
		if !key.Empty() {
			if err := payers.PayersAgain(tx); err != nil { // this key may be allowed what the last one was not
				return err
			}
		}
		if !key.Empty() && old.connected() { // what the old key could not read any more
			if err := connection.OpenGap(tx, out.Connection.UpdatedAt.Add(-24*time.Hour), out.Connection.UpdatedAt); err != nil {
				return err
			}
		}
		return in.Audit(tx, out.Connection)
	})
	if err != nil {
		return Connected{}, inUse(err)
	}
	return out, nil
}

// inUse names a conflict that nobody has: that of the unique index of accounts, which whoever was first has.
func inUse(err error) error {
	if domain.CodeOf(err) == domain.Conflict && !told(err) {
		return &asaasapi.Error{Code: asaasapi.AccountInUse, Err: err}
	}
	return err
}

// told tells whether err is already an answer for a person.
func told(err error) bool {
	var e *asaasapi.Error
	return errors.As(err, &e) || errors.Is(err, errSuspended)
}

var errSuspended = errors.New("the clinic is not active")

// state is a connection as it was read before the network was asked.
type state struct {
	conn connection.Connection // zero for a clinic that never had one
	key  vault.Secret          // "" without a stored key
}

func (s state) connected() bool { return s.conn.State.Connected() }

func (c *Connector) read(ctx context.Context, clinic tenants.Clinic, g Precondition) (s state, err error) {
	err = c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		s.conn, err = connectionOrZero(tx)
		if err == nil && s.connected() {
			s.key, err = connection.APIKey(tx, c.Vault)
		}
		if domain.CodeOf(err) == domain.NotFound { // connected, but without a key of ours
			err = nil
		}
		return err
	})
	if err == nil {
		err = g.Match(s.conn.Version)
	}
	return s, err
}

// connectionOrZero returns the clinic's connection, the zero one when it never had any.
func connectionOrZero(tx *tenants.Tx) (connection.Connection, error) {
	conn, err := connection.Load(tx)
	if domain.CodeOf(err) == domain.NotFound {
		return connection.Connection{}, nil
	}
	return conn, err
}

// unchanged locks the clinic and fails when it, or the connection that was examined, has
// changed while the gateway was asked: exactly one of two concurrent saves succeeds.
func (c *Connector) unchanged(tx *tenants.Tx, g Precondition, old state) error {
	if err := tx.Lock(); err != nil {
		return err
	}
	self, err := tx.Self()
	if err != nil {
		return err
	}
	if self.State != "active" {
		return &domain.Error{Code: domain.Conflict, Err: errSuspended}
	}
	conn, err := connectionOrZero(tx)
	if err != nil {
		return err
	}
	if err := g.Match(conn.Version); err != nil {
		return err
	}
	if conn.Version != old.conn.Version { // a caller who matches any version is overtaken all the same
		return &asaasapi.Error{Code: asaasapi.Overtaken}
	}
	return nil
}

// store writes the connection, and a token when the clinic has none that lasts.
func (c *Connector) store(
	tx *tenants.Tx, conn *connection.Connection, key vault.Secret,
) (token vault.Secret, err error) {
	now := c.Now().UTC()
	conn.Version++
	conn.UpdatedAt = now
	if err := errors.Join(
		connection.Save(tx, *conn, key, c.Vault, now), apply.ReadAnew(tx, now),
	); err != nil { // another key may be answered
		return token, err
	}
	if _, err := connection.AdoptUnclaimed(
		tx, conn.Account, now,
	); err != nil { // unverified deliveries of what the account sent before
		return token, err
	}
	has, err := connection.HasToken(tx)
	if err != nil || has {
		return token, err
	}
	return c.newToken(tx, conn.Environment, now)
}

func (c *Connector) newToken(tx *tenants.Tx, env domain.Environment, now time.Time) (vault.Secret, error) {
	token := asaasapi.NewWebhookToken()
	text := token.Reveal()
	return token, connection.AddToken(tx, c.Peppers.Digest(text), env, text[len(text)-4:], now)
}

// Rotate issues a new webhook token, to be shown once and set up by hand; the old ones end
// in 14 days. It fails with NotFound for a clinic that is not connected.
func (c *Connector) Rotate(ctx context.Context, clinic tenants.Clinic, g Precondition) (token vault.Secret, err error) {
	err = c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		conn, err := c.connectedNow(tx, g)
		if err != nil {
			return err
		}
		now := c.Now().UTC()
		if err := connection.EndTokens(tx, now.Add(connection.TokenGrace)); err != nil {
			return err
		}
		if token, err = c.newToken(tx, conn.Environment, now); err != nil {
			return err
		}
		if err := connection.Touch(tx, now); err != nil {
			return err
		}
		return g.Audit(tx, conn)
	})
	if err != nil {
		return vault.Secret{}, err
	}
	return token, nil
}

// Revoke ends at once the tokens that were replaced and still counted, and returns how
// many; from now on they count as wrong. It fails with NotFound for a clinic that is not
// connected.
func (c *Connector) Revoke(ctx context.Context, clinic tenants.Clinic, g Precondition) (n int64, err error) {
	err = c.DB.In(ctx, clinic.ID, func(tx *tenants.Tx) error {
		conn, err := c.connectedNow(tx, g)
		if err != nil {
			return err
		}
		now := c.Now().UTC()
		if n, err = connection.RevokeTokens(tx, now); err != nil || n == 0 {
			return err
		}
		if err := connection.Touch(tx, now); err != nil {
			return err
		}
		return g.Audit(tx, conn)
	})
	return n, err
}

// connectedNow locks the clinic and returns its connection; NotFound when it has none.
func (c *Connector) connectedNow(tx *tenants.Tx, g Precondition) (connection.Connection, error) {
	if err := tx.Lock(); err != nil {
		return connection.Connection{}, err
	}
	conn, err := connectionOrZero(tx)
	if err != nil {
		return conn, err
	}
	if err := g.Match(conn.Version); err != nil {
		return conn, err
	}
	return conn, connected(conn)
}

// connected fails with NotFound for what is no connection, or none any more.
func connected(conn connection.Connection) error {
	if !conn.State.Connected() {
		return domain.Errorf(domain.NotFound, "connection")
	}
	return nil
}

// KeyHint returns what people may see of a key: its prefix and its last four characters,
// such as $aact_prod_••••••4f2a.
func KeyHint(key string) string {
	prefix := asaasapi.KeyPrefix
	for _, env := range []string{"prod_", "hmlg_"} {
		if strings.HasPrefix(key, asaasapi.KeyPrefix+env) {
			prefix += env
		}
	}
	if len(key) < len(prefix)+12 {
		return prefix + "••••••" // four characters of so few would be too many
	}
	return prefix + "••••••" + key[len(key)-4:]
}
