package endpoints

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/endpoint"
	"patapay/tenants"
)

// AnswerKept is how many bytes of an answer are kept.
const AnswerKept = 1 << 10

// DeliveriesKept is how long tries are kept, with what was answered.
const DeliveriesKept = 7 * 24 * time.Hour

// Outcome is how one try went.
type Outcome struct {
	Entry      Entry // the zero one: a test
	Message    string
	Type       string
	At         time.Time
	Code       int    // of the answer; 0: there was none
	Reason     string // why it failed; "": it arrived
	Latency    time.Duration
	Answer     []byte        // its beginning
	RetryAfter time.Duration // that the receiver asked for; 0: it did not
}

// test tells whether the outcome is of a test, which changes nothing but the log.
func (o Outcome) test() bool { return o.Entry.Seq == 0 }

// mostRetryAfter bounds what a receiver may ask for.
const mostRetryAfter = time.Hour

// place is where an entry stands: whose feed, and where in it.
type place struct {
	clinic domain.ClinicID
	seq    int64
}

// settled is what outcomes come to.
type settled struct {
	arrived  []int64 // rows
	failed   []int64 // rows
	nextAt   []time.Time
	passed   map[place]bool      // entries straight from the feed that arrived
	again    map[place]time.Time // and those that failed, with the instant of the next try
	failures int                 // in a row, at the end
	pause    string              // why the endpoint is to be paused; "": it is not
	tested   bool
	success  *time.Time
	failure  *time.Time
}

// weigh says what outcomes come to, in the order in which they ended.
func weigh(failures int, outcomes []Outcome, now time.Time, chance func() float64) settled {
	s := settled{
		failures: failures, failed: []int64{}, nextAt: []time.Time{}, arrived: []int64{},
		passed: map[place]bool{}, again: map[place]time.Time{},
	}
	for _, o := range outcomes {
		at := place{o.Entry.Clinic, o.Entry.Seq}
		switch {
		case o.test():
			s.tested = true
		case o.Reason == "":
			if s.failures, s.success = 0, &now; o.Entry.No > 0 {
				s.arrived = append(s.arrived, o.Entry.No)
			} else {
				s.passed[at] = true
			}
		default:
			next := now.Add(max(endpoint.Pause(o.Entry.Tries+1, chance()), min(o.RetryAfter, mostRetryAfter)))
			if o.Entry.No > 0 {
				s.failed, s.nextAt = append(s.failed, o.Entry.No), append(s.nextAt, next)
			} else {
				s.again[at] = next
			}
			s.failures++
			s.failure = &now
			switch {
			case o.Code == 410:
				s.pause = endpoint.Gone
			case o.Reason == endpoint.CursorExpired:
				s.pause = endpoint.CursorExpired
			case !o.Entry.FailedAt.IsZero() && now.Sub(o.Entry.FailedAt) >= endpoint.GiveUpAfter && s.pause == "":
				s.pause = endpoint.Failing
			}
		}
	}
	return s
}

// Settle notes how tries of a batch went: what arrived is done, what failed waits for another try, and an endpoint that
// fails and fails is left alone for a while, or paused. The cursor passes a batch straight from the feed, unless it
// stands elsewhere by now: a replay moved it, or who holds the endpoint since, and what is behind it is theirs to send.
// What arrived of what waited leaves though the lease was lost. An endpoint that was deleted meanwhile needs nothing.
func (h *Hold) Settle(tx *tenants.Tx, b Batch, outcomes []Outcome, now time.Time, chance func() float64) error {
	// Locked first, as everybody does who changes what waits.
	e, err := Find(tx, h.ID, true)
	if domain.CodeOf(err) == domain.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s, written := weigh(e.Failures, outcomes, now, chance), &pgx.Batch{}
	to, begin := e.at(), 0
	if b.straight && e.holder == h.holder && to == b.from {
		to, begin = b.to, h.pass(tx, written, b, s, now)
	}
	h.note(tx, written, s, to, begin, now, chance)
	if err := h.log(tx, written, outcomes, now); err != nil {
		return err
	}
	if err := send(tx, written); err != nil || s.pause == "" {
		return err
	}
	return Pause(tx, h.ID, s.pause, now)
}

// pass lets those of a batch straight from the feed wait that did not arrive, and returns how many.
func (h *Hold) pass(tx *tenants.Tx, written *pgx.Batch, b Batch, s settled, now time.Time) int {
	rows := waitingRows{}
	for _, entry := range b.Entries {
		at := place{entry.Clinic, entry.Seq}
		if next, failed := s.again[at]; failed {
			rows.add(entry, 1, &now, next)
		} else if !s.passed[at] {
			rows.add(entry, 0, nil, now)
		}
	}
	rows.queue(written, tx, h.ID, b.from.handed)
	return len(rows.seqs)
}

// note takes out the rows of what arrived, puts off those of what failed, and keeps how the endpoint is, how far it has
// got, and how many entries begin to wait.
func (h *Hold) note(
	tx *tenants.Tx, written *pgx.Batch, s settled, to cursor, begin int, now time.Time, chance func() float64,
) {
	next := now
	if s.failures > 0 {
		next = now.Add(endpoint.Rest(s.failures, chance()))
	}
	written.Queue(`WITH gone AS (DELETE FROM endpoint_entries WHERE clinic_id = $1 AND endpoint_id = $2 AND no = ANY($3)
		  RETURNING 1)
		UPDATE endpoints SET waiting = waiting - (SELECT count(*) FROM gone) + $9, failures = $4, next_at = $5,
			succeeded_at = coalesce($6, succeeded_at), failed_at = coalesce($7, failed_at),
			test_at = CASE WHEN $8 THEN NULL ELSE test_at END, place_tx = $10::text::xid8,
			place_clinic = $11, place_seq = $12, handed = $13
		WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), h.ID,
		s.arrived, s.failures, next, s.success, s.failure, s.tested,
		begin, to.place.Tx, to.place.Clinic, to.place.Seq, to.handed)
	if len(s.failed) > 0 {
		written.Queue(`UPDATE endpoint_entries w
			SET tries = w.tries + 1, failed_at = coalesce(w.failed_at, $3), next_at = u.next_at
			FROM unnest($4::bigint[], $5::timestamptz[]) u(no, next_at)
			WHERE w.clinic_id = $1 AND w.endpoint_id = $2 AND w.no = u.no`, tx.Clinic(), h.ID, now, s.failed, s.nextAt)
	}
}

// tries are outcomes by column.
type tries struct {
	ids             []domain.UUID
	messages, types []string
	objects         []*domain.UUID
	try, code, took []int32
	at              []time.Time
	reasons         []string
	answers         [][]byte
}

// log keeps how each try went.
func (h *Hold) log(tx *tenants.Tx, written *pgx.Batch, outcomes []Outcome, now time.Time) error {
	var t tries
	var seal sealer
	for i := range outcomes {
		o := &outcomes[i]
		id := tenants.NewID(now)
		var answer []byte
		if len(o.Answer) > 0 {
			var err error
			if seal == nil {
				if seal, err = sealerOf(tx, h.vault); err != nil {
					return err
				}
			}
			if answer, err = seal(sealedKind, deliveryName(id), o.Answer[:min(len(o.Answer), AnswerKept)]); err != nil {
				return err
			}
		}
		var object *domain.UUID
		if !o.test() {
			object = &o.Entry.ID
		}
		t.ids, t.messages = append(t.ids, id), append(t.messages, o.Message)
		t.types, t.objects = append(t.types, o.Type), append(t.objects, object)
		t.try, t.code = append(t.try, int32(o.Entry.Tries+1)), append(t.code, int32(o.Code))
		t.took, t.at = append(t.took, int32(o.Latency.Milliseconds())), append(t.at, o.At)
		t.reasons, t.answers = append(t.reasons, o.Reason), append(t.answers, answer)
	}
	written.Queue(`INSERT INTO endpoint_deliveries (clinic_id, endpoint_id, delivery_id, message, type, object_id,
		  try, at, code, reason, latency_ms, answer)
		SELECT $1, $2, u.id, u.message, u.type, u.object, u.try, u.at, u.code, u.reason, u.took, u.answer
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::integer[], $8::timestamptz[], $9::integer[],
			$10::text[], $11::integer[], $12::bytea[]) u(id, message, type, object, try, at, code, reason, took, answer)`,
		tx.Clinic(), h.ID, t.ids, t.messages, t.types, t.objects, t.try, t.at, t.code, t.reasons, t.took, t.answers)
	return nil
}

func deliveryName(id domain.UUID) string { return id.Public("dlv") }
