package alarm

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// Alarm is something that someone must look at. One is open per kind and clinic.
type Alarm struct {
	Kind       string
	Clinic     domain.ClinicID // 0: of the platform itself
	ClinicID   domain.UUID     // its public id; zero for the platform
	ClinicName string          // "" for the platform
	OpenedAt   time.Time       // UTC
	LastAt     time.Time       // when it was last raised, UTC
	Count      int64           // how often it was raised
	NextAction string          // what to do, English
	ClosedAt   *time.Time      // UTC; nil: open
}

// AlarmFilter says which alarms are wanted.
type AlarmFilter struct {
	Kinds  []string
	Open   bool // only open ones
	Closed bool // only closed ones
}

var alarmList = tenants.Listing[Alarm]{
	What:   "alarms",
	From:   "alarms t LEFT JOIN clinics c ON c.clinic_id = t.clinic_id",
	Newest: "-openedAt",
	Scan:   scanAlarm,
	Columns: "t.kind, t.clinic_id, c.public_id, coalesce(c.name, ''), t.opened_at, " +
		"t.last_at, t.count, t.next_action, t.closed_at",
	Sorts: map[string][]tenants.SortKey{
		"openedAt": {
			tenants.SortBy("t.opened_at", "timestamptz"),
			tenants.SortBy("t.clinic_id", "integer"),
			tenants.SortBy(`t.kind COLLATE "C"`, "text"),
		},
	},
}

func scanAlarm(row pgx.CollectableRow, more ...any) (a Alarm, err error) {
	var public *[16]byte
	err = row.Scan(append([]any{
		&a.Kind, &a.Clinic, &public, &a.ClinicName, &a.OpenedAt, &a.LastAt, &a.Count, &a.NextAction, &a.ClosedAt,
	}, more...)...)
	if public != nil {
		a.ClinicID = *public
	}
	a.OpenedAt, a.LastAt = a.OpenedAt.UTC(), a.LastAt.UTC()
	if a.ClosedAt != nil {
		*a.ClosedAt = a.ClosedAt.UTC()
	}
	return a, err
}

// Alarms returns a page of alarms: those of the transaction's clinic, or, in Platform, of
// everyone. Its one sort is openedAt.
func Alarms(tx *tenants.Tx, f AlarmFilter, p tenants.Page) (tenants.List[Alarm], error) {
	w := &tenants.Where{}
	w.And("(? = 0 OR t.clinic_id = ?)", int32(tx.Clinic()), int32(tx.Clinic()))
	w.In("t.kind", f.Kinds)
	if f.Open {
		w.And("t.closed_at IS NULL")
	}
	if f.Closed {
		w.And("t.closed_at IS NOT NULL")
	}
	return alarmList.Page(tx, w, f, p)
}

// Raise opens an alarm of a clinic (0: the platform), or counts it again while it is open.
// It takes a connection of its own: inside a transaction, use RaiseIn.
func Raise(db *tenants.DB, ctx context.Context, clinic domain.ClinicID, kind domain.AlarmKind, at time.Time) error {
	if err := tenants.Outside(ctx); err != nil {
		return err
	}
	_, err := db.Pool().Exec(ctx, `SELECT raise_alarm($1, $2, $3, $4)`, clinic, string(kind), at, kind.NextAction())
	return tenants.Translate(err, "alarm")
}

// RaiseIn opens an alarm of the transaction's clinic, or counts it again while it is open:
// it stands or falls with the transaction.
func RaiseIn(tx *tenants.Tx, kind domain.AlarmKind, at time.Time) error {
	return tenants.Translate(
		tx.Gorm().Exec(`SELECT raise_alarm($1, $2, $3, $4)`, tx.Clinic(), string(kind), at, kind.NextAction()).Error,
		"alarm",
	)
}

// SoonestLoss returns when the gateway throws away the first undelivered event of a queue
// that stands still, UTC; zero: no queue does.
func SoonestLoss(db *tenants.DB, ctx context.Context) (at time.Time, err error) {
	err = db.Platform(ctx, func(tx *tenants.Tx) error {
		var first sql.NullTime
		err := tx.Gorm().Raw(
			`SELECT min(n.loss_at) FROM connections n JOIN clinics c USING (clinic_id) WHERE c.state IN ('active', 'suspended')`,
		).Scan(&first).Error
		if first.Valid {
			at = first.Time.UTC()
		}
		return tenants.Translate(err, "loss")
	})
	return at, err
}

// OpenAlarms returns how many alarms are open, by kind, over all clinics.
func OpenAlarms(db *tenants.DB, ctx context.Context) (map[string]int, error) {
	open := map[string]int{}
	err := db.Platform(ctx, func(tx *tenants.Tx) error {
		var rows []struct {
			Kind string
			N    int
		}
		err := tx.Gorm().Raw(`SELECT kind, count(*) AS n FROM alarms WHERE closed_at IS NULL GROUP BY kind`).Scan(&rows).Error
		for _, r := range rows {
			open[r.Kind] = r.N
		}
		return tenants.Translate(err, "alarms")
	})
	return open, err
}

// CloseAlarm closes the clinic's alarm of a kind: what it warned of is solved.
func CloseAlarm(tx *tenants.Tx, kind domain.AlarmKind, at time.Time) error {
	_, err := closeAlarm(tx, kind, at)
	return err
}

// closeAlarm is CloseAlarm that tells when the alarm had opened; zero: none was open.
func closeAlarm(tx *tenants.Tx, kind domain.AlarmKind, at time.Time) (opened time.Time, err error) {
	var row struct{ OpenedAt *time.Time }
	err = tx.Gorm().Raw(
		`UPDATE alarms SET closed_at = $1 WHERE clinic_id = $2 AND kind = $3 AND closed_at IS NULL RETURNING opened_at`,
		at, tx.Clinic(), string(kind),
	).Scan(&row).Error
	return tenants.OrZero(row.OpenedAt), tenants.Translate(err, "alarm")
}

// LastRaised returns when the clinic's open alarm of a kind was last raised; zero: none is open.
func LastRaised(tx *tenants.Tx, kind domain.AlarmKind) (time.Time, error) {
	var row struct{ LastAt *time.Time }
	err := tx.Gorm().Raw(
		`SELECT last_at FROM alarms WHERE clinic_id = $1 AND kind = $2 AND closed_at IS NULL`, tx.Clinic(),
		string(kind),
	).Scan(&row).Error
	return tenants.OrZero(row.LastAt), tenants.Translate(err, "alarm")
}

// OpenAlarm returns since when the clinic's alarm of a kind is open; zero: none is.
func OpenAlarm(tx *tenants.Tx, kind domain.AlarmKind) (time.Time, error) {
	var row struct{ OpenedAt *time.Time }
	err := tx.Gorm().Raw(
		`SELECT opened_at FROM alarms WHERE clinic_id = $1 AND kind = $2 AND closed_at IS NULL`, tx.Clinic(),
		string(kind),
	).Scan(&row).Error
	return tenants.OrZero(row.OpenedAt), tenants.Translate(err, "alarm")
}

// Open returns the kinds of the clinic's open alarms, and when each was last raised.
func Open(tx *tenants.Tx) (map[domain.AlarmKind]time.Time, error) {
	var rows []struct {
		Kind   domain.AlarmKind
		LastAt time.Time
	}
	err := tx.Gorm().Raw(
		`SELECT kind, last_at FROM alarms WHERE clinic_id = $1 AND closed_at IS NULL`, tx.Clinic(),
	).Scan(&rows).Error
	open := make(map[domain.AlarmKind]time.Time, len(rows))
	for _, r := range rows {
		open[r.Kind] = r.LastAt.UTC()
	}
	return open, tenants.Translate(err, "alarms")
}

// CloseAll closes the clinic's open alarms for good: nobody looks any more whether what they warned of is solved. Those
// that are no matter of the connection stay, unless the clinic itself ends.
func CloseAll(tx *tenants.Tx, clinicEnds bool, at time.Time) error {
	open, err := Open(tx)
	for kind := range open {
		if clinicEnds || !kind.Outlives() {
			err = errors.Join(err, CloseAlarm(tx, kind, at))
		}
	}
	return err
}

// Mail is what an incident's e-mail says, pt-BR; the zero one: no e-mail.
type MailText struct{ Subject, Body string }

// OpenIncident opens the clinic's alarm of a kind, unless one is open, and puts its e-mail
// into the outbox, unless it had one: both or neither, with this transaction. It tells
// whether the alarm is new.
func OpenIncident(tx *tenants.Tx, kind domain.AlarmKind, l MailText, at time.Time) (fresh bool, err error) {
	done := tx.Gorm().Exec(`INSERT INTO alarms (clinic_id, kind, opened_at, last_at, next_action)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (clinic_id, kind) WHERE closed_at IS NULL DO NOTHING`,
		tx.Clinic(), string(kind), at, at, kind.NextAction())
	if done.Error != nil || l == (MailText{}) {
		return done.RowsAffected > 0, tenants.Translate(done.Error, "alarm")
	}
	opened, err := OpenAlarm(tx, kind)
	if err != nil {
		return false, err
	}
	return done.RowsAffected > 0, addMail(
		tx, Mail{Kind: string(kind), Incident: opened, Phase: "opened", Subject: l.Subject, Body: l.Body}, at,
	)
}

// CloseIncident closes the clinic's alarm of a kind, if it is open, and says so by e-mail
// to those who were told of it.
func CloseIncident(tx *tenants.Tx, kind domain.AlarmKind, l MailText, at time.Time) error {
	opened, err := closeAlarm(tx, kind, at)
	if err != nil || opened.IsZero() || l == (MailText{}) {
		return err
	}
	return addMail(tx, Mail{Kind: string(kind), Incident: opened, Phase: "solved", Subject: l.Subject, Body: l.Body}, at)
}
