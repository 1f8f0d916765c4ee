package tenants

import (
	"encoding/json"
	"slices"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// SelfCheck is the type of the events by which we try our own door. They are stored like
// all others, and say nothing of the gateway.
const SelfCheck = "PATAPAY_SELF_CHECK"

// Check is one thing that was looked at of a connection.
type Check struct {
	Name   string    `json:"name"`
	Status string    `json:"status"`           // ok, warning, failed, unknown
	Since  time.Time `json:"since"`            // of this status, UTC
	Detail string    `json:"detail,omitempty"` // for people, pt-BR
	Action string    `json:"action,omitempty"` // what to do, a code
	Cause  string    `json:"cause,omitempty"`  // of a paused queue: token, firewall, url, slow, ours, manual, unreached
}

// Checks returns the last look at the clinic's connection; NotFound when there was none.
func (tx *Tx) Checks() (list []Check, at time.Time, err error) {
	var row struct {
		CheckedAt time.Time
		Checks    []byte
	}
	if err = tx.gorm.Raw(`SELECT checked_at, checks FROM connection_checks WHERE clinic_id = ?`, tx.clinic).Take(&row).Error; err != nil {
		return nil, at, translate(err, "checks")
	}
	return list, row.CheckedAt.UTC(), json.Unmarshal(row.Checks, &list)
}

// SaveChecks stores a look; a check whose status is what it was keeps its since.
func (tx *Tx) SaveChecks(list []Check, now time.Time) error {
	before, _, err := tx.Checks()
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	for i := range list {
		list[i].Since = now
		for _, old := range before {
			if old.Name == list[i].Name && old.Status == list[i].Status {
				list[i].Since = old.Since
			}
		}
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return translate(tx.gorm.Exec(`INSERT INTO connection_checks (clinic_id, checked_at, checks) VALUES (?, ?, ?::jsonb)
		ON CONFLICT (clinic_id) DO UPDATE SET checked_at = excluded.checked_at, checks = excluded.checks`, tx.clinic, now, string(raw)).Error, "checks")
}

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

// sampled is how many of the newest events are looked at.
const sampled = 500

// Traffic looks at the newest events by the gateway's own order, which needs no index of
// its own.
func (tx *Tx) Traffic(now, keySet time.Time) (t Traffic, err error) {
	var rows []struct {
		ReceivedAt         time.Time
		CreatedLocal, Type string
		Outcome            string
	}
	err = tx.gorm.Raw(`SELECT received_at, created_local, type, outcome FROM events WHERE clinic_id = ? AND environment IN (1, 2) AND source = 1 AND type <> '`+SelfCheck+`'
		ORDER BY environment DESC, seq DESC LIMIT ?`, tx.clinic, sampled).Scan(&rows).Error
	if err != nil {
		return t, translate(err, "events")
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
	err = tx.gorm.Raw(`SELECT min(next_at) AS at FROM due WHERE clinic_id = ? AND next_at < 'infinity'`, tx.clinic).Take(&oldest).Error
	t.Oldest = orZero(oldest.At)
	if err != nil || t.Last.IsZero() {
		return t, translate(err, "due")
	}
	t.Usual, t.Weeks, err = tx.usual(t.Last, now)
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

// ReceivedSince returns how many events of the clinic came since an instant, and when the
// last one did.
func (tx *Tx) ReceivedSince(at time.Time) (n int, last time.Time, err error) {
	var row struct {
		N    int
		Last *time.Time
	}
	err = tx.gorm.Raw(`SELECT count(*) AS n, max(received_at) AS last FROM (SELECT received_at FROM events WHERE clinic_id = ? AND environment IN (1, 2) AND source = 1 AND type <> '`+SelfCheck+`'
		ORDER BY environment DESC, seq DESC LIMIT 5000) e WHERE received_at >= ?`, tx.clinic, at).Take(&row).Error
	return row.N, orZero(row.Last), translate(err, "events")
}

// EntityDelivery is the first delivery of an event: when it came and how long our answer took.
type EntityDelivery struct {
	At     time.Time
	Micros int64
}

// EntityEvent returns the delivery of an event of this type about this entity among the
// newest events; NotFound while there is none.
func (tx *Tx) EntityEvent(kind domain.Kind, entity, typ string) (d EntityDelivery, err error) {
	var row struct {
		At     time.Time
		Micros int64
	}
	err = tx.gorm.Raw(`SELECT e.received_at AS at, coalesce((SELECT min(micros) FROM deliveries l WHERE l.clinic_id = e.clinic_id AND l.environment = e.environment
		  AND l.seq = e.seq AND l.id_hash = e.id_hash), 0) AS micros
		FROM (SELECT * FROM events WHERE clinic_id = ? AND environment IN (1, 2) ORDER BY environment DESC, seq DESC LIMIT ?) e
		WHERE e.kind = ? AND e.entity_id = ? AND e.type = ? AND e.source = 1 LIMIT 1`, tx.clinic, sampled, string(kind), entity, typ).Take(&row).Error
	return EntityDelivery{row.At.UTC(), row.Micros}, translate(err, "event")
}

// LastRefusal returns what we answered to the clinic's last delivery since an instant that
// was not answered 200; 0: there was none that named a known event.
func (tx *Tx) LastRefusal(since time.Time) (code int, err error) {
	err = tx.gorm.Raw(`SELECT coalesce((SELECT code FROM deliveries WHERE clinic_id = ? AND at > ? AND code <> 200 ORDER BY at DESC LIMIT 1), 0)`, tx.clinic, since).Scan(&code).Error
	return code, translate(err, "deliveries")
}
