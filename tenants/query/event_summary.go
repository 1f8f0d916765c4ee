package query

import (
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
)

// EventCounts are deliveries by what became of them.
type EventCounts struct {
	Done    int // applied, or nothing was to be done
	Waiting int // received or held
	Failed  int // dead
	Refused int // quarantined
}

// All returns how many they are together.
func (n EventCounts) All() int { return n.Done + n.Waiting + n.Failed + n.Refused }

func (n *EventCounts) add(o domain.Outcome, count int) {
	switch o {
	case domain.Received, domain.Held:
		n.Waiting += count
	case domain.Dead:
		n.Failed += count
	case domain.Quarantined:
		n.Refused += count
	default:
		n.Done += count
	}
}

// EventBucket is one hour or day, São Paulo's, of a summary.
type EventBucket struct {
	At time.Time // its begin, UTC
	EventCounts
}

// EventSummary tells of the events of a filter what a picture shows.
type EventSummary struct {
	EventCounts
	Delay   *time.Duration // median from the gateway's clock to ours, of the newest ones; nil: none is dated
	Buckets []EventBucket  // oldest first; those without an event are left out
}

// delaySample is of how many of the newest events the median delay is taken.
const delaySample = 2_000

// delivered leaves out the gateway's answers to reads, and our own tries of the door.
const delivered = ` AND t.source = 1 AND t.type <> '` + domain.SelfCheck + `'`

// SummarizeEvents counts what was delivered by step, "hour" or "day", and by what became of
// it. It reads every event of the filter, so the filter should be bounded in time.
func SummarizeEvents(tx *tenants.Tx, f EventFilter, step string) (s EventSummary, err error) {
	w := f.where(tx.Clinic())
	err = tx.Conn(func(c *pgx.Conn) error {
		if err := s.count(tx, c, w, step); err != nil {
			return err
		}
		s.Delay, err = medianDelay(tx, c, w)
		return err
	})
	return s, tenants.Translate(err, "event summary")
}

func (s *EventSummary) count(tx *tenants.Tx, c *pgx.Conn, w *tenants.Where, step string) error {
	const day = `date_trunc('day', t.received_at, 'America/Sao_Paulo')`
	at := map[string]string{"day": day, "hour": `date_trunc('hour', t.received_at)`}[step]
	if at == "" {
		return domain.Errorf(domain.Invalid, "no step %q", step)
	}
	rows, err := c.Query(
		tx.Context(),
		`SELECT `+at+`, t.outcome, count(*) FROM events t WHERE `+w.String()+delivered+` GROUP BY 1, 2 ORDER BY 1`,
		w.Args...)
	if err != nil {
		return err
	}
	var begin time.Time
	var outcome domain.Outcome
	var n int
	_, err = pgx.ForEachRow(rows, []any{&begin, &outcome, &n}, func() error {
		if len(s.Buckets) == 0 || !s.Buckets[len(s.Buckets)-1].At.Equal(begin) {
			s.Buckets = append(s.Buckets, EventBucket{At: begin.UTC()})
		}
		s.Buckets[len(s.Buckets)-1].add(outcome, n)
		s.add(outcome, n)
		return nil
	})
	return err
}

// medianDelay returns the middle one of the newest delays. The gateway's clock tells whole
// seconds, so a little less than none is none.
func medianDelay(tx *tenants.Tx, c *pgx.Conn, w *tenants.Where) (*time.Duration, error) {
	sample := &tenants.Where{Parts: slices.Clone(w.Parts), Args: slices.Clone(w.Args)}
	sample.And(`t.created_local <> ''`)
	rows, err := c.Query(
		tx.Context(),
		`SELECT t.created_local, t.received_at FROM events t WHERE `+sample.String()+delivered+`
		ORDER BY t.received_at DESC LIMIT `+strconv.Itoa(
			delaySample,
		),
		sample.Args...)
	if err != nil {
		return nil, err
	}
	var delays []time.Duration
	var local domain.LocalTime
	var received time.Time
	_, err = pgx.ForEachRow(rows, []any{&local, &received}, func() error {
		if at, ok := asaas.TimeOf(local); ok {
			delays = append(delays, max(0, received.Sub(at)))
		}
		return nil
	})
	if err != nil || len(delays) == 0 {
		return nil, err
	}
	slices.Sort(delays)
	return &delays[len(delays)/2], nil
}
