package query

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/ledger"
)

// each reads rows of one query; dest are what scan fills before fn is called.
func (t *timelineBuilder) each(sql string, args []any, dest []any, fn func()) error {
	rows, err := t.c.Query(t.tx.Context(), sql, args...)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, dest, func() error { fn(); return nil })
	return err
}

// deliveries tells which events came again. The log is best effort: what it does not have
// is not told. The first delivery of an event is the one of its instant, and has a row only if it was no plain one.
func (t *timelineBuilder) deliveries() error {
	envs, seqs, hashes := t.keys()
	var d inbox.Delivery
	var micros int64
	return t.each(
		`SELECT d.environment, d.seq, d.id_hash, d.at, d.code, d.micros, d.source_ip FROM `+tenants.EventKeyRows+`
		CROSS JOIN LATERAL (SELECT environment, seq, id_hash, at, code, micros, source_ip FROM deliveries d
		  WHERE d.clinic_id = $1 AND d.environment = u.environment AND d.seq = u.seq AND d.id_hash = u.id_hash OFFSET 0) d
		ORDER BY d.at LIMIT `+timelineLimit,
		[]any{
			t.tx.Clinic(),
			envs,
			seqs,
			hashes,
		},
		[]any{&d.Key.Environment, &d.Key.Seq, &d.Key.Hash, &d.At, &d.Code, &micros, &d.SourceIP},
		func() {
			e, one := t.eventOf(d.Key), d
			one.At, one.Took = d.At.UTC(), time.Duration(micros)*time.Microsecond
			if !one.At.Equal(e.ReceivedAt) {
				t.add(TimelineEntry{At: one.At, What: Deduplicated, Event: e, Delivery: &one})
			}
		},
	)
}

// variants tells which events came with another body.
func (t *timelineBuilder) variants() error {
	envs, seqs, hashes := t.keys()
	var key domain.EventKey
	var at time.Time
	return t.each(`SELECT v.environment, v.seq, v.id_hash, v.received_at FROM `+tenants.EventKeyRows+`
		CROSS JOIN LATERAL (SELECT environment, seq, id_hash, received_at FROM event_variants v
		  WHERE v.clinic_id = $1 AND v.environment = u.environment AND v.seq = u.seq AND v.id_hash = u.id_hash OFFSET 0) v
		    LIMIT `+timelineLimit,
		[]any{t.tx.Clinic(), envs, seqs, hashes}, []any{&key.Environment, &key.Seq, &key.Hash, &at}, func() {
			t.add(TimelineEntry{At: at.UTC(), What: Varied, Event: t.eventOf(key)})
		})
}

// unverified tells of unverified deliveries that are not settled yet. There are 500 a clinic at
// most, so no index is needed.
func (t *timelineBuilder) unverified() error {
	var at time.Time
	var typ, ip string
	return t.each(`SELECT received_at, type, source_ip FROM hints WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3`,
		[]any{t.tx.Clinic(), string(t.timeline.Kind), t.timeline.AsaasID}, []any{&at, &typ, &ip}, func() {
			t.add(
				TimelineEntry{
					At:       at.UTC(),
					What:     Unverified,
					Reason:   typ,
					Delivery: &inbox.Delivery{At: at.UTC(), Code: 200, SourceIP: ip},
				},
			)
		})
}

// readRequests tells that the gateway is to be asked.
func (t *timelineBuilder) readRequests() error {
	var at time.Time
	var reason string
	var tries int
	return t.each(
		`SELECT due_at, reason, tries FROM truth_wants
		WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND due_at < 'infinity'`,
		[]any{t.tx.Clinic(), string(t.timeline.Kind), t.timeline.AsaasID}, []any{&at, &reason, &tries},
		func() {
			t.add(TimelineEntry{At: at.UTC(), What: ReadWanted, Reason: reason, Tries: tries})
		},
	)
}

// bookings tells what the ledger was added for the object.
func (t *timelineBuilder) bookings() error {
	rows, err := t.c.Query(
		t.tx.Context(),
		`SELECT `+ledger.BookingColumns+` FROM ledger_transactions t`+ledger.BookingLegs+`
		WHERE t.clinic_id = $1 AND t.subject = $2 AND t.kind = $3 ORDER BY t.no DESC LIMIT `+timelineLimit,
		t.tx.Clinic(), t.timeline.AsaasID, string(t.timeline.Kind),
	)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, ledger.ScanBooking)
	for i := range found {
		t.add(TimelineEntry{At: found[i].BookedAt.UTC(), What: Booked, Booking: &found[i], Event: t.eventOf(found[i].By)})
	}
	return err
}

// changes tells the object's feed entries, as far back as the feed goes.
func (t *timelineBuilder) changes() error {
	if t.timeline.ID == nil {
		return nil
	}
	var e Entry
	return t.each(
		`SELECT seq, version, at, state ->> 'Status' FROM changes WHERE clinic_id = $1 AND object_id = $2
		ORDER BY seq DESC LIMIT `+timelineLimit,
		[]any{t.tx.Clinic(), *t.timeline.ID}, []any{&e.Seq, &e.Version, &e.At, &e.Status},
		func() {
			one := e
			one.At, one.Kind, one.ID = e.At.UTC(), t.timeline.Kind, *t.timeline.ID
			t.add(TimelineEntry{At: one.At, What: Changed, Change: &one})
		},
	)
}

// people tells what was done about the object or its events by hand.
func (t *timelineBuilder) people() error {
	subjects := []string{t.timeline.AsaasID}
	if t.timeline.ID != nil {
		subjects = append(subjects, t.timeline.ID.Public(prefixes[t.timeline.Kind]))
	}
	for _, e := range t.found {
		subjects = append(subjects, e.Key.Public())
	}
	var a tenants.AuditEntry
	return t.each(
		`SELECT no, at, actor, role, action, subject, source FROM audit
		WHERE clinic_id = $1 AND subject = ANY($2) AND subject <> '' ORDER BY no DESC LIMIT `+timelineLimit,
		[]any{t.tx.Clinic(), subjects}, []any{&a.No, &a.At, &a.Actor, &a.Role, &a.Action, &a.Subject, &a.Source},
		func() {
			one := a
			one.At = a.At.UTC()
			t.add(TimelineEntry{At: one.At, What: Acted, Person: &one})
		},
	)
}

// prefixes are the public ids' of each kind of object.
var prefixes = map[domain.Kind]string{
	domain.KindPayment:      "ivc",
	domain.KindCheckout:     "chk",
	domain.KindAnticipation: "ant",
}
