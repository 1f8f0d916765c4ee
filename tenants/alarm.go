package tenants

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// Alarm is something that someone must look at. One is open per kind and clinic.
type Alarm struct {
	Kind       string
	Clinic     domain.ClinicID // 0: of the platform itself
	ClinicID   domain.UUID     // its public id; zero for the platform
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

var alarmList = listing[Alarm]{
	what: "alarms", from: "alarms t LEFT JOIN clinics c ON c.clinic_id = t.clinic_id", newest: "-openedAt", scan: scanAlarm,
	columns: "t.kind, t.clinic_id, c.public_id, t.opened_at, t.last_at, t.count, t.next_action, t.closed_at",
	sorts:   map[string][]sortKey{"openedAt": {{"t.opened_at", "timestamptz"}, {"t.clinic_id", "integer"}, {`t.kind COLLATE "C"`, "text"}}},
}

func scanAlarm(row pgx.CollectableRow, more ...any) (a Alarm, err error) {
	var public *[16]byte
	err = row.Scan(append([]any{&a.Kind, &a.Clinic, &public, &a.OpenedAt, &a.LastAt, &a.Count, &a.NextAction, &a.ClosedAt}, more...)...)
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
func (tx *Tx) Alarms(f AlarmFilter, p Page) (List[Alarm], error) {
	w := &where{}
	w.and("(? = 0 OR t.clinic_id = ?)", int32(tx.clinic), int32(tx.clinic))
	w.in("t.kind", f.Kinds)
	if f.Open {
		w.and("t.closed_at IS NULL")
	}
	if f.Closed {
		w.and("t.closed_at IS NOT NULL")
	}
	return alarmList.page(tx, w, f, p)
}

// Alarm opens an alarm of a clinic (0: the platform), or counts it again while it is open.
func (db *DB) Alarm(ctx context.Context, clinic domain.ClinicID, kind, nextAction string, at time.Time) error {
	_, err := db.pool.Exec(ctx, `SELECT raise_alarm($1, $2, $3, $4)`, clinic, kind, at, nextAction)
	return translate(err, "alarm")
}

// OpenAlarms returns how many alarms are open, by kind, over all clinics.
func (db *DB) OpenAlarms(ctx context.Context) (map[string]int, error) {
	open := map[string]int{}
	err := db.Platform(ctx, func(tx *Tx) error {
		var rows []struct {
			Kind string
			N    int
		}
		err := tx.gorm.Raw(`SELECT kind, count(*) AS n FROM alarms WHERE closed_at IS NULL GROUP BY kind`).Scan(&rows).Error
		for _, r := range rows {
			open[r.Kind] = r.N
		}
		return translate(err, "alarms")
	})
	return open, err
}

// CloseAlarm closes the clinic's alarm of a kind: what it warned of is solved.
func (tx *Tx) CloseAlarm(kind string, at time.Time) error {
	return translate(tx.gorm.Exec(`UPDATE alarms SET closed_at = ? WHERE clinic_id = ? AND kind = ? AND closed_at IS NULL`, at, tx.clinic, kind).Error, "alarm")
}
