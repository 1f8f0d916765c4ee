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
func (o Outcome) test() bool { return o.Entry.No == 0 }

// mostRetryAfter bounds what a receiver may ask for.
const mostRetryAfter = time.Hour

// settled is what outcomes come to.
type settled struct {
	arrived  []int64
	failed   []int64
	nextAt   []time.Time // of each that failed
	failures int         // in a row, at the end
	pause    string      // why the endpoint is to be paused; "": it is not
	tested   bool
	success  *time.Time
	failure  *time.Time
}

// weigh says what outcomes come to, in the order in which they ended.
func weigh(failures int, outcomes []Outcome, now time.Time, chance func() float64) settled {
	s := settled{failures: failures, failed: []int64{}, nextAt: []time.Time{}, arrived: []int64{}}
	for _, o := range outcomes {
		switch {
		case o.test():
			s.tested = true
		case o.Reason == "":
			s.arrived, s.failures, s.success = append(s.arrived, o.Entry.No), 0, &now
		default:
			wait := max(endpoint.Pause(o.Entry.Tries+1, chance()), min(o.RetryAfter, mostRetryAfter))
			s.failed, s.nextAt = append(s.failed, o.Entry.No), append(s.nextAt, now.Add(wait))
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

// Settle notes how tries went: what arrived is done, what failed waits for another try, and an endpoint
// that fails and fails is left alone for a while, or paused. It needs no lease: what arrived, arrived.
// An endpoint that was deleted meanwhile needs nothing.
func (h *Hold) Settle(tx *tenants.Tx, outcomes []Outcome, now time.Time, chance func() float64) error {
	s := weigh(h.Failures, outcomes, now, chance)
	found, err := h.write(tx, s, now, chance)
	if err != nil || !found {
		return err
	}
	h.Failures = s.failures
	if err := h.log(tx, outcomes, now); err != nil || s.pause == "" {
		return err
	}
	return Pause(tx, h.ID, s.pause, now)
}

// write takes out what arrived, and puts off what failed. The endpoint's row is locked first, as
// everybody does who changes what waits.
func (h *Hold) write(tx *tenants.Tx, s settled, now time.Time, chance func() float64) (found bool, err error) {
	next := now
	if s.failures > 0 {
		next = now.Add(endpoint.Rest(s.failures, chance()))
	}
	n, err := run(tx, `SELECT FROM endpoints WHERE clinic_id = $1 AND endpoint_id = $2 FOR UPDATE`, tx.Clinic(), h.ID)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		b := &pgx.Batch{}
		b.Queue(`WITH gone AS (DELETE FROM endpoint_entries WHERE clinic_id = $1 AND endpoint_id = $2 AND no = ANY($3) RETURNING 1)
			UPDATE endpoints SET waiting = waiting - (SELECT count(*) FROM gone), failures = $4, next_at = $5,
				succeeded_at = coalesce($6, succeeded_at), failed_at = coalesce($7, failed_at), test_at = CASE WHEN $8 THEN NULL ELSE test_at END
			WHERE clinic_id = $1 AND endpoint_id = $2`, tx.Clinic(), h.ID, s.arrived, s.failures, next, s.success, s.failure, s.tested)
		if len(s.failed) > 0 {
			b.Queue(`UPDATE endpoint_entries w SET tries = w.tries + 1, failed_at = coalesce(w.failed_at, $3), next_at = u.next_at
				FROM unnest($4::bigint[], $5::timestamptz[]) u(no, next_at)
				WHERE w.clinic_id = $1 AND w.endpoint_id = $2 AND w.no = u.no`, tx.Clinic(), h.ID, now, s.failed, s.nextAt)
		}
		return c.SendBatch(tx.Context(), b).Close()
	}), "endpoint")
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
func (h *Hold) log(tx *tenants.Tx, outcomes []Outcome, now time.Time) error {
	if len(outcomes) == 0 {
		return nil
	}
	var t tries
	for _, o := range outcomes {
		id := tenants.NewID(now)
		var answer []byte
		if len(o.Answer) > 0 {
			var err error
			if answer, err = sealText(tx, h.vault, deliveryName(id), o.Answer[:min(len(o.Answer), AnswerKept)]); err != nil {
				return err
			}
		}
		var object *domain.UUID
		if !o.test() {
			object = &o.Entry.ObjectID
		}
		t.ids, t.messages, t.types, t.objects = append(t.ids, id), append(t.messages, o.Message), append(t.types, o.Type), append(t.objects, object)
		t.try, t.code = append(t.try, int32(o.Entry.Tries+1)), append(t.code, int32(o.Code))
		t.took, t.at = append(t.took, int32(o.Latency.Milliseconds())), append(t.at, o.At)
		t.reasons, t.answers = append(t.reasons, o.Reason), append(t.answers, answer)
	}
	_, err := run(tx, `INSERT INTO endpoint_deliveries (clinic_id, endpoint_id, delivery_id, message, type, object_id, try, at, code, reason, latency_ms, answer)
		SELECT $1, $2, u.id, u.message, u.type, u.object, u.try, u.at, u.code, u.reason, u.took, u.answer FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::integer[], $8::timestamptz[], $9::integer[], $10::text[],
			$11::integer[], $12::bytea[]) u(id, message, type, object, try, at, code, reason, took, answer)`,
		tx.Clinic(), h.ID, t.ids, t.messages, t.types, t.objects, t.try, t.at, t.code, t.reasons, t.took, t.answers)
	return err
}

func deliveryName(id domain.UUID) string { return id.Public("dlv") }
