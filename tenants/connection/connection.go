package connection

import (
	"time"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Connection is a clinic's side of the gateway. Its key never leaves but to the gateway.
type Connection struct {
	PublicID          domain.UUID // `con_…` outside
	Environment       domain.Environment
	Account           string // bound: proved by the clinic's own key; "" none
	Wallet            string
	OwnerName         string
	OwnerTaxID        string
	KeyHint           string // prefix and last four
	KeySetAt          time.Time
	KeyExpiresOn      domain.Day // as a person typed it: the gateway tells nobody; "" not known
	NotificationEmail string
	WebhookID         string // "" when set up by hand
	State             domain.ConnectionState
	Since             time.Time
	Reason            string
	NextAction        string
	LossAt            time.Time
	FirstEventAt      time.Time
	Confirm           bool
	Version           int
	UpdatedAt         time.Time
}

type connectionRow struct {
	ClinicID          domain.ClinicID `gorm:"primaryKey"`
	PublicID          tenants.DBUUID  `gorm:"type:uuid"`
	Environment       domain.Environment
	AccountID         *string
	WalletID          string
	OwnerName         string
	OwnerTaxID        string
	KeySealed         []byte
	KeyHint           string
	KeySetAt          *time.Time
	KeyExpiresOn      *string `gorm:"type:date"`
	NotificationEmail string
	WebhookID         string
	State             domain.ConnectionState
	Since             time.Time
	Reason            string
	NextAction        string
	LossAt            *time.Time
	FirstEventAt      *time.Time
	Confirm           bool
	Version           int
	UpdatedAt         time.Time `gorm:"autoUpdateTime:false"` // of the clock that is handed in
}

// TableName tells gorm the table.
func (connectionRow) TableName() string { return "connections" }

func (r connectionRow) connection() Connection {
	c := Connection{
		PublicID:          domain.UUID(r.PublicID),
		Environment:       r.Environment,
		Wallet:            r.WalletID,
		OwnerName:         r.OwnerName,
		OwnerTaxID:        r.OwnerTaxID,
		KeyHint:           r.KeyHint,
		NotificationEmail: r.NotificationEmail,
		WebhookID:         r.WebhookID,
		State:             r.State,
		Since:             r.Since.UTC(),
		Reason:            r.Reason,
		NextAction:        r.NextAction,
		Confirm:           r.Confirm,
		Version:           r.Version,
		UpdatedAt:         r.UpdatedAt.UTC(),
		KeySetAt:          tenants.OrZero(r.KeySetAt),
		LossAt:            tenants.OrZero(r.LossAt),
		FirstEventAt:      tenants.OrZero(r.FirstEventAt),
	}
	if r.KeyExpiresOn != nil {
		c.KeyExpiresOn = domain.Day((*r.KeyExpiresOn)[:len(time.DateOnly)])
	}
	if r.AccountID != nil {
		c.Account = *r.AccountID
	}
	return c
}

// keySubject is what an API key is sealed for.
const keySubject = "asaas"

// Save stores c with its key, sealed; an account that another clinic has bound
// in the same environment is a Conflict. With a zero key the stored one stays.
func Save(tx *tenants.Tx, c Connection, key vault.Secret, v *vault.Vault, now time.Time) error {
	row := connectionRow{
		ClinicID:          tx.Clinic(),
		PublicID:          tenants.DBUUID(c.PublicID),
		Environment:       c.Environment,
		WalletID:          c.Wallet,
		OwnerName:         c.OwnerName,
		OwnerTaxID:        c.OwnerTaxID,
		KeyHint:           c.KeyHint,
		KeySetAt:          tenants.OrNull(c.KeySetAt),
		NotificationEmail: c.NotificationEmail,
		WebhookID:         c.WebhookID,
		State:             c.State,
		Since:             c.Since,
		Reason:            c.Reason,
		NextAction:        c.NextAction,
		LossAt:            tenants.OrNull(c.LossAt),
		FirstEventAt:      tenants.OrNull(c.FirstEventAt),
		Confirm:           c.Confirm,
		Version:           c.Version,
		UpdatedAt:         now,
	}
	if day := string(c.KeyExpiresOn); day != "" {
		row.KeyExpiresOn = &day
	}
	if c.Account != "" {
		row.AccountID = &c.Account
	}
	sealed, err := sealKey(tx, key, v)
	if err != nil {
		return err
	}
	row.KeySealed = sealed
	return tenants.Translate(tx.Gorm().Save(&row).Error, "connection")
}

func sealKey(tx *tenants.Tx, key vault.Secret, v *vault.Vault) ([]byte, error) {
	if key.Empty() {
		var row connectionRow
		err := tx.Gorm().Select("key_sealed").Where("clinic_id = ?", tx.Clinic()).Limit(1).Find(&row).Error
		return row.KeySealed, tenants.Translate(err, "connection")
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return nil, err
	}
	k, err := keyRing.Newest()
	if err != nil {
		return nil, err
	}
	return k.Seal("key", keySubject, []byte(key.Reveal()))
}

// Load returns the clinic's connection; NotFound when it never had one.
func Load(tx *tenants.Tx) (Connection, error) {
	var row connectionRow
	err := tx.Gorm().Where("clinic_id = ?", tx.Clinic()).Take(&row).Error
	return row.connection(), tenants.Translate(err, "connection")
}

// APIKey returns the clinic's key in clear, for a call to the gateway; NotFound when the
// clinic is not connected.
func APIKey(tx *tenants.Tx, v *vault.Vault) (vault.Secret, error) {
	_, key, err := LoadWithKey(tx, v)
	return key, err
}

// LoadWithKey is Load and APIKey in one: NotFound also when the connection has no key.
func LoadWithKey(tx *tenants.Tx, v *vault.Vault) (Connection, vault.Secret, error) {
	var row connectionRow
	if err := tx.Gorm().Where("clinic_id = ?", tx.Clinic()).Take(&row).Error; err != nil {
		return Connection{}, vault.Secret{}, tenants.Translate(err, "connection")
	}
	if row.KeySealed == nil {
		return Connection{}, vault.Secret{}, domain.Errorf(domain.NotFound, "connection")
	}
	keyRing, err := tx.KeyRing(v)
	if err != nil {
		return Connection{}, vault.Secret{}, err
	}
	key, err := keyRing.Open("key", keySubject, row.KeySealed)
	return row.connection(), vault.NewSecret(string(key)), err
}

// Disconnect forgets the key and lets the tokens end 14 days from now: until then late
// deliveries are answered 200, id and type kept (docs/architecture.md, connection).
func Disconnect(tx *tenants.Tx, now time.Time) error {
	err := tx.Gorm().Exec(
		`UPDATE connections SET state = 'disconnected', since = $1, reason = '', next_action = '', key_sealed = NULL,
		key_hint = '', key_set_at = NULL, key_expires_on = NULL, account_id = NULL, webhook_id = '', loss_at = NULL,
		version = version + 1, updated_at = $2 WHERE clinic_id = $3`,
		now, now, tx.Clinic(),
	).Error
	if err != nil {
		return tenants.Translate(err, "connection")
	}
	if err := forgetSchedule(tx); err != nil {
		return err
	}
	return EndTokens(tx, now.Add(TokenGrace))
}

// TokenGrace is how long a token that was replaced or disconnected still counts.
const TokenGrace = 14 * 24 * time.Hour

// SetState moves the connection that was judged, as it was loaded, to state, if it is not in it already, and tells
// whether it moved: one that changed since stays as it is.
func SetState(
	tx *tenants.Tx, judged Connection, state domain.ConnectionState, reason, nextAction string, now time.Time,
) (bool, error) {
	if err := tx.Lock(); err != nil { // as Move does
		return false, err
	}
	done := tx.Gorm().Exec(
		`UPDATE connections SET state = $1, since = $2, reason = $3, next_action = $4, version = version + 1, updated_at = $5
		WHERE clinic_id = $6 AND state <> $7 AND state <> 'disconnected' AND version = $8`,
		state, now, reason, nextAction, now, tx.Clinic(), state, judged.Version,
	)
	return done.RowsAffected > 0, tenants.Translate(done.Error, "connection")
}

// NoteWebhook notes which configuration at the gateway is the clinic's, and where the
// gateway writes when deliveries fail.
func NoteWebhook(tx *tenants.Tx, id, email string, now time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE connections SET webhook_id = $1, notification_email = $2, version = version + 1, updated_at = $3
			WHERE clinic_id = $4`,
			id, email, now, tx.Clinic(),
		).Error,
		"connection",
	)
}

// NoteFirstEvent notes when the first event came, unless that is known.
func NoteFirstEvent(tx *tenants.Tx, at time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE connections SET first_event_at = $1 WHERE clinic_id = $2 AND first_event_at IS NULL`, at,
			tx.Clinic(),
		).Error,
		"connection",
	)
}

// Move puts the connection into a state for a reason, with the instant at which
// the gateway begins to drop what waits (zero: none). It tells whether anything moved; a
// clinic that is not connected, or whose first event did not come yet, stays so.
func Move(
	tx *tenants.Tx, state domain.ConnectionState, reason, nextAction string, lossAt, now time.Time,
) (bool, error) {
	if err := tx.Lock(); err != nil { // the move is an entry of the feed: who holds the clinic waits for no connection
		return false, err
	}
	done := tx.Gorm().Exec(
		`UPDATE connections SET since = CASE WHEN state = $1 THEN since ELSE $2 END, state = $3, reason = $4,
		next_action = $5, loss_at = $6, version = version + 1, updated_at = $7
		WHERE clinic_id = $8 AND (state, reason) <> ($9, $10)
		AND state NOT IN ('disconnected', 'verifying')
		AND (state <> 'awaiting_first_event' OR first_event_at IS NOT NULL OR $11 IN ('paused', 'key_refused'))`,
		state, now, state, reason, nextAction, tenants.OrNull(lossAt), now, tx.Clinic(), state, reason, state,
	)
	return done.RowsAffected > 0, tenants.Translate(done.Error, "connection")
}
