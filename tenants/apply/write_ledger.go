package apply

import (
	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// hasFacts tells whether entities of this kind are booked.
func hasFacts(k domain.Kind) bool { return k == domain.KindPayment || k == domain.KindAnticipation }

// queueBooked asks for what is booked of the entities, in the order of its key, for the reason that dueEvents has.
func (list work) queueBooked(b *pgx.Batch) {
	n := list.named(hasFacts)
	if len(n.ids) == 0 {
		return
	}
	b.Queue(`SELECT t.clinic_id, `+ledger.BookingColumns+` FROM unnest($1::integer[], $2::text[]) u(clinic, id)
		CROSS JOIN LATERAL (SELECT * FROM ledger_transactions t WHERE t.clinic_id = u.clinic AND t.subject = u.id
		  ORDER BY t.fact, t.cycle LIMIT 1000000) t`+ledger.BookingLegs,
		n.clinics, n.ids).Query(func(rows pgx.Rows) error {
		return collect(list, rows, ledger.ScanBooking, func(p *prepared, f ledger.Booking) {
			n := entityName{f.Kind, f.Key.Subject}
			p.booked[n] = append(p.booked[n], f)
		})
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

// addBooked has booked what is missing of the entities, and written what a person must look at of them. The clinic's
// head was as was before the run moved it.
func (w *run) addBooked(s *saving, was ledger.Head, entities []*entity) error {
	for _, e := range entities {
		for _, f := range e.missing {
			booking, err := w.head.Seal(w.Ledger, w.clinic, w.now, e.name.kind, f)
			if err != nil {
				return err
			}
			s.ledger.Add(w.clinic, booking)
		}
		s.sources.add(w.clinic, e)
	}
	s.heads.add(w.clinic, was, w.head)
	s.items.add(w.clinic, w.now, entities)
	return nil
}

// sourceRows gathers other events that are seen to carry a fact that is booked.
type sourceRows struct {
	clinics []int32
	nos     []int64
	sources [][]byte
}

func (s *sourceRows) add(clinic domain.ClinicID, e *entity) {
	booked := map[domain.FactKey]ledger.Booking{}
	for _, have := range e.booked {
		booked[have.Key] = have
	}
	for _, f := range e.facts {
		if have, ok := booked[f.Key]; ok && have.By != f.By {
			s.clinics, s.nos = append(s.clinics, int32(clinic)), append(s.nos, have.No)
			s.sources = append(s.sources, f.By.Bytes())
		}
	}
}

func (s *sourceRows) queue(b *pgx.Batch) {
	if len(s.nos) > 0 {
		b.Queue(
			`INSERT INTO fact_sources (clinic_id, no, source) SELECT u.clinic, u.no, u.source
			FROM unnest($1::integer[], $2::bigint[], $3::bytea[]) u(clinic, no, source) ON CONFLICT DO NOTHING`,
			s.clinics, s.nos, s.sources,
		)
	}
}
