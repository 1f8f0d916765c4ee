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

// queueExpected asks what people have decided of the payments, what billing said of them, and
// which others of the same references are paid.
func (w *run) queueExpected(b *pgx.Batch, names []entityName, fresh []*recordRow, into *expecting) {
	var ids []string
	for _, n := range names {
		if n.kind == domain.KindPayment {
			ids = append(ids, n.id)
		}
	}
	if len(ids) == 0 {
		return
	}
	queueDecided(b, w.clinic, ids, into)
	if !w.head.Expects {
		return
	}
	var references []string
	for _, f := range fresh {
		if p := f.Snapshot.Payment; p != nil && p.ExternalReference.V != "" {
			references = append(references, p.ExternalReference.V)
		}
	}
	const meant = ` WHERE x.clinic_id = $1 AND (x.asaas_id = ANY($2) OR x.external_reference = ANY($3)
		OR x.external_reference IN (SELECT r.record->>'externalReference' FROM records r
		  WHERE r.clinic_id = $1 AND r.kind = 'payment' AND r.entity_id = ANY($2)))`
	b.Queue(`SELECT `+ledger.ExpectedColumns+` FROM expected_payments x`+meant+` ORDER BY x.external_reference`,
		w.clinic, ids, references).Query(func(rows pgx.Rows) (err error) {
		into.said, err = pgx.CollectRows(rows, ledger.ScanExpected)
		return err
	})
	b.Queue(`SELECT x.external_reference, i.state FROM expected_payments x
		JOIN invoices i ON i.clinic_id = x.clinic_id AND i.paid_at IS NOT NULL AND (
		  i.external_reference = x.external_reference OR i.asaas_id = x.asaas_id AND x.asaas_id <> '')`+meant,
		w.clinic, ids, references).Query(func(rows pgx.Rows) error {
		into.rivals = map[string][]rival{}
		var reference string
		var state []byte
		_, err := pgx.ForEachRow(rows, []any{&reference, &state}, func() error {
			var i domain.Invoice
			if err := tenants.DecodeState(state, &i); err != nil {
				return err
			}
			if r, paid := rivalOf(&i); paid {
				into.rivals[reference] = append(into.rivals[reference], r)
			}
			return nil
		})
		return err
	})
}

// queueDecided asks what people have decided of the payments.
func queueDecided(b *pgx.Batch, clinic domain.ClinicID, ids []string, into *expecting) {
	b.Queue(`SELECT kind, subject, amount, outcome FROM work_items
		WHERE clinic_id = $1 AND subject = ANY($2) AND kind = ANY($3) AND outcome NOT IN ('', 'gone') ORDER BY id`, clinic, ids, domain.ConcernKinds()).Query(func(rows pgx.Rows) error {
		var c domain.Concern
		var outcome string
		_, err := pgx.ForEachRow(rows, []any{&c.Kind, &c.Subject, &c.Amount, &outcome}, func() error {
			if into.decided == nil {
				into.decided = map[string]decision{}
			}
			d := into.decided[c.Subject]
			if outcome != ledger.OutcomeExplained {
				d.moved += c.Amount
			} else if domain.Suspends(c.Kind) {
				d.kept = c
			}
			into.decided[c.Subject] = d
			return nil
		})
		return err
	})
}

// loadRivals loads the other payments of the references: what is told of one may make another of
// them the first, or the second. Clinics without such payments pay nothing for it.
func (p *prepared) loadRivals(w *run) error {
	own := map[string]bool{}
	names := make([]entityName, 0, len(p.entities))
	for _, e := range p.entities {
		names = append(names, e.name)
		own[e.name.id] = own[e.name.id] || e.name.kind == domain.KindPayment
	}
	var others []entityName
	for _, list := range p.expected.rivals {
		for _, r := range list {
			if !own[r.payment] {
				own[r.payment] = true
				others = append(others, entityName{domain.KindPayment, r.payment})
			}
		}
	}
	if len(others) == 0 {
		return nil
	}
	slices.SortFunc(others, func(a, b entityName) int { return cmp.Compare(a.id, b.id) })
	list, err := foldKnown(w, others, append(names, others...), p.fresh, &p.expected)
	p.rivals = list
	return err
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
