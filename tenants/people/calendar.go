package people

import (
	"context"
	"time"

	"patapay/domain"
	"patapay/tenants"
)

const (
	calendarUnused = 180 * 24 * time.Hour // after which an address opens nothing
	calendarsMost  = 10                   // of one person
)

// Calendar is an address at which a calendar program reads the days of a person's clinic.
type Calendar struct {
	Clinic    domain.ClinicID
	ID        domain.UUID // `cal_…` outside
	User      domain.UUID
	CreatedAt time.Time
	UsedAt    time.Time // to a day; zero: never
}

type calendarRow struct {
	ClinicID           domain.ClinicID
	CalendarID, UserID tenants.DBUUID
	CreatedAt          time.Time
	UsedAt             *time.Time
}

func (r calendarRow) calendar() Calendar {
	return Calendar{
		Clinic: r.ClinicID, ID: domain.UUID(r.CalendarID), User: domain.UUID(r.UserID), CreatedAt: r.CreatedAt.UTC(),
		UsedAt: tenants.OrZero(r.UsedAt),
	}
}

// lasting are the calendars that open something: their person has the role that they had, and they were used lately.
const lasting = `SELECT k.clinic_id, k.calendar_id, k.user_id, k.created_at, k.used_at FROM calendars k
	JOIN users u ON u.clinic_id = k.clinic_id AND u.user_id = k.user_id AND u.role = k.role AND u.disabled_at IS NULL
	JOIN clinics c ON c.clinic_id = k.clinic_id AND c.state <> 'deleted'
	WHERE coalesce(k.used_at, k.created_at) > ? AND `

// AddCalendar stores an address for u by the digest of its secret; Conflict when the person has ten.
func AddCalendar(tx *tenants.Tx, u User, digest [32]byte, now time.Time) (Calendar, error) {
	id := tenants.NewID(now)
	done := tx.Gorm().Exec(
		`INSERT INTO calendars (clinic_id, calendar_id, user_id, role, digest, created_at) SELECT $1, $2, $3, $4, $5, $6
		WHERE (SELECT count(*) FROM calendars WHERE clinic_id = $7 AND user_id = $8) < $9`,
		tx.Clinic(), tenants.DBUUID(id), tenants.DBUUID(u.ID), u.Role, digest[:], now, tx.Clinic(), tenants.DBUUID(u.ID),
		calendarsMost,
	)
	if done.Error == nil && done.RowsAffected == 0 {
		return Calendar{}, domain.Errorf(domain.Conflict, "Já há 10 calendários. Revogue um que não usa mais.")
	}
	return Calendar{Clinic: tx.Clinic(), ID: id, User: u.ID, CreatedAt: now}, tenants.Translate(done.Error, "calendar")
}

// Calendars returns the person's addresses that open something, the newest first.
func Calendars(tx *tenants.Tx, user domain.UUID, now time.Time) (list []Calendar, err error) {
	var rows []calendarRow
	err = tx.Gorm().Raw(
		lasting+`k.user_id = ? ORDER BY k.calendar_id DESC`, now.Add(-calendarUnused), tenants.DBUUID(user),
	).Scan(&rows).Error
	for _, r := range rows {
		list = append(list, r.calendar())
	}
	return list, tenants.Translate(err, "calendars")
}

// EndCalendar revokes an address of the person's; NotFound when they have none of this id.
func EndCalendar(tx *tenants.Tx, user, id domain.UUID) error {
	done := tx.Gorm().Exec(
		`DELETE FROM calendars WHERE clinic_id = $1 AND calendar_id = $2 AND user_id = $3`, tx.Clinic(), tenants.DBUUID(id),
		tenants.DBUUID(user),
	)
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Errorf(domain.NotFound, "calendar")
	}
	return tenants.Translate(done.Error, "calendar")
}

// CalendarOf returns the address with this digest, of any clinic, and notes once a day that it was
// used; NotFound when it opens nothing.
func CalendarOf(db *tenants.DB, ctx context.Context, digest [32]byte, now time.Time) (c Calendar, err error) {
	err = db.Platform(tenants.RecordingAccess(ctx), func(tx *tenants.Tx) error {
		var row calendarRow
		err := tx.Gorm().Raw(lasting+`k.digest = ?`, now.Add(-calendarUnused), digest[:]).Take(&row).Error
		if err != nil {
			return tenants.Translate(err, "calendar")
		}
		c = row.calendar()
		return tenants.Translate(tx.Gorm().Exec(
			`UPDATE calendars SET used_at = $1 WHERE clinic_id = $2 AND calendar_id = $3 AND (used_at IS NULL OR used_at < $4)`,
			now, c.Clinic, row.CalendarID, now.Add(-24*time.Hour),
		).Error, "calendar")
	})
	return c, err
}
