package apply

import (
	"cmp"
	"slices"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/ledger"
)

// rival is a payment of a reference that billing waits for, which is paid now: one that was
// given back, or that the gateway denies, is none.
type rival struct {
	payment string
	paidOn  domain.Day
	paidAt  domain.LocalTime
}

// before tells which of two payments came first: by the day of payment, by the time at which the
// gateway told of it, and only of two that came in one second by the id.
func (r rival) before(other rival) bool {
	return cmp.Or(cmp.Compare(r.paidOn, other.paidOn), cmp.Compare(r.paidAt, other.paidAt),
		cmp.Compare(r.payment, other.payment)) < 0
}

// rivalOf returns the invoice as a rival, and whether it is one now.
func rivalOf(i *domain.Invoice) (rival, bool) {
	r := rival{i.ID, i.ClientPaymentDate, i.PaidAt}
	if r.paidOn == "" && len(r.paidAt) >= 10 {
		r.paidOn = domain.Day(r.paidAt[:10])
	}
	return r, i.HoldsMoney() && r.paidOn != ""
}

// expecting is what billing said of the payments of a run.
type expecting struct {
	said    []ledger.ExpectedPayment
	rivals  map[string][]rival  // by reference: paid
	decided map[string]decision // by payment: what a person has settled already
}

// decision is what people have decided of a payment's money in suspense.
type decision struct {
	moved domain.Money   // out of suspense
	kept  domain.Concern // that stands right as it is
}

// queueDecided asks what people have decided of the payments; of one that has its id from another
// clinic's it tells too, which nobody asks.
func (list work) queueDecided(b *pgx.Batch) {
	n := list.askedPayments(func(*prepared) bool { return true })
	if len(n.ids) == 0 {
		return
	}
	type decided struct {
		domain.Concern
		outcome string
	}
	scan := func(row pgx.CollectableRow) (d decided, err error) {
		err = row.Scan(&d.Kind, &d.Subject, &d.Amount, &d.outcome)
		return d, err
	}
	b.Queue(
		`SELECT w.clinic_id, w.kind, w.subject, w.amount, w.outcome FROM unnest($1::integer[]) m(clinic)
		CROSS JOIN LATERAL (SELECT clinic_id, kind, subject, amount, outcome FROM work_items
		  WHERE clinic_id = m.clinic AND subject = ANY($2) AND kind = ANY($3)
		  AND outcome NOT IN ('', 'gone') ORDER BY id OFFSET 0) w`,
		slices.Compact(n.clinics), n.ids, domain.ConcernKinds(),
	).Query(func(rows pgx.Rows) error {
		return collect(list, rows, scan, func(p *prepared, d decided) { p.expected.decide(d.Concern, d.outcome) })
	})
}

// decide notes what a person has decided of a payment.
func (x *expecting) decide(c domain.Concern, outcome string) {
	if x.decided == nil {
		x.decided = map[string]decision{}
	}
	d := x.decided[c.Subject]
	if outcome != ledger.OutcomeExplained {
		d.moved += c.Amount
	} else if domain.Suspends(c.Kind) {
		d.kept = c
	}
	x.decided[c.Subject] = d
}

// askedPayments returns the payments of which billing's word is asked for, of clinics that do.
func (list work) askedPayments(does func(*prepared) bool) (c nameColumns) {
	for _, p := range list {
		for _, n := range p.asked {
			if n.kind == domain.KindPayment && does(p) {
				c.add(p.clinic, n)
			}
		}
	}
	return c
}

// queueExpected asks what billing said of the payments, and which others of the same references are paid, of clinics
// where billing says something.
func (list work) queueExpected(b *pgx.Batch) {
	payments := list.askedPayments(func(p *prepared) bool { return p.head.Expects })
	if len(payments.ids) == 0 {
		return
	}
	var told nameColumns // references that new records name
	for _, p := range list {
		for _, f := range p.fresh {
			if s := f.Snapshot.Payment; p.head.Expects && s != nil && s.ExternalReference.V != "" {
				told.add(p.clinic, entityName{id: s.ExternalReference.V})
			}
		}
	}
	// Each reference by its key, whichever way it is known.
	const meant = ` FROM (SELECT x.clinic_id AS clinic, x.external_reference AS reference
		    FROM unnest($1::integer[], $2::text[]) u(clinic, id)
		  JOIN expected_payments x ON x.clinic_id = u.clinic AND x.asaas_id = u.id AND x.asaas_id <> ''
		UNION SELECT t.clinic, t.reference FROM unnest($3::integer[], $4::text[]) t(clinic, reference)
		UNION SELECT r.clinic_id, r.record->>'externalReference' FROM unnest($1::integer[], $2::text[]) u(clinic, id)
		  JOIN records r ON r.clinic_id = u.clinic AND r.kind = 'payment' AND r.entity_id = u.id) m
		JOIN expected_payments x ON x.clinic_id = m.clinic AND x.external_reference = m.reference`
	b.Queue(`SELECT x.clinic_id, `+ledger.ExpectedColumns+meant+` ORDER BY x.clinic_id, x.external_reference`,
		payments.clinics, payments.ids, told.clinics, told.ids).Query(func(rows pgx.Rows) error {
		return collect(list, rows, ledger.ScanExpected, func(p *prepared, x ledger.ExpectedPayment) {
			p.expected.said = append(p.expected.said, x)
		})
	})
	b.Queue(`SELECT x.clinic_id, x.external_reference, i.state`+meant+`
		JOIN invoices i ON i.clinic_id = x.clinic_id AND i.paid_at IS NOT NULL AND (
		  i.external_reference = x.external_reference OR i.asaas_id = x.asaas_id AND x.asaas_id <> '')`,
		payments.clinics, payments.ids, told.clinics, told.ids).Query(func(rows pgx.Rows) error {
		for _, p := range list {
			if p.head.Expects {
				p.expected.rivals = map[string][]rival{}
			}
		}
		return collect(list, rows, scanRival, func(p *prepared, r referenced) {
			if r.isPaid {
				p.expected.rivals[r.reference] = append(p.expected.rivals[r.reference], r.rival)
			}
		})
	})
}

// referenced is a payment of a reference.
type referenced struct {
	rival
	reference string
	isPaid    bool
}

func scanRival(row pgx.CollectableRow) (r referenced, err error) {
	var state []byte
	if err = row.Scan(&r.reference, &state); err != nil {
		return r, err
	}
	var i domain.Invoice
	err = tenants.DecodeState(state, &i)
	r.rival, r.isPaid = rivalOf(&i)
	return r, err
}

// loadRivals loads the other payments of the references: what is told of one may make another of
// them the first, or the second. Clinics without such payments pay nothing for it.
func (list work) loadRivals() (err error) {
	var more work
	for _, p := range list {
		if others := p.otherPayments(); len(others) > 0 {
			q := asking(p.run, others...)
			q.asked, q.fresh = append(slices.Clone(p.asked), others...), p.fresh
			more = append(more, q)
		}
	}
	if len(more) == 0 {
		return nil
	}
	if err := more.ask(&pgx.Batch{}); err != nil {
		return err
	}
	for _, p := range list {
		for _, q := range more {
			if q.run != p.run {
				continue
			}
			if p.rivals, err = q.folded(); err != nil {
				return err
			}
			p.expected = q.expected
		}
	}
	return nil
}

// otherPayments returns the rivals that the part has no event of.
func (p *prepared) otherPayments() (others []entityName) {
	own := map[string]bool{}
	for _, n := range p.names {
		own[n.id] = own[n.id] || n.kind == domain.KindPayment
	}
	for _, list := range p.expected.rivals {
		for _, r := range list {
			if !own[r.payment] {
				own[r.payment] = true
				others = append(others, entityName{domain.KindPayment, r.payment})
			}
		}
	}
	slices.SortFunc(others, func(a, b entityName) int { return cmp.Compare(a.id, b.id) })
	return others
}

// of returns what billing said of the invoice; nil: nothing. That it names the invoice counts
// before the invoice's own reference.
func (x *expecting) of(i *domain.Invoice) *ledger.ExpectedPayment {
	at := slices.IndexFunc(x.said, func(s ledger.ExpectedPayment) bool { return s.Payment == i.ID })
	if at < 0 && i.ExternalReference != "" {
		at = slices.IndexFunc(x.said, func(s ledger.ExpectedPayment) bool { return s.Reference == i.ExternalReference })
	}
	if at < 0 {
		return nil
	}
	return &x.said[at]
}

// note puts the folded invoices of the run in the place of the stored ones.
func (x *expecting) note(entities []*entity) {
	for _, e := range entities {
		i, payment := e.folded.value.(*domain.Invoice)
		if !payment || x.rivals == nil {
			continue
		}
		for reference, list := range x.rivals {
			x.rivals[reference] = slices.DeleteFunc(list, func(r rival) bool { return r.payment == i.ID })
		}
		said := x.of(i)
		if r, paid := rivalOf(i); paid && said != nil {
			x.rivals[said.Reference] = append(x.rivals[said.Reference], r)
		}
	}
}

// expectation returns what billing's word means for the invoice. Parts of one plan or
// subscription are no second payments; the first one is the one that was paid first, whatever
// came first, of those that are paid now.
func (x *expecting) expectation(i *domain.Invoice) *domain.Expectation {
	said := x.of(i)
	if said == nil {
		return nil
	}
	out := &domain.Expectation{Amount: said.Amount, Cancelled: said.Cancelled}
	own, paid := rivalOf(i)
	if i.Installment != "" || i.Subscription != "" || !paid {
		return out
	}
	for _, r := range x.rivals[said.Reference] {
		out.Second = out.Second || r.payment != own.payment && r.before(own)
	}
	return out
}

// suspend moves the invoice's unexplained income to suspense. What a person has decided of
// it is nobody's concern any more.
func (x *expecting) suspend(facts []domain.Fact, i *domain.Invoice) (out []domain.Fact, concerns []domain.Concern) {
	switch d, decided := x.decided[i.ID]; {
	case decided && d.moved != 0:
		return domain.SuspendDecided(facts, d.moved), nil
	case decided && d.kept.Kind != "":
		out, _ = domain.Suspend(facts, i, asDecided(i, d.kept))
		return out, nil
	}
	return domain.Suspend(facts, i, x.expectation(i))
}

// asDecided is the expectation under which a person called the payment's money right as it
// stands: what billing says afterwards must not move it.
func asDecided(i *domain.Invoice, c domain.Concern) *domain.Expectation {
	if c.Kind == domain.ConcernAmount {
		return &domain.Expectation{Amount: domain.Some(i.Value.V - i.InterestValue.V - c.Amount)}
	}
	return &domain.Expectation{Cancelled: true}
}
