package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// hasFacts tells whether entities of this kind are booked.
func hasFacts(k domain.Kind) bool { return k == domain.KindPayment || k == domain.KindAnticipation }

// queueBooked asks for what is booked of the named entities, in the order of its key, for the reason that dueEvents has.
func (w *run) queueBooked(b *pgx.Batch, names []entityName, into map[entityName][]ledger.Booking) {
	var ids []string
	for _, n := range names {
		if hasFacts(n.kind) {
			ids = append(ids, n.id)
		}
	}
	if len(ids) == 0 {
		return
	}
	b.Queue(`SELECT `+ledger.BookingColumns+` FROM unnest($2::text[]) u(id)
		CROSS JOIN LATERAL (SELECT * FROM ledger_transactions t WHERE t.clinic_id = $1 AND t.subject = u.id ORDER BY t.fact, t.cycle LIMIT 1000000) t`+ledger.BookingLegs, w.clinic, ids).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, ledger.ScanBooking)
		for _, f := range found {
			n := entityName{f.Kind, f.Key.Subject}
			into[n] = append(into[n], f)
		}
		return err
	})
}

// book computes what the ledger of that head lacks of the entity, and what of it a person must
// look at.
func (e *entity) book(head *ledger.Head, said *expecting) {
	if !hasFacts(e.name.kind) {
		return
	}
	e.facts = domain.Facts(e.history)
	for i := range e.facts {
		e.facts[i].Key.Subject = e.name.id // also of records that carried no id
	}
	e.concerns = e.unbooked(head.From)
	e.facts = domain.Since(e.facts, head.From)
	if i, payment := e.folded.value.(*domain.Invoice); payment {
		e.concerns = append(e.concerns, domain.Reduced(i, e.facts)...)
		e.concerns = append(e.concerns, domain.Unexplained(i, e.facts, head.Fees)...)
		var concerns []domain.Concern
		e.facts, concerns = said.suspend(e.facts, i)
		e.concerns = append(e.concerns, concerns...)
	}
	e.concerns = append(e.concerns, domain.Doubts(e.facts)...)
	booked := make([]domain.Fact, len(e.booked))
	for i, b := range e.booked {
		booked[i] = b.Fact
	}
	e.missing = domain.Missing(e.facts, booked)
	for _, f := range e.missing {
		e.conflict = e.conflict || f.Key.IsCorrection()
	}
}

// unbooked returns what the entity's state tells of and its facts leave out, unless all of it was
// before the ledger began.
func (e *entity) unbooked(from domain.Day) []domain.Concern {
	switch v := e.folded.value.(type) {
	case *domain.Invoice:
		if v.StatusAt >= domain.LocalTime(from) && (v.PaymentDate == "" || v.PaymentDate >= from) {
			return domain.Unbooked(v, e.facts)
		}
	case *domain.Anticipation:
		if v.StatusAt >= domain.LocalTime(from) {
			return domain.UnbookedAdvance(v, e.facts)
		}
	}
	return nil
}

// queueLedger books what is missing of all entities: their transactions, then all legs in
// one statement.
func (w *run) queueLedger(b *pgx.Batch, entities []*entity) error {
	var s ledger.Rows
	for _, e := range entities {
		for _, f := range e.missing {
			booking, err := w.head.Seal(w.Ledger, w.clinic, w.now, e.name.kind, f)
			if err != nil {
				return err
			}
			s.Add(booking)
		}
		w.queueSources(b, e)
	}
	s.Queue(b, w.clinic)
	return nil
}

// queueSources notes other events that are seen to carry a fact that is booked.
func (w *run) queueSources(b *pgx.Batch, e *entity) {
	booked := map[domain.FactKey]ledger.Booking{}
	for _, have := range e.booked {
		booked[have.Key] = have
	}
	for _, f := range e.facts {
		if have, ok := booked[f.Key]; ok && have.By != f.By {
			b.Queue(
				`INSERT INTO fact_sources (clinic_id, no, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
				w.clinic, have.No, f.By.Bytes(),
			)
		}
	}
}
