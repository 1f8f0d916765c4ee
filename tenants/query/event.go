package query

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/tenants"
	"patapay/tenants/inbox"
	"patapay/tenants/vault"
)

// Event is a row of the inbox as people look at it: what came, and what became of it.
type Event struct {
	Key             domain.EventKey
	AsaasID         string // whole, as the gateway wrote it; of an answer to a read one that we made
	GatewaySnapshot bool   // the gateway's answer to a read, not a delivery
	Type            domain.EventType
	Kind            domain.Kind
	Entity          string           // the gateway's id; "" none
	At              domain.LocalTime // its dateCreated; "" malformed or misdated
	ReceivedAt      time.Time        // UTC
	AppliedAt       *time.Time       // UTC; nil: not yet, or never
	Outcome         domain.Outcome
	Reason          string
	Notes           []string        // account_absent, misdated, variant …
	Shows           domain.Snapshot // the entity as it shows it; empty for one that was not folded
	Tries           int             // that failed; 0 for an event that no longer waits
}

const eventColumns = `t.environment, t.seq, t.id_hash, t.event_id, t.source = 2, t.type, t.kind, t.entity_id,
	t.created_local, t.received_at, t.applied_at, t.outcome, t.reason, t.notes, r.record, tried.tries`

// withRecord adds to an event its record, which only folded ones have, and its failed tries.
const withRecord = ` LEFT JOIN LATERAL (SELECT record FROM records r
	  WHERE t.kind <> '' AND r.clinic_id = t.clinic_id AND r.kind = t.kind AND r.entity_id = t.entity_id
	AND r.environment = t.environment AND r.seq = t.seq AND r.id_hash = t.id_hash) r ON true
	LEFT JOIN LATERAL (SELECT tries FROM due d
	  WHERE d.clinic_id = t.clinic_id AND d.environment = t.environment AND d.seq = t.seq AND d.id_hash = t.id_hash
	AND d.tries > 0 AND t.outcome IN ('received', 'held', 'dead') LIMIT 1) tried ON true`

const eventTables = `events t` + withRecord

func scanEvent(row pgx.CollectableRow, more ...any) (e Event, err error) {
	var notes string
	var record []byte
	var tries *int
	err = row.Scan(append([]any{
		&e.Key.Environment,
		&e.Key.Seq,
		&e.Key.Hash,
		&e.AsaasID,
		&e.GatewaySnapshot,
		&e.Type,
		&e.Kind,
		&e.Entity,
		&e.At,
		&e.ReceivedAt,
		&e.AppliedAt,
		&e.Outcome,
		&e.Reason,
		&notes,
		&record,
		&tries,
	}, more...)...)
	if err != nil {
		return e, err
	}
	e.Notes, e.ReceivedAt = strings.Fields(notes), e.ReceivedAt.UTC()
	if e.AppliedAt != nil {
		*e.AppliedAt = e.AppliedAt.UTC()
	}
	if tries != nil {
		e.Tries = *tries
	}
	if record != nil && string(record) != "{}" { // {}: the gateway has no such entity
		e.Shows, _, err = asaas.Decode(e.Kind, record)
	}
	return e, err
}

// EventDetail is an event with its deliveries and effects.
type EventDetail struct {
	Event
	NextTry    *time.Time       // UTC; nil: none
	LastError  string           // of the last try
	Deliveries []inbox.Delivery // the last twenty, newest first; a plain first one is made of the event
	Variants   int              // other bodies that came under its id
	HasBody    bool             // whether the body is still kept
}

const deliveriesShown = 20

// FindEvent returns the clinic's event; NotFound for another clinic's.
func FindEvent(tx *tenants.Tx, key domain.EventKey) (e EventDetail, err error) {
	var ip string
	var gap bool
	err = tx.Conn(func(c *pgx.Conn) error {
		rows, err := c.Query(
			tx.Context(),
			`SELECT `+eventColumns+`, CASE WHEN d.next_at < 'infinity' THEN d.next_at END, coalesce(d.last_error, ''),
			  (SELECT count(*) FROM event_variants v
			    WHERE v.clinic_id = t.clinic_id AND v.environment = t.environment AND v.seq = t.seq AND v.id_hash = t.id_hash),
			  EXISTS (SELECT FROM event_bodies b
			    WHERE b.clinic_id = t.clinic_id AND b.environment = t.environment AND b.seq = t.seq AND b.id_hash = t.id_hash
			    AND b.received_at = t.received_at),
			  t.source_ip, delivery_gap(t.received_at)
			FROM `+eventTables+` LEFT JOIN due d ON d.clinic_id = t.clinic_id AND d.environment = t.environment
			  AND d.seq = t.seq AND d.id_hash = t.id_hash
			  AND t.outcome IN ('received', 'held', 'dead')
			WHERE t.clinic_id = $1 AND t.environment = $2 AND t.seq = $3 AND t.id_hash = $4`,
			tx.Clinic(), key.Environment, key.Seq, key.Hash,
		)
		if err != nil {
			return err
		}
		e.Event, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Event, error) {
			return scanEvent(row, &e.NextTry, &e.LastError, &e.Variants, &e.HasBody, &ip, &gap)
		})
		if err != nil {
			return err
		}
		e.Deliveries, err = deliveries(tx, c, key)
		e.addFirst(ip, gap)
		return err
	})
	if e.NextTry != nil {
		*e.NextTry = e.NextTry.UTC()
	}
	return e, tenants.Translate(err, "event")
}

// addFirst makes the event's first delivery where the log has none of it: a plain one leaves no row. It was answered
// within inbox.Plain, unless the log lost rows of that minute.
func (e *EventDetail) addFirst(ip string, gap bool) {
	logged := func(d inbox.Delivery) bool { return d.At.Equal(e.ReceivedAt) }
	if ip == "" || len(e.Deliveries) >= deliveriesShown || slices.ContainsFunc(e.Deliveries, logged) {
		return
	}
	first := inbox.Delivery{Key: e.Key, At: e.ReceivedAt, Code: http.StatusOK, Timing: inbox.AtOnce, SourceIP: ip}
	if gap {
		first.Timing = inbox.Untimed
	}
	e.Deliveries = append(e.Deliveries, first)
	slices.SortStableFunc(e.Deliveries, func(a, b inbox.Delivery) int { return b.At.Compare(a.At) })
}

func deliveries(tx *tenants.Tx, c *pgx.Conn, key domain.EventKey) ([]inbox.Delivery, error) {
	rows, err := c.Query(tx.Context(), `SELECT at, code, micros, source_ip FROM deliveries
		WHERE clinic_id = $1 AND environment = $2 AND seq = $3 AND id_hash = $4 ORDER BY at DESC LIMIT $5`,
		tx.Clinic(), key.Environment, key.Seq, key.Hash, deliveriesShown)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (inbox.Delivery, error) {
		d := inbox.Delivery{Clinic: tx.Clinic(), Key: key}
		var micros int64
		err := row.Scan(&d.At, &d.Code, &micros, &d.SourceIP)
		d.At, d.Took = d.At.UTC(), time.Duration(micros)*time.Microsecond
		return d, err
	})
}

// EventBody returns an event's body, byte for byte as it came; NotFound when there is no
// such event, or its body is kept no longer.
func EventBody(tx *tenants.Tx, key domain.EventKey, v *vault.Vault) (body []byte, err error) {
	open, err := tx.Opener(v)
	if err != nil {
		return nil, err
	}
	var id string
	var sealed []byte
	err = tx.Conn(func(c *pgx.Conn) error {
		return c.QueryRow(
			tx.Context(),
			`SELECT e.event_id, b.sealed FROM events e
			JOIN event_bodies b USING (clinic_id, environment, seq, id_hash, received_at)
			WHERE e.clinic_id = $1 AND e.environment = $2 AND e.seq = $3 AND e.id_hash = $4`,
			tx.Clinic(), key.Environment, key.Seq, key.Hash,
		).Scan(&id, &sealed)
	})
	if err != nil {
		return nil, tenants.Translate(err, "payload")
	}
	body, err = open("body", id, sealed)
	return body, tenants.Translate(err, "payload")
}
