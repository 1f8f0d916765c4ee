package connection

import (
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// trafficKept is how long hourly counts are kept: the four weeks that a silence is
// measured by, one to spare, and a day for hours that straddle its edge.
const trafficKept = 36 * 24 * time.Hour

// CountTraffic counts the newest events by the hour of their receipt. Counting again
// changes nothing; an hour whose older events fell out of the sample keeps its count.
func CountTraffic(tx *tenants.Tx, now time.Time) error {
	err := tx.Gorm().Exec(`INSERT INTO traffic_hours AS t (clinic_id, hour, events)
		SELECT $1, date_trunc('hour', received_at), count(*)
		  FROM (SELECT received_at FROM events WHERE clinic_id = $2 AND environment IN (1, 2) AND source = 1
		  AND type <> '`+domain.SelfCheck+`' ORDER BY environment DESC, seq DESC LIMIT 5000) e WHERE received_at > $3
		GROUP BY 2
		ON CONFLICT (clinic_id, hour) DO UPDATE SET events = greatest(t.events, excluded.events)`,
		tx.Clinic(), tx.Clinic(), now.Add(-trafficKept)).Error
	if err == nil {
		err = tx.Gorm().Exec(
			`DELETE FROM traffic_hours WHERE clinic_id = $1 AND hour < $2`, tx.Clinic(), now.Add(-trafficKept),
		).Error
	}
	return tenants.Translate(err, "traffic")
}

// usualWeeks is how many weeks back the same hours are looked at.
const usualWeeks = 4

// usual returns the fewest events that came in the same hours of the last four weeks, as
// far as the clinic's history goes back, and how many weeks those are.
func usual(tx *tenants.Tx, from, to time.Time) (fewest, weeks int, err error) {
	for w := 1; w <= usualWeeks; w++ {
		back := -time.Duration(w) * 7 * 24 * time.Hour
		var row struct {
			N     int
			Older bool
		}
		err = tx.Gorm().Raw(
			`SELECT coalesce(sum(events) FILTER (WHERE hour >= $1 AND hour + interval '1 hour' <= $2), 0) AS n,
			  coalesce(min(hour) < $3, false) AS older FROM traffic_hours WHERE clinic_id = $4`,
			from.Add(back), to.Add(back), from.Add(back), tx.Clinic(),
		).Take(&row).Error
		if err != nil || !row.Older {
			return fewest, weeks, tenants.Translate(err, "traffic")
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

// Silent tells whether a clinic receives less than it is used to. With two known weeks or
// more: nothing for an hour, in hours that brought ten events or more even in the
// quietest of the last four weeks. If events come by chance at that pace, a silence like
// this comes by chance once in 22,000 such spans (Poisson: e^-10), and a holiday in one
// of the four weeks lowers the measure, never raises it. A younger clinic is measured by its own
// gaps: with 20 events or more, nothing for six hours and for twice its longest silence.
// No source prescribes a rule (docs/gateway.md, webhook configurations: silence is but the
// one symptom of a paused queue); this one is ours.
func (t Traffic) Silent(now time.Time) bool {
	quiet := now.Sub(t.Last)
	if t.Weeks >= 2 {
		return quiet > quietAtLeast && t.Usual >= usualEnough
	}
	return t.Events >= youngEvents && quiet > youngQuiet && quiet > 2*t.Longest
}

// Known tells whether enough has come to say what the clinic is used to: of less, silence says
// nothing, and neither does a delivery.
func (t Traffic) Known() bool { return t.Weeks >= 2 || t.Events >= youngEvents }

// Traffic is what the newest events of a clinic tell of its deliveries.
type Traffic struct {
	Last    time.Time     // receipt of the newest event; zero: none yet
	Delay   time.Duration // median from the gateway's word to our receipt
	Longest time.Duration // silence between two of them
	Events  int           // looked at
	Ending  bool          // the gateway said that the key ends soon, after it was stored
	Dead    int           // events that could not be applied, and wait for a person
	Oldest  time.Time     // of what waits to be applied; zero: nothing

	Usual int // events that the same hours brought since Last, in the quietest of the last four weeks
	Weeks int // whole weeks that are known, four at most
}

// MeasureTraffic looks at the newest events by the gateway's own order, which needs no index of
// its own.
func MeasureTraffic(tx *tenants.Tx, now, keySet time.Time) (t Traffic, err error) {
	var rows []struct {
		ReceivedAt         time.Time
		CreatedLocal, Type string
		Outcome            string
	}
	err = tx.Gorm().Raw(
		`SELECT received_at, created_local, type, outcome FROM events
		WHERE clinic_id = $1 AND environment IN (1, 2) AND source = 1 AND type <> '`+domain.SelfCheck+`'
		ORDER BY environment DESC, seq DESC LIMIT $2`,
		tx.Clinic(), sampled,
	).Scan(&rows).Error
	if err != nil {
		return t, tenants.Translate(err, "events")
	}
	var delays, receipts []time.Duration
	for _, r := range rows {
		receipts = append(receipts, now.Sub(r.ReceivedAt))
		if at, ok := asaas.TimeOf(domain.LocalTime(r.CreatedLocal)); ok {
			delays = append(delays, max(r.ReceivedAt.Sub(at), 0))
		}
		t.Ending = t.Ending || r.Type == "ACCESS_TOKEN_EXPIRING_SOON" && r.ReceivedAt.After(keySet)
		if r.Outcome == "dead" {
			t.Dead++
		}
	}
	t.measure(now, receipts, delays)
	var oldest struct{ At *time.Time }
	err = tx.Gorm().Raw(
		`SELECT min(next_at) AS at FROM due WHERE clinic_id = $1 AND next_at < 'infinity'`, tx.Clinic(),
	).Take(&oldest).Error
	t.Oldest = tenants.OrZero(oldest.At)
	if err != nil || t.Last.IsZero() {
		return t, tenants.Translate(err, "due")
	}
	t.Usual, t.Weeks, err = usual(tx, t.Last, now)
	return t, err
}

// measure fills in what the ages of the receipts and the delays tell.
func (t *Traffic) measure(now time.Time, ages, delays []time.Duration) {
	t.Events = len(ages)
	if len(ages) == 0 {
		return
	}
	slices.Sort(ages)
	t.Last = now.Add(-ages[0])
	for i := range len(ages) - 1 {
		t.Longest = max(t.Longest, ages[i+1]-ages[i])
	}
	if len(delays) > 0 {
		slices.Sort(delays)
		t.Delay = delays[len(delays)/2]
	}
}

// sampled is how many of the newest events are looked at.
const sampled = 500
