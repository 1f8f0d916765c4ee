package query

import (
	"cmp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/ledger"
)

// What happened, in the words of a timeline.
const (
	Received     = "received"     // an event came for the first time
	Deduplicated = "deduplicated" // it came again, and nothing was done
	Varied       = "variant"      // it came again with another body; the first was kept
	Quarantined  = "quarantined"  // it came, and was not believed
	Unverified   = "hint"         // an unproved delivery named the object
	ReadBack     = "read"         // the gateway answered a read of ours
	ReadWanted   = "read_wanted"  // the gateway is to be asked
	Waiting      = "waiting"      // an event is to be tried (again)
	Applied      = "applied"      // an event became part of the object's history
	NoEffect     = "no_effect"    // it did not, and why
	HeldBack     = "held"         // it waits for something
	GivenUp      = "dead"         // it could not be applied
	Booked       = "booked"       // the ledger was added to
	Changed      = "changed"      // the object has a new version: a feed entry
	Acted        = "person"       // somebody did or revealed something
)

// TimelineEntry is one thing that happened to an object.
type TimelineEntry struct {
	At       time.Time // UTC; of what is still to come, when
	What     string    // a word from above
	Event    *Event    // of an event's
	Reason   string
	Delivery *inbox.Delivery // of a delivery's
	Booking  *ledger.Booking // of a booking's
	Change   *Entry          // of a change's
	Person   *tenants.AuditEntry
	Tries    int // of a wait: that failed
}

// Timeline is all that is known of one of the gateway's objects.
type Timeline struct {
	Kind    domain.Kind
	AsaasID string
	ID      *domain.UUID    // nil: there is no object yet
	Entries []TimelineEntry // oldest first
	Cut     bool            // there are older events than are told
}

// timelineEvents is how many events a timeline has, the newest; what else is told of an
// object is bounded alike.
const timelineEvents = 500

// LoadTimeline tells all that happened to the clinic's object of this kind and gateway id, also
// of one that only a quarantined event or an unproved delivery named. NotFound when
// nothing is known of it.
func LoadTimeline(tx *tenants.Tx, kind domain.Kind, id string) (s Timeline, err error) {
	s = Timeline{Kind: kind, AsaasID: id}
	err = tx.Conn(func(c *pgx.Conn) error {
		t := timelineBuilder{tx: tx, c: c, timeline: &s}
		var object domain.UUID
		switch err := c.QueryRow(
			tx.Context(), `SELECT id FROM `+tenants.Table(kind)+` WHERE clinic_id = $1 AND asaas_id = $2`, tx.Clinic(), id,
		).Scan(&object); {
		case err == nil:
			s.ID = &object
		case tenants.IgnoreNoRows(err) != nil:
			return err
		}
		if err := t.events(`t.kind = $2 AND `+timelineFor, string(kind), id); err != nil {
			return err
		}
		return t.tell(t.deliveries, t.variants, t.unverified, t.readRequests, t.bookings, t.changes, t.people)
	})
	if err == nil && s.Entries == nil && s.ID == nil {
		return s, domain.Errorf(domain.NotFound, "story")
	}
	return s, tenants.Translate(err, "story")
}

// LoadTimelineOfEvent is LoadTimeline for one event that speaks of no object we keep.
func LoadTimelineOfEvent(tx *tenants.Tx, key domain.EventKey) (s Timeline, err error) {
	err = tx.Conn(func(c *pgx.Conn) error {
		t := timelineBuilder{tx: tx, c: c, timeline: &s}
		if err := t.events(
			`t.environment = $2 AND t.seq = $3 AND t.id_hash = $4`, key.Environment, key.Seq, key.Hash,
		); err != nil {
			return err
		}
		return t.tell(t.deliveries, t.variants, t.people)
	})
	if err == nil && s.Entries == nil {
		return s, domain.Errorf(domain.NotFound, "event")
	}
	return s, tenants.Translate(err, "story")
}

// timelineFor finds an object's events: the applied by their records, and the waiting and the
// quarantined, which have none.
const timelineFor = `(t.environment, t.seq, t.id_hash) IN (
	SELECT environment, seq, id_hash FROM records WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3
	UNION ALL SELECT d.environment, d.seq, d.id_hash FROM due d JOIN events w USING (clinic_id, environment, seq, id_hash)
	WHERE d.clinic_id = $1 AND w.entity_id = $3
	UNION ALL SELECT environment, seq, id_hash FROM quarantined WHERE clinic_id = $1 AND entity_id = $3)`

// timelineBuilder gathers a timeline, source by source.
type timelineBuilder struct {
	tx       *tenants.Tx
	c        *pgx.Conn
	timeline *Timeline
	found    []Event
}

func (t *timelineBuilder) add(m TimelineEntry) { t.timeline.Entries = append(t.timeline.Entries, m) }

// tell asks the sources and puts what they say in order: by time, and at one instant as
// one thing leads to the next.
func (t *timelineBuilder) tell(sources ...func() error) error {
	for _, ask := range sources {
		if err := ask(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(t.timeline.Entries, func(a, b TimelineEntry) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(inOrder, a.What), slices.Index(inOrder, b.What)))
	})
	return nil
}

var inOrder = []string{
	Received,
	Quarantined,
	Unverified,
	ReadBack,
	Deduplicated,
	Varied,
	Acted,
	Applied,
	NoEffect,
	HeldBack,
	GivenUp,
	Booked,
	Changed,
	Waiting,
	ReadWanted,
}

// events tells of events: that they came, and what became of them.
func (t *timelineBuilder) events(condition string, args ...any) error {
	rows, err := t.c.Query(
		t.tx.Context(),
		`SELECT `+eventColumns+`, coalesce(d.tries, 0), CASE WHEN d.next_at < 'infinity' THEN d.next_at END,
		  coalesce(d.last_error, '')
		FROM `+eventTables+` LEFT JOIN due d ON d.clinic_id = t.clinic_id AND d.environment = t.environment AND d.seq = t.seq
		  AND d.id_hash = t.id_hash
		WHERE t.clinic_id = $1 AND `+condition+` ORDER BY t.received_at DESC LIMIT `+timelineLimit,
		append([]any{t.tx.Clinic()}, args...)...)
	if err != nil {
		return err
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Event, err error) {
		var tries int
		var next *time.Time
		var failure string
		if e, err = scanEvent(row, &tries, &next, &failure); err == nil {
			t.found = append(t.found, e)
			t.event(&e, tries, next, failure)
		}
		return e, err
	})
	if len(t.found) > timelineEvents {
		t.found, t.timeline.Cut = t.found[:timelineEvents], true
	}
	return err
}

const timelineLimit = "501"

func (t *timelineBuilder) event(e *Event, tries int, next *time.Time, failure string) {
	m := TimelineEntry{At: e.ReceivedAt, What: Received, Event: e}
	switch {
	case e.Outcome == domain.Quarantined:
		m.What, m.Reason = Quarantined, e.Reason
	case e.GatewaySnapshot:
		m.What = ReadBack
	}
	t.add(m)
	became := TimelineEntry{At: e.ReceivedAt, Event: e, Reason: e.Reason}
	if e.AppliedAt != nil {
		became.At = *e.AppliedAt
	}
	switch e.Outcome {
	case domain.Applied:
		became.What = Applied
	case domain.NoEffect:
		became.What = NoEffect
	case domain.Held:
		became.What = HeldBack
	case domain.Dead:
		became.What = GivenUp
	}
	if became.What != "" {
		t.add(became)
	}
	if next != nil {
		t.add(TimelineEntry{At: next.UTC(), What: Waiting, Event: e, Tries: tries, Reason: failure})
	}
}

// keys are the events' keys as columns.
func (t *timelineBuilder) keys() (envs []int16, seqs []int64, hashes [][16]byte) {
	for _, e := range t.found {
		envs, seqs, hashes = append(envs, int16(e.Key.Environment)), append(seqs, e.Key.Seq), append(hashes, e.Key.Hash)
	}
	return envs, seqs, hashes
}

func (t *timelineBuilder) eventOf(key domain.EventKey) *Event {
	for i := range t.found {
		if t.found[i].Key == key {
			return &t.found[i]
		}
	}
	return nil
}
