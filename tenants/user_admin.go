package tenants

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// ErrLastAdmin refuses what would leave a clinic without an administrator.
var ErrLastAdmin = &domain.Error{Code: domain.Conflict, Detail: "the clinic's last administrator"}

const roleAdmin = "admin"

var userList = listing[User]{
	what: "users", from: "users t", newest: "name", scan: scanUser,
	columns: "t.user_id, t.email, t.name, t.role, t.created_at, t.start_until, t.disabled_at, t.last_login_at, t.version",
	sorts: map[string][]sortKey{
		"name":      {{"lower(t.name)", "text"}, {"t.user_id", "uuid"}},
		"createdAt": {{"t.created_at", "timestamptz"}, {"t.user_id", "uuid"}},
	},
}

func scanUser(row pgx.CollectableRow, more ...any) (u User, err error) {
	var id [16]byte
	var start, disabled, login *time.Time
	err = row.Scan(append([]any{&id, &u.Email, &u.Name, &u.Role, &u.CreatedAt, &start, &disabled, &login, &u.Version}, more...)...)
	u.ID, u.CreatedAt, u.StartUntil, u.DisabledAt, u.LastLogin = id, u.CreatedAt.UTC(), orZero(start), orZero(disabled), orZero(login)
	return u, err
}

// Users returns a page of the people of the transaction's clinic, by name, those who are
// disabled too. Its sorts are name and createdAt.
func (tx *Tx) Users(p Page) (List[User], error) {
	w := &where{}
	w.and("t.clinic_id = ?", tx.Clinic())
	return userList.page(tx, w, "", p)
}

// Colleague returns a person of the transaction's clinic, disabled or not; NotFound for
// anybody else. With lock every other change of the clinic waits until the transaction ends.
func (tx *Tx) Colleague(id domain.UUID, lock bool) (User, error) {
	if lock {
		if err := tx.Lock(); err != nil {
			return User{}, err
		}
	}
	var row userRow
	err := tx.Gorm().Raw(`SELECT `+userColumns+` FROM users u LEFT JOIN clinics c ON c.clinic_id = u.clinic_id WHERE u.clinic_id = ? AND u.user_id = ?`, tx.Clinic(), dbUUID(id)).Take(&row).Error
	return row.user(), translate(err, "user")
}

// SaveColleague stores name, role and whether the person may log in, and raises their
// version. Another role, or the end of their access, ends their sessions. It fails with
// ErrLastAdmin when nobody would be left to administrate; u was read with the lock.
func (tx *Tx) SaveColleague(before, u User, now time.Time) error {
	err := tx.Gorm().Exec(`UPDATE users SET name = ?, role = ?, disabled_at = ?, version = version + 1 WHERE clinic_id = ? AND user_id = ?`,
		u.Name, u.Role, orNull(u.DisabledAt), tx.Clinic(), dbUUID(u.ID)).Error
	if err != nil {
		return translate(err, "user")
	}
	if before.Role == u.Role && before.DisabledAt.IsZero() == u.DisabledAt.IsZero() {
		return nil
	}
	if before.Role == roleAdmin && before.DisabledAt.IsZero() {
		if err := tx.adminLeft(); err != nil {
			return err
		}
	}
	return tx.EndUserSessions(u.ID, now)
}

// adminLeft fails with ErrLastAdmin when the clinic has nobody to administrate it.
func (tx *Tx) adminLeft() error {
	var row struct{ N int }
	err := tx.Gorm().Raw(`SELECT count(*) AS n FROM users WHERE clinic_id = ? AND role = ? AND disabled_at IS NULL`, tx.Clinic(), roleAdmin).Take(&row).Error
	if err == nil && row.N == 0 {
		return ErrLastAdmin
	}
	return translate(err, "users")
}

// SetPassword stores a password's hash and ends every session of the user. A password that
// somebody else gave counts until start; zero: it is the person's own, and then the version,
// which is of what others decide, stays.
func (tx *Tx) SetPassword(user domain.UUID, hash string, start, now time.Time) error {
	by := 1
	if start.IsZero() {
		by = 0
	}
	err := tx.Gorm().Exec(`UPDATE users SET password_hash = ?, start_until = ?, version = version + ? WHERE user_id = ?`, hash, orNull(start), by, dbUUID(user)).Error
	if err != nil {
		return translate(err, "user")
	}
	return tx.EndUserSessions(user, now)
}

// SaveSelf stores what a person decides about themselves.
func (tx *Tx) SaveSelf(user domain.UUID, name string, w Wishes) error {
	return translate(tx.Gorm().Exec(`UPDATE users SET name = ?, theme = ?, shortcuts = ?, muted_mails = ? WHERE user_id = ?`,
		name, w.Theme, w.Shortcuts, strings.Join(w.Muted, " "), dbUUID(user)).Error, "user")
}
