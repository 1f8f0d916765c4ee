package apply

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// prepared is a clinic's part of a run, ready to be saved: rows decided, entities folded.
type prepared struct {
	*run
	rows     []*dueRow
	fresh    []*recordRow // records of webhook events seen here first
	payments []string     // that anticipations among them speak of
	entities []*entity
	asked    []entityName // entities of which billing's word is asked for
	expected expecting    // what billing said of them
	orphans  []string     // payments that nobody has told of
	rivals   []*entity    // other payments of the same references, which may change place with them
	stored
}

// work is the clinics' parts of one transaction, in the order of their numbers.
type work []*prepared

// stored is what is kept of some entities.
type stored struct {
	names       []entityName
	histories   map[entityName][]*recordRow
	projections map[entityName]*storedRow
	wants       map[entityName]want // reads that are asked for already
	booked      map[entityName][]ledger.Booking
}

// asking returns a part that asks what is kept of the named entities.
func asking(w *run, names ...entityName) *prepared {
	return &prepared{run: w, asked: names, stored: stored{
		names: names, histories: map[entityName][]*recordRow{}, projections: map[entityName]*storedRow{},
		wants: map[entityName]want{}, booked: map[entityName][]ledger.Booking{},
	}}
}

// ask reads all that is kept of the clinics' entities, behind what the batch has already: one round trip, or none where
// there is nothing to ask.
func (list work) ask(b *pgx.Batch) error {
	before := b.Len()
	list.queueRecords(b)
	list.queueProjected(b)
	list.queueBooked(b)
	list.queueDecided(b)
	list.queueExpected(b)
	list.queueOrphans(b)
	if b.Len() == before {
		return nil
	}
	return list[0].conn.SendBatch(list[0].ctx, b).Close()
}

// nameColumns are entities of several clinics.
type nameColumns struct {
	clinics    []int32
	kinds, ids []string
}

func (c *nameColumns) add(clinic domain.ClinicID, n entityName) {
	c.clinics, c.kinds, c.ids = append(c.clinics, int32(clinic)), append(c.kinds, string(n.kind)), append(c.ids, n.id)
}

// named returns the entities that are asked for, of kinds that do.
func (list work) named(does func(domain.Kind) bool) (c nameColumns) {
	for _, p := range list {
		for _, n := range p.names {
			if does(n.kind) {
				c.add(p.clinic, n)
			}
		}
	}
	return c
}

// folded returns them with their histories, folded.
func (s *stored) folded() (list []*entity, err error) {
	for _, n := range s.names {
		e := &entity{name: n, stored: s.projections[n], booked: s.booked[n]}
		for _, r := range s.histories[n] {
			e.history = append(e.history, r.Record)
		}
		if err := e.fold(); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
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
func (w *run) prepare(rows []*dueRow) (work, error) {
	p, err := extracted(w, rows)
	if err != nil {
		return nil, err
	}
	list := work{p}
	if err := list.ask(&pgx.Batch{}); err != nil {
		return nil, err
	}
	return list, list.fold()
}

// extracted reads the rows' bodies; rows of a suspended clinic are held.
func extracted(w *run, rows []*dueRow) (*prepared, error) {
	var fresh []*recordRow
	for _, r := range rows {
		if w.settings.suspended {
			r.decide(domain.Held, "suspended")
		}
		if w.settings.suspended || r.gatewaySnapshot {
			continue
		}
		record, err := w.extract(r)
		if err != nil {
			return nil, err
		}
		if record != nil {
			fresh = append(fresh, record)
		}
	}
	p := asking(w, namesOf(rows)...)
	p.rows, p.fresh = rows, fresh
	for _, f := range fresh {
		if a := f.Snapshot.Anticipation; a != nil && a.Payment.V != "" {
			p.payments = append(p.payments, a.Payment.V)
		}
	}
	return p, nil
}

// fold makes the entities of what was loaded, and folds them.
func (list work) fold() (err error) {
	for _, p := range list {
		noteUnseen(p.fresh, p.histories)
		for _, f := range p.fresh {
			p.histories[f.name] = append(p.histories[f.name], f)
		}
		if p.entities, err = p.folded(); err != nil {
			return err
		}
	}
	if err := list.loadRivals(); err != nil {
		return err
	}
	for _, p := range list {
		p.settle()
	}
	return nil
}

// namesOf returns the entities of the rows that are folded, each once.
func namesOf(rows []*dueRow) (names []entityName) {
	seen := map[entityName]bool{}
	for _, r := range rows {
		if r.outcome == "" && !seen[r.name()] {
			seen[r.name()] = true
			names = append(names, r.name())
		}
	}
	return names
}

// settle books the folded entities and decides their rows.
func (p *prepared) settle() {
	byName := map[entityName][]*dueRow{}
	for _, r := range p.rows {
		if r.outcome == "" {
			byName[r.name()] = append(byName[r.name()], r)
		}
	}
	p.expected.note(p.entities)
	for _, e := range p.rivals {
		e.book(&p.head, &p.expected)
	}
	for _, e := range p.entities {
		e.book(&p.head, &p.expected)
		effects := domain.Effects(e.history)
		for _, r := range byName[e.name] {
			r.decide(effects[r.key].Outcome, effects[r.key].Reason)
		}
	}
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
