package people

import (
	"context"
	"strings"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

// User is a person who logs in: of one clinic, or of the platform's team.
type User struct {
	ID             domain.UUID     // `usr_…` outside
	Clinic         domain.ClinicID // 0: an operator of the platform
	Tenant         domain.UUID     // public id of the clinic; zero for an operator
	Email          string          // lower case; one person each, of those who hold it
	Unheld         bool            // Email is not theirs: invited and not come, or left 30 days ago; cannot log in
	Name           string
	PasswordHash   string // argon2id
	Role           string // admin, finance, reader; support, sre for operators
	SessionVersion int    // raised to end every session of the user
	CreatedAt      time.Time
	StartUntil     time.Time // until when a password that somebody else gave counts; zero: it is their own
	DisabledAt     time.Time // zero: they may log in
	LastLogin      time.Time // zero: never
	Version        int       // of what others decide about them
	HasFactor      bool      // a second factor that counts
	MustHaveFactor bool      // operators, and the people of a clinic that asks for one
	Wishes         Wishes
}

// Wishes are what a person chose for themselves.
type Wishes struct {
	Theme     string   // auto, light, dark; "" never chosen
	Shortcuts bool     // single letters as shortcuts (WCAG 2.1.4)
	Muted     []string // kinds of incidents that they get no e-mail of
}

type userRow struct {
	ClinicID       domain.ClinicID `gorm:"primaryKey;autoIncrement:false"`
	UserID         tenants.DBUUID  `gorm:"primaryKey;type:uuid"`
	Email          string
	ShownEmail     *string // null: Email is held
	Name           string
	PasswordHash   string
	Role           string
	SessionVersion int
	CreatedAt      time.Time
	StartUntil     *time.Time
	DisabledAt     *time.Time
	LastLoginAt    *time.Time
	Version        int
	Theme          string
	Shortcuts      bool
	MutedMails     string
	Tenant         *tenants.DBUUID `gorm:"->;type:uuid"` // of the join; null for an operator
	HasFactor      bool            `gorm:"->"`           // of its table
	FactorRequired bool            `gorm:"->"`           // of the clinic
}

// TableName tells gorm the table.
func (userRow) TableName() string { return "users" }

// AddUser stores a person of the transaction's clinic. Unless the address is to be held later (Claim), it fails with
// Conflict when the e-mail is somebody's already, in any clinic.
func AddUser(tx *tenants.Tx, u User, now time.Time) error {
	row := userRow{
		ClinicID:       tx.Clinic(),
		UserID:         tenants.DBUUID(u.ID),
		Email:          u.Email,
		Name:           u.Name,
		PasswordHash:   u.PasswordHash,
		Role:           u.Role,
		SessionVersion: 1,
		Version:        1,
		CreatedAt:      now,
		StartUntil:     tenants.OrNull(u.StartUntil),
	}
	if u.Unheld {
		row.Email, row.ShownEmail = "~"+u.ID.Public("usr"), &u.Email
	}
	return tenants.Translate(tx.Gorm().Create(&row).Error, "user")
}

// DisableUsers lets nobody of the transaction's clinic in any more.
func DisableUsers(tx *tenants.Tx, now time.Time) error {
	err := tx.Gorm().Exec(
		`UPDATE users SET disabled_at = $1, session_version = session_version + 1
		WHERE clinic_id = $2 AND disabled_at IS NULL`,
		now, tx.Clinic(),
	).Error
	return tenants.Translate(err, "users")
}

// userColumns are what a user is read of: u is the user, c the clinic.
const userColumns = `u.clinic_id, u.user_id, u.email, u.shown_email, u.name, u.password_hash, u.role,
	u.session_version, u.created_at, u.start_until, u.disabled_at, u.last_login_at, u.version, u.theme, u.shortcuts,
	u.muted_mails, c.public_id AS tenant, coalesce(c.factor_required, true) AS factor_required,
	` + hasFactor + ` AS has_factor`

// hasFactor tells whether a user u has a second factor that counts.
const hasFactor = `EXISTS (SELECT FROM factors f
	  WHERE f.clinic_id = u.clinic_id AND f.user_id = u.user_id AND f.confirmed_at IS NOT NULL)`

// userSQL finds people who may log in; the condition follows.
const userSQL = `SELECT ` + userColumns + ` FROM users u LEFT JOIN clinics c ON c.clinic_id = u.clinic_id
	WHERE u.disabled_at IS NULL AND (u.clinic_id = 0 OR c.state <> 'deleted') AND `

func (r userRow) user() User {
	u := User{
		ID:             domain.UUID(r.UserID),
		Clinic:         r.ClinicID,
		Email:          r.Email,
		Name:           r.Name,
		PasswordHash:   r.PasswordHash,
		Role:           r.Role,
		SessionVersion: r.SessionVersion,
		CreatedAt:      r.CreatedAt.UTC(),
		StartUntil:     tenants.OrZero(r.StartUntil),
		DisabledAt:     tenants.OrZero(r.DisabledAt),
		LastLogin:      tenants.OrZero(r.LastLoginAt),
		Version:        r.Version,
		HasFactor:      r.HasFactor,
		MustHaveFactor: r.FactorRequired,
		Wishes:         Wishes{r.Theme, r.Shortcuts, strings.Fields(r.MutedMails)},
	}
	if r.ShownEmail != nil {
		u.Email, u.Unheld = *r.ShownEmail, true
	}
	if r.Tenant != nil {
		u.Tenant = domain.UUID(*r.Tenant)
	}
	return u
}

func user(tx *tenants.Tx, condition string, args ...any) (User, error) {
	var row userRow
	err := tx.Gorm().Raw(userSQL+condition, args...).Take(&row).Error
	return row.user(), tenants.Translate(err, "user")
}

// UserByEmail returns the enabled user with a lower-case e-mail, of any clinic that is not
// deleted; NotFound when there is none.
func UserByEmail(db *tenants.DB, ctx context.Context, email string) (u User, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		u, err = user(tx, `u.email = ?`, email)
		return err
	})
	return u, err
}

// FindUser returns the enabled user with this id; NotFound when there is none.
func FindUser(db *tenants.DB, ctx context.Context, id domain.UUID) (u User, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		u, err = user(tx, `u.user_id = ?`, tenants.DBUUID(id))
		return err
	})
	return u, err
}

// UserOfSession returns the enabled user of a login that nobody ended; NotFound when there is none.
func UserOfSession(db *tenants.DB, ctx context.Context, id, session domain.UUID) (u User, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		const open = `u.user_id = ?
			  AND EXISTS (SELECT FROM sessions s WHERE s.clinic_id = u.clinic_id AND s.user_id = u.user_id
			AND s.session_id = ? AND s.ended_at IS NULL)`
		u, err = user(tx, open, tenants.DBUUID(id), tenants.DBUUID(session))
		return err
	})
	return u, err
}

// EndUserSessions ends every session of a user at once: tokens of a lower session version
// count as revoked.
func EndUserSessions(tx *tenants.Tx, user domain.UUID, now time.Time) error {
	err := tx.Gorm().Exec(
		`UPDATE users SET session_version = session_version + 1 WHERE user_id = $1`, tenants.DBUUID(user),
	).Error
	if err != nil {
		return tenants.Translate(err, "user")
	}
	return tenants.Translate(
		tx.Gorm().Exec(
			`UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL`, now, tenants.DBUUID(user),
		).Error,
		"sessions",
	)
}
