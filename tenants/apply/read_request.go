package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
)

// want is a read of an entity from the gateway that is asked for.
type want struct {
	reason  domain.ReadReason
	open    bool // due some day; else kept for the time of the last read
	answers int  // about the entity, since its last event
}

// queueOrphans asks which payments that anticipations speak of have no record yet.
func (list work) queueOrphans(b *pgx.Batch) {
	var n nameColumns
	for _, p := range list {
		for _, payment := range p.payments {
			if p.settings.confirm {
				n.add(p.clinic, entityName{domain.KindPayment, payment})
			}
		}
	}
	if len(n.ids) == 0 {
		return
	}
	b.Queue(`SELECT DISTINCT u.clinic, u.id FROM unnest($1::integer[], $2::text[]) u(clinic, id)
		WHERE (SELECT true FROM records r
		  WHERE r.clinic_id = u.clinic AND r.kind = 'payment' AND r.entity_id = u.id LIMIT 1) IS NULL`,
		n.clinics, n.ids).Query(func(rows pgx.Rows) error {
		return collect(list, rows, pgx.RowTo[string], func(p *prepared, id string) { p.orphans = append(p.orphans, id) })
	})
}

// readRows gathers reads to ask for, and those to take back.
type readRows struct {
	asked, ended nameColumns
	reasons      []string
	at           []time.Time
	anew         []bool
	orphans      nameColumns
	orphansAt    []time.Time
}

// addReadRequests asks for the reads that the folded entities need, and takes back those
// that they no longer do. A read for an unverified delivery or a variant is taken back by nobody.
func (p *prepared) addReadRequests(s *saving) {
	r := &s.reads
	inBatch, told := map[entityName]bool{}, toldOf(p)
	for _, e := range p.entities {
		inBatch[e.name] = true
		reason := e.wanted(p.settings.confirm)
		have, delay := p.wants[e.name], reason.After()
		if told[e.name] {
			have.answers = 0
		} else if have.answers > 0 && have.answers < mostReads {
			delay = max(delay, readSpacing[have.answers])
		}
		switch {
		case reason != "" && (!have.open || told[e.name]) && have.answers < mostReads:
			r.asked.add(p.clinic, e.name)
			r.reasons, r.at = append(r.reasons, string(reason)), append(r.at, p.now.Add(delay))
			r.anew = append(r.anew, told[e.name])
		case reason == "" && have.open && !have.reason.Kept():
			r.ended.add(p.clinic, e.name)
		}
	}
	for _, payment := range p.orphans {
		if n := (entityName{domain.KindPayment, payment}); !inBatch[n] {
			r.orphans.add(p.clinic, n)
			r.orphansAt = append(r.orphansAt, p.now.Add(domain.ReadOrphan.After()))
		}
	}
}

func (r *readRows) queue(b *pgx.Batch) {
	if len(r.at) > 0 {
		b.Queue(`SELECT request_read(u.clinic, u.kind, u.id, u.reason, u.at, $7, u.anew)
			FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::boolean[])
			  u(clinic, kind, id, reason, at, anew)`,
			r.asked.clinics, r.asked.kinds, r.asked.ids, r.reasons, r.at, r.anew, mostReads)
	}
	if n := r.ended; len(n.ids) > 0 {
		b.Queue(
			`UPDATE truth_wants w SET due_at = 'infinity' FROM unnest($1::integer[], $2::text[], $3::text[]) u(clinic, kind, id)
			WHERE w.clinic_id = u.clinic AND w.kind = u.kind AND w.entity_id = u.id`,
			n.clinics, n.kinds, n.ids,
		)
	}
	if n := r.orphans; len(n.ids) > 0 {
		b.Queue(
			`SELECT want_truth(u.clinic, 'payment', u.id, $4, u.at)
			FROM unnest($1::integer[], $2::text[], $3::timestamptz[]) u(clinic, id, at)`,
			n.clinics, n.ids, r.orphansAt, domain.ReadOrphan,
		)
	}
}

// toldOf returns the entities that an event of this run tells of, or that a person has applied anew: their reads begin
// anew. An answer to a read is no such event: it uses one up.
func toldOf(p *prepared) map[entityName]bool {
	told := map[entityName]bool{}
	for _, r := range p.rows {
		if p.replay != nil || !r.gatewaySnapshot {
			told[r.name()] = true
		}
	}
	return told
}

// wanted returns why the entity should be read from the gateway; "" when it should not.
func (e *entity) wanted(confirm bool) domain.ReadReason {
	switch doubt := e.folded.shared.NeedsTruth; {
	case doubt != "":
		return domain.ReadReason(doubt)
	case e.conflict && confirm:
		return domain.ReadLedger
	case e.folded.confirm && confirm:
		return domain.ReadConfirm
	}
	return ""
}

// UseUpRead notes an answer about the entity that told nothing of it, such as a 403: it is asked again later each time,
// and after mostReads answers not before an event or a person asks. It returns when, the zero time for never.
func UseUpRead(tx *tenants.Tx, t ReadTask, now time.Time, why string) (again time.Time, err error) {
	if n := t.Answers + 1; n < mostReads {
		again = now.Add(readSpacing[n])
	}
	err = tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(),
			`UPDATE truth_wants SET answers = answers + 1, due_at = coalesce($5::timestamptz, 'infinity'), last_error = $6
			WHERE clinic_id = $1 AND kind = $2 AND entity_id = $3 AND tries = $4`,
			tx.Clinic(), string(t.Kind), t.Entity, t.Tries, tenants.OrNull(again), why,
		)
		return err
	})
	return again, tenants.Translate(err, "read requests")
}

// PauseReads keeps the clinic's reads back until an instant: its account answers none. Nothing of any entity is used
// up.
func PauseReads(tx *tenants.Tx, until time.Time, why string) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `INSERT INTO read_pauses AS p (clinic_id, paused_until, reason) VALUES ($1, $2, $3)
			ON CONFLICT (clinic_id) DO UPDATE SET paused_until = greatest(p.paused_until, excluded.paused_until),
			  reason = excluded.reason`,
			tx.Clinic(), until, why)
		return err
	}), "read pause")
}

// ReadAnew ends a pause and begins the reads anew that refusals used up: the key is another one, or may read what it
// might not. What Asaas does not know stays as it is.
func ReadAnew(tx *tenants.Tx, now time.Time) error {
	err := tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `UPDATE truth_wants SET answers = 0, due_at = $2, last_error = ''
			WHERE clinic_id = $1 AND answers > 0 AND last_error <> ''`, tx.Clinic(), now)
		return err
	})
	if err != nil {
		return tenants.Translate(err, "read requests")
	}
	return ResumeReads(tx)
}

// ResumeReads ends a pause: the account answers.
func ResumeReads(tx *tenants.Tx) error {
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(tx.Context(), `DELETE FROM read_pauses WHERE clinic_id = $1`, tx.Clinic())
		return err
	}), "read pause")
}

// GiveBackReads makes tasks due again that were taken and not asked.
func GiveBackReads(tx *tenants.Tx, tasks []ReadTask) error {
	kinds, ids := make([]string, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		kinds[i], ids[i] = string(t.Kind), t.Entity
	}
	return tenants.Translate(tx.Conn(func(c *pgx.Conn) error {
		_, err := c.Exec(
			tx.Context(),
			`UPDATE truth_wants w SET due_at = w.fetched_at FROM unnest($2::text[], $3::text[]) u(kind, id)
			WHERE w.clinic_id = $1 AND w.kind = u.kind AND w.entity_id = u.id AND w.due_at < 'infinity'`,
			tx.Clinic(), kinds, ids,
		)
		return err
	}), "read requests")
}
