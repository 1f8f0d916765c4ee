package people

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// ErrLastAdmin refuses what would leave a clinic without an administrator.
var ErrLastAdmin = &domain.Error{Code: domain.Conflict, Detail: "the clinic's last administrator"}

const roleAdmin = "admin"

var userList = tenants.Listing[User]{
	What: "users", From: "users t", Newest: "name", Scan: scanUser,
	Columns: "t.user_id, coalesce(t.shown_email, t.email), t.shown_email IS NOT NULL, t.name, t.role, " +
		"t.created_at, t.start_until, t.disabled_at, t.last_login_at, t.version, " +
		`EXISTS (SELECT FROM factors f
		  WHERE f.clinic_id = t.clinic_id AND f.user_id = t.user_id AND f.confirmed_at IS NOT NULL)`,
	Sorts: map[string][]tenants.SortKey{
		"name":      {tenants.SortBy("lower(t.name)", "text"), tenants.SortBy("t.user_id", "uuid")},
		"createdAt": {tenants.SortBy("t.created_at", "timestamptz"), tenants.SortBy("t.user_id", "uuid")},
	},
}

func scanUser(row pgx.CollectableRow, more ...any) (u User, err error) {
	var id [16]byte
	var start, disabled, login *time.Time
	err = row.Scan(append([]any{
		&id, &u.Email, &u.Unheld, &u.Name, &u.Role, &u.CreatedAt, &start, &disabled, &login, &u.Version, &u.HasFactor,
	}, more...)...)
	u.ID, u.CreatedAt, u.StartUntil, u.DisabledAt, u.LastLogin = id, u.CreatedAt.UTC(), tenants.OrZero(start),
		tenants.OrZero(disabled), tenants.OrZero(login)
	return u, err
}

// Users returns a page of the people of the transaction's clinic, by name, those who are
// disabled too. Its sorts are name and createdAt.
func Users(tx *tenants.Tx, p tenants.Page) (tenants.List[User], error) {
	w := &tenants.Where{}
	w.And("t.clinic_id = ?", tx.Clinic())
	return userList.Page(tx, w, "", p)
}

// Colleague returns a person of the transaction's clinic, disabled or not; NotFound for
// anybody else. With lock every other change of the clinic waits until the transaction ends.
func Colleague(tx *tenants.Tx, id domain.UUID, lock bool) (User, error) {
	if lock {
		if err := tx.Lock(); err != nil {
			return User{}, err
		}
	}
	var row userRow
	err := tx.Gorm().Raw(
		`SELECT `+userColumns+` FROM users u LEFT JOIN clinics c ON c.clinic_id = u.clinic_id
		WHERE u.clinic_id = $1 AND u.user_id = $2`,
		tx.Clinic(), tenants.DBUUID(id),
	).Take(&row).Error
	return row.user(), tenants.Translate(err, "user")
}

// SaveColleague stores name, role and whether the person may log in, and raises their
// version. Another role, or the end of their access, ends their sessions. It fails with
// ErrLastAdmin when nobody would be left to administrate; u was read with the lock.
func SaveColleague(tx *tenants.Tx, before, u User, now time.Time) error {
	err := tx.Gorm().Exec(
		`UPDATE users SET name = $1, role = $2, disabled_at = $3, version = version + 1
		WHERE clinic_id = $4 AND user_id = $5`,
		u.Name, u.Role, tenants.OrNull(u.DisabledAt), tx.Clinic(), tenants.DBUUID(u.ID),
	).Error
	if err != nil {
		return tenants.Translate(err, "user")
	}
	if before.Role == u.Role && before.DisabledAt.IsZero() == u.DisabledAt.IsZero() {
		return nil
	}
	if before.Role == roleAdmin && before.DisabledAt.IsZero() {
		if err := adminLeft(tx); err != nil {
			return err
		}
	}
	return EndUserSessions(tx, u.ID, now)
}

// adminLeft fails with ErrLastAdmin when the clinic has nobody to administrate it.
func adminLeft(tx *tenants.Tx) error {
	var row struct{ N int }
	err := tx.Gorm().Raw(
		`SELECT count(*) AS n FROM users
		WHERE clinic_id = $1 AND role = $2 AND disabled_at IS NULL AND shown_email IS NULL`, tx.Clinic(),
		roleAdmin,
	).Take(&row).Error
	if err == nil && row.N == 0 {
		return ErrLastAdmin
	}
	return tenants.Translate(err, "users")
}

// SetPassword stores a password's hash and ends every session of the user; no browser is known any more. A
// password that somebody else gave counts until start; zero: it is the person's own, and then the version,
// which is of what others decide, stays.
func SetPassword(tx *tenants.Tx, user domain.UUID, hash string, start, now time.Time) error {
	by := 1
	if start.IsZero() {
		by = 0
	}
	err := tx.Gorm().Exec(
		`UPDATE users SET password_hash = $1, start_until = $2, version = version + $3 WHERE user_id = $4`, hash,
		tenants.OrNull(start), by, tenants.DBUUID(user),
	).Error
	if err != nil {
		return tenants.Translate(err, "user")
	}
	if err := tx.Gorm().Exec(`DELETE FROM known_browsers WHERE user_id = $1`, tenants.DBUUID(user)).Error; err != nil {
		return tenants.Translate(err, "browsers")
	}
	return EndUserSessions(tx, user, now)
}

// SelfChange is what a person changes of themselves; nil: it stays.
type SelfChange struct {
	Name, Theme *string
	Shortcuts   *bool
	Muted       *[]string
}

// SaveSelf stores what a person decides about themselves, and leaves the rest as another change of theirs has it.
func SaveSelf(tx *tenants.Tx, user domain.UUID, c SelfChange) error {
	var muted *string
	if c.Muted != nil {
		text := strings.Join(*c.Muted, " ")
		muted = &text
	}
	return tenants.Translate(tx.Gorm().Exec(
		`UPDATE users SET name = coalesce($1, name), theme = coalesce($2, theme), shortcuts = coalesce($3, shortcuts),
			muted_mails = coalesce($4, muted_mails) WHERE user_id = $5`,
		c.Name, c.Theme, c.Shortcuts, muted, tenants.DBUUID(user)).Error, "user")
}
