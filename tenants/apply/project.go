package apply

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// prepared is a run's work, ready to be saved: rows decided, entities folded.
type prepared struct {
	rows     []*dueRow
	fresh    []*recordRow // records of webhook events seen here first
	entities []*entity
	expected expecting // what billing said of the payments
	orphans  []string  // payments that nobody has told of
	rivals   []*entity // other payments of the same references, which may change place with them
	stored
}

// stored is what is kept of some entities.
type stored struct {
	names       []entityName
	histories   map[entityName][]*recordRow
	projections map[entityName]*storedRow
	wants       map[entityName]want // reads that are asked for already
	booked      map[entityName][]ledger.Booking
}

// queueStored asks for all that is kept of the named entities: it is there when the batch was sent.
func queueStored(b *pgx.Batch, w *run, names []entityName) stored {
	s := stored{
		names,
		map[entityName][]*recordRow{},
		map[entityName]*storedRow{},
		map[entityName]want{},
		map[entityName][]ledger.Booking{},
	}
	w.queueRecords(b, names, s.histories)
	w.queueProjected(b, names, s.projections, s.wants)
	w.queueBooked(b, names, s.booked)
	return s
}

// entities returns them with their histories, not folded.
func (s *stored) entities() (list []*entity) {
	for _, n := range s.names {
		e := &entity{name: n, stored: s.projections[n], booked: s.booked[n]}
		for _, r := range s.histories[n] {
			e.history = append(e.history, r.Record)
		}
		list = append(list, e)
	}
	return list
}

// entity is one payment, checkout or anticipation with its history and what it folds to.
type entity struct {
	name    entityName
	history []domain.Record
	stored  *storedRow // the projection as it stands; nil: none
	folded  projection

	booked   []ledger.Booking // its facts in the ledger
	facts    []domain.Fact    // what its history proves
	concerns []domain.Concern
	missing  []domain.Fact // of that, what is to be booked
	conflict bool          // something booked had to be put right
}

// projection is what the save step needs of a folded entity.
type projection struct {
	shared  *domain.Projection
	value   any // domain.Invoice, Checkout or Anticipation, without its texts
	texts   []byte
	confirm bool // money moved by word of a webhook alone
	state   []byte
}

// prepare reads what the rows need, once for all, and folds.
func (w *run) prepare(rows []*dueRow) (*prepared, error) {
	p, err := extracted(w, rows)
	if err != nil {
		return nil, err
	}
	var b pgx.Batch
	if p.queueLoad(&b, w); b.Len() > 0 {
		if err := w.conn.SendBatch(w.ctx, &b).Close(); err != nil {
			return nil, err
		}
	}
	return p, p.fold(w)
}

// extracted reads the rows' bodies; rows of a suspended clinic are held.
func extracted(w *run, rows []*dueRow) (*prepared, error) {
	p := &prepared{rows: rows}
	if w.settings.suspended {
		for _, r := range rows {
			r.decide(domain.Held, "suspended")
		}
		return p, nil
	}
	for _, r := range rows {
		if r.gatewaySnapshot {
			continue
		}
		record, err := w.extract(r)
		if err != nil {
			return nil, err
		}
		if record != nil {
			p.fresh = append(p.fresh, record)
		}
	}
	return p, nil
}

// queueLoad asks for the histories, projections and read requests of the rows' entities; nothing, when they have none.
func (p *prepared) queueLoad(b *pgx.Batch, w *run) {
	names, payments := namesOf(p)
	if len(names) == 0 {
		return
	}
	p.stored = queueStored(b, w, names)
	w.queueExpected(b, names, p.fresh, &p.expected)
	w.queueOrphans(b, payments, &p.orphans)
}

// fold makes the entities of what was loaded, and folds them.
func (p *prepared) fold(w *run) error {
	noteUnseen(p.fresh, p.histories)
	for _, f := range p.fresh {
		p.histories[f.name] = append(p.histories[f.name], f)
	}
	p.entities = p.stored.entities()
	if err := p.loadRivals(w); err != nil {
		return err
	}
	return w.foldAll(p)
}

// namesOf returns the entities of the rows that are folded, each once, and the payments
// that anticipations among them speak of.
func namesOf(p *prepared) (names []entityName, payments []string) {
	seen := map[entityName]bool{}
	for _, r := range p.rows {
		if r.outcome == "" && !seen[r.name()] {
			seen[r.name()] = true
			names = append(names, r.name())
		}
	}
	for _, f := range p.fresh {
		if a := f.Snapshot.Anticipation; a != nil && a.Payment.V != "" {
			payments = append(payments, a.Payment.V)
		}
	}
	return names, payments
}

// foldAll folds every entity and settles its rows.
func (w *run) foldAll(p *prepared) error {
	byName := map[entityName][]*dueRow{}
	for _, r := range p.rows {
		if r.outcome == "" {
			byName[r.name()] = append(byName[r.name()], r)
		}
	}
	for _, e := range p.entities {
		if err := e.fold(); err != nil {
			return err
		}
	}
	p.expected.note(p.entities)
	for _, e := range p.rivals {
		e.book(&w.head, &p.expected)
	}
	for _, e := range p.entities {
		e.book(&w.head, &p.expected)
		effects := domain.Effects(e.history)
		for _, r := range byName[e.name] {
			r.decide(effects[r.key].Outcome, effects[r.key].Reason)
		}
	}
	return nil
}

// fold computes the entity's projection from its whole history.
func (e *entity) fold() (err error) {
	f := &e.folded
	switch e.name.kind {
	case domain.KindPayment:
		i, _ := domain.FoldInvoice(e.history)
		i.ID, f.texts, i.Texts = e.name.id, i.Texts, nil
		f.shared, f.value, f.confirm = &i.Projection, &i, i.NeedsConfirmation()
		f.state, err = tenants.EncodeState(i)
	case domain.KindCheckout:
		c, _ := domain.FoldCheckout(e.history)
		c.ID, f.texts, c.Texts = e.name.id, c.Texts, nil
		f.shared, f.value = &c.Projection, &c
		f.state, err = tenants.EncodeState(c)
	case domain.KindAnticipation:
		a, _ := domain.FoldAnticipation(e.history)
		a.ID, f.texts, a.Texts = e.name.id, a.Texts, nil
		f.shared, f.value, f.confirm = &a.Projection, &a, a.NeedsConfirmation()
		f.state, err = tenants.EncodeState(a)
	}
	return err
}

// firstSeen returns when the first record of the entity was received: the time in its id.
func (e *entity) firstSeen() time.Time {
	first := e.history[0].ReceivedAt
	for _, r := range e.history[1:] {
		if r.ReceivedAt.Before(first) {
			first = r.ReceivedAt
		}
	}
	return first
}

// queueAll queues everything: records, projections with their feed entries, requests for the
// names of their payers, bookings, read requests, the clinic's head, and the rows' marks.
func (w *run) queueAll(b *pgx.Batch, p *prepared) error {
	was := w.head
	w.queueNewRecords(b, p.fresh)
	if err := w.queueProjections(b, p.entities); err != nil {
		return err
	}
	if err := queueNameRequests(b, w, p.entities); err != nil {
		return err
	}
	w.queueFeed(b)
	booked := append(slices.Clone(p.entities), p.rivals...)
	if err := w.queueLedger(b, booked); err != nil {
		return err
	}
	w.queueHead(b, was)
	w.queueWorkItems(b, booked)
	w.queueReadRequests(b, p)
	w.queueForged(b, p)
	w.queueFirstEvent(b, p.rows)
	queueProbe(b, w, p.rows)
	w.mark(b, p.rows)
	return nil
}

// queueFirstEvent makes a connection active when the first delivery with its token and
// account was applied: a saved key proves nothing, a delivery does.
func (w *run) queueFirstEvent(b *pgx.Batch, rows []*dueRow) {
	if !w.settings.awaiting {
		return
	}
	for _, r := range rows {
		if !r.gatewaySnapshot && r.typ != domain.SelfCheck && r.outcome != domain.Held {
			b.Queue(
				`UPDATE connections SET state = 'active', since = $2, reason = '', next_action = '', first_event_at = $3, version = version + 1, updated_at = $2
				WHERE clinic_id = $1 AND state = 'awaiting_first_event'`,
				w.clinic, w.now, r.receivedAt,
			)
			b.Queue(
				`UPDATE guard_rounds SET next_at = $2 WHERE clinic_id = $1 AND next_at > $2`, w.clinic, w.now,
			) // to import what was there before
			return
		}
	}
}
