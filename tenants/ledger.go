package tenants

import (
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
)

// hasFacts tells whether entities of this kind are booked.
func hasFacts(k domain.Kind) bool { return k == domain.KindPayment || k == domain.KindAnticipation }

// queueBooked asks for what is booked of the named entities.
func (w *wake) queueBooked(b *pgx.Batch, names []entityName, into map[entityName][]Booking) {
	var ids []string
	for _, n := range names {
		if hasFacts(n.kind) {
			ids = append(ids, n.id)
		}
	}
	if len(ids) == 0 {
		return
	}
	b.Queue(`SELECT `+bookingColumns+` FROM unnest($2::text[]) u(id)
		CROSS JOIN LATERAL (SELECT * FROM ledger_transactions t WHERE t.clinic_id = $1 AND t.subject = u.id OFFSET 0) t`+bookingLegs, w.clinic, ids).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, scanBooking)
		for _, f := range found {
			n := entityName{f.Kind, f.Key.Subject}
			into[n] = append(into[n], f)
		}
		return err
	})
}

// book computes what the ledger, which begins on from, lacks of the entity, and what of it
// a person must look at.
func (e *entity) book(from domain.Day, said *expecting) {
	if !hasFacts(e.name.kind) {
		return
	}
	e.facts = domain.Facts(e.history)
	for i := range e.facts {
		e.facts[i].Key.Subject = e.name.id // also of records that carried no id
	}
	e.facts = domain.Since(e.facts, from)
	if i, payment := e.folded.value.(*domain.Invoice); payment {
		e.facts, e.concerns, e.rivals = said.suspend(e.facts, i)
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

// queueLedger books what is missing of all entities: their transactions, then all legs in
// one statement.
func (w *wake) queueLedger(b *pgx.Batch, entities []*entity) {
	var s ledgerSheet
	for _, e := range entities {
		for _, f := range e.missing {
			s.add(w.head.seal(w.Ledger, w.clinic, w.now, e.name.kind, f))
		}
		w.queueSources(b, e)
	}
	s.queue(b, w.clinic)
}

// seal makes f the next booking of the clinic's chain.
func (h *clinicHead) seal(c LedgerChain, clinic domain.ClinicID, now time.Time, kind domain.Kind, f domain.Fact) Booking {
	b := Booking{Fact: f, No: h.no + 1, Kind: kind, Conflict: f.Key.IsCorrection(), BookedAt: now.Truncate(time.Microsecond)}
	b.hash = c.hash(clinic, h.hash, &b)
	h.no, h.hash = b.No, b.hash
	return b
}

// queueSources notes other events that are seen to carry a fact that is booked.
func (w *wake) queueSources(b *pgx.Batch, e *entity) {
	booked := map[domain.FactKey]Booking{}
	for _, have := range e.booked {
		booked[have.Key] = have
	}
	for _, f := range e.facts {
		if have, ok := booked[f.Key]; ok && have.By != f.By {
			b.Queue(`INSERT INTO fact_sources (clinic_id, no, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, w.clinic, have.No, f.By.Bytes())
		}
	}
}

// ledgerSheet gathers bookings as columns, for one INSERT a table.
type ledgerSheet struct {
	nos, legNos                []int64
	kinds, subjects, facts, at []string
	cycles                     []int32
	legCounts, legs            []int16
	conflicts                  []bool
	sources, hashes            [][]byte
	bookedAt                   []time.Time
	accounts                   []string
	amounts                    []int64
}

func (s *ledgerSheet) add(b Booking) {
	s.nos, s.kinds, s.subjects, s.facts = append(s.nos, b.No), append(s.kinds, string(b.Kind)), append(s.subjects, b.Key.Subject), append(s.facts, b.Key.Name)
	s.cycles, s.conflicts, s.at = append(s.cycles, int32(b.Key.Cycle)), append(s.conflicts, b.Conflict), append(s.at, string(b.At))
	s.sources, s.hashes, s.bookedAt = append(s.sources, b.By.Bytes()), append(s.hashes, b.hash), append(s.bookedAt, b.BookedAt)
	s.legCounts = append(s.legCounts, int16(len(b.Legs)))
	for i, l := range b.Legs {
		s.legNos, s.legs = append(s.legNos, b.No), append(s.legs, int16(i+1))
		s.accounts, s.amounts = append(s.accounts, string(l.Account)), append(s.amounts, int64(l.Amount))
	}
}

// queue writes the sheet.
func (s *ledgerSheet) queue(b *pgx.Batch, clinic domain.ClinicID) {
	if len(s.nos) == 0 {
		return
	}
	b.Queue(`INSERT INTO ledger_transactions (clinic_id, no, kind, subject, fact, cycle, legs, conflict, at, source, hash, booked_at)
		SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::smallint[], $8::boolean[], $9::text[], $10::bytea[], $11::bytea[], $12::timestamptz[])`,
		clinic, s.nos, s.kinds, s.subjects, s.facts, s.cycles, s.legCounts, s.conflicts, s.at, s.sources, s.hashes, s.bookedAt)
	b.Queue(`INSERT INTO ledger_entries (clinic_id, no, leg, account, amount) SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::bigint[])`,
		clinic, s.legNos, s.legs, s.accounts, s.amounts)
}
