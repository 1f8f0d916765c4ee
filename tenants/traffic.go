package tenants

import "time"

// trafficKept is how long hourly counts are kept: the four weeks that a silence is
// measured by, one to spare, and a day for hours that straddle its edge.
const trafficKept = 36 * 24 * time.Hour

// CountTraffic counts the newest events by the hour of their receipt. Counting again
// changes nothing; an hour whose older events fell out of the sample keeps its count.
func (tx *Tx) CountTraffic(now time.Time) error {
	err := tx.gorm.Exec(`INSERT INTO traffic_hours AS t (clinic_id, hour, events)
		SELECT ?, date_trunc('hour', received_at), count(*) FROM (SELECT received_at FROM events WHERE clinic_id = ? AND environment IN (1, 2) AND source = 1
		  AND type <> '`+SelfCheck+`' ORDER BY environment DESC, seq DESC LIMIT 5000) e WHERE received_at > ? GROUP BY 2
		ON CONFLICT (clinic_id, hour) DO UPDATE SET events = greatest(t.events, excluded.events)`, tx.clinic, tx.clinic, now.Add(-trafficKept)).Error
	if err == nil {
		err = tx.gorm.Exec(`DELETE FROM traffic_hours WHERE clinic_id = ? AND hour < ?`, tx.clinic, now.Add(-trafficKept)).Error
	}
	return translate(err, "traffic")
}

// usualWeeks is how many weeks back the same hours are looked at.
const usualWeeks = 4

// usual returns the fewest events that came in the same hours of the last four weeks, as
// far as the clinic's history goes back, and how many weeks those are.
func (tx *Tx) usual(from, to time.Time) (fewest, weeks int, err error) {
	for w := 1; w <= usualWeeks; w++ {
		back := -time.Duration(w) * 7 * 24 * time.Hour
		var row struct {
			N     int
			Older bool
		}
		err = tx.gorm.Raw(`SELECT coalesce(sum(events) FILTER (WHERE hour >= ? AND hour + interval '1 hour' <= ?), 0) AS n, coalesce(min(hour) < ?, false) AS older FROM traffic_hours WHERE clinic_id = ?`,
			from.Add(back), to.Add(back), from.Add(back), tx.clinic).Take(&row).Error
		if err != nil || !row.Older {
			return fewest, weeks, translate(err, "traffic")
		}
		if weeks == 0 || row.N < fewest {
			fewest = row.N
		}
		weeks++
	}
	return fewest, weeks, nil
}

const (
	quietAtLeast = time.Hour     // a shorter pause is none, however busy the clinic
	usualEnough  = 10            // events that should have come
	youngQuiet   = 6 * time.Hour // while the clinic's weeks are not known
	youngEvents  = 20
)

// Silent tells whether a clinic hears less than it is used to. With two known weeks or
// more: nothing for an hour, in hours that brought ten events or more even in the
// quietest of the last four weeks. If events come by chance at that pace, a silence like
// this comes by chance once in 22,000 such spans (Poisson: e^-10), and a holiday in one
// of the four weeks lowers the measure, never raises it. A younger clinic is measured by its own
// gaps: with 20 events or more, nothing for six hours and for twice its longest silence.
// No source prescribes a rule (gateway notes, webhook configurations, say only that silence is the
// one symptom of a paused queue); this one is ours.
func (t Traffic) Silent(now time.Time) bool {
	quiet := now.Sub(t.Last)
	if t.Weeks >= 2 {
		return quiet > quietAtLeast && t.Usual >= usualEnough
	}
	return t.Events >= youngEvents && quiet > youngQuiet && quiet > 2*t.Longest
}
