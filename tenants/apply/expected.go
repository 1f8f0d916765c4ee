package apply

import (
	"slices"

	"github.com/jackc/pgx/v5"

	"patapay/domain"
	"patapay/tenants/ledger"
)

// rival is a paid invoice of a reference that billing waits for.
type rival struct {
	payment string
	paidOn  domain.Day
}

// expecting is what billing said of the payments of a run.
type expecting struct {
	said    []ledger.ExpectedPayment
	rivals  map[string][]rival        // by reference: paid, as stored
	decided map[string]domain.Concern // by payment: what a person has settled already
}

// queueExpected asks what billing said of the payments, and which others of the same
// references are paid. A clinic of which it says nothing costs nothing.
func (w *run) queueExpected(b *pgx.Batch, names []entityName, fresh []*recordRow, into *expecting) {
	var ids []string
	for _, n := range names {
		if n.kind == domain.KindPayment {
			ids = append(ids, n.id)
		}
	}
	if !w.head.Expects || len(ids) == 0 {
		return
	}
	var references []string
	for _, f := range fresh {
		if p := f.Snapshot.Payment; p != nil && p.ExternalReference.V != "" {
			references = append(references, p.ExternalReference.V)
		}
	}
	const meant = ` WHERE x.clinic_id = $1 AND (x.asaas_id = ANY($2) OR x.external_reference = ANY($3) OR x.external_reference IN (
		SELECT r.record->>'externalReference' FROM records r WHERE r.clinic_id = $1 AND r.kind = 'payment' AND r.entity_id = ANY($2)))`
	b.Queue(`SELECT `+ledger.ExpectedColumns+` FROM expected_payments x`+meant, w.clinic, ids, references).Query(func(rows pgx.Rows) (err error) {
		into.said, err = pgx.CollectRows(rows, ledger.ScanExpected)
		return err
	})
	b.Queue(`SELECT kind, subject, amount FROM work_items WHERE clinic_id = $1 AND subject = ANY($2) AND outcome NOT IN ('', 'gone', 'explained')`, w.clinic, ids).Query(func(rows pgx.Rows) error {
		into.decided = map[string]domain.Concern{}
		var c domain.Concern
		_, err := pgx.ForEachRow(rows, []any{&c.Kind, &c.Subject, &c.Amount}, func() error {
			into.decided[c.Subject] = c
			return nil
		})
		return err
	})
	b.Queue(`SELECT x.external_reference, i.asaas_id, i.paid_on::text FROM expected_payments x
		JOIN invoices i ON i.clinic_id = x.clinic_id AND i.external_reference = x.external_reference AND i.paid_on IS NOT NULL`+meant, w.clinic, ids, references).Query(func(rows pgx.Rows) error {
		into.rivals = map[string][]rival{}
		var reference string
		var r rival
		_, err := pgx.ForEachRow(rows, []any{&reference, &r.payment, &r.paidOn}, func() error {
			into.rivals[reference] = append(into.rivals[reference], r)
			return nil
		})
		return err
	})
}

// of returns what billing said of the invoice; nil: nothing.
func (x *expecting) of(i *domain.Invoice) *ledger.ExpectedPayment {
	at := slices.IndexFunc(x.said, func(s ledger.ExpectedPayment) bool {
		return s.Payment == i.ID || i.ExternalReference != "" && s.Reference == i.ExternalReference
	})
	if at < 0 {
		return nil
	}
	return &x.said[at]
}

// note puts the folded invoices of the run in the place of the stored ones.
func (x *expecting) note(entities []*entity) {
	for _, e := range entities {
		i, payment := e.folded.value.(*domain.Invoice)
		if !payment || i.ExternalReference == "" || x.rivals == nil {
			continue
		}
		list := slices.DeleteFunc(x.rivals[i.ExternalReference], func(r rival) bool { return r.payment == i.ID })
		if day := i.ClientPaymentDate; day != "" {
			list = append(list, rival{i.ID, day})
		}
		x.rivals[i.ExternalReference] = list
	}
}

// expectation returns what billing's word means for the invoice, and the other paid
// invoices of its reference. Parts of one plan or subscription are no second payments; the
// first one is that of the earliest day, whatever came first.
func (x *expecting) expectation(i *domain.Invoice) (*domain.Expectation, []string) {
	said := x.of(i)
	if said == nil {
		return nil, nil
	}
	out := &domain.Expectation{Amount: said.Amount, Cancelled: said.Cancelled}
	if i.Installment != "" || i.Subscription != "" {
		return out, nil
	}
	var others []string
	day := i.ClientPaymentDate
	for _, r := range x.rivals[said.Reference] {
		if r.payment == i.ID {
			continue
		}
		others = append(others, r.payment)
		out.Second = out.Second || r.paidOn < day || r.paidOn == day && r.payment < i.ID
	}
	return out, others
}

// suspend moves the invoice's unexplained income to suspense. What a person has decided of
// it is nobody's concern any more.
func (x *expecting) suspend(facts []domain.Fact, i *domain.Invoice) (out []domain.Fact, concerns []domain.Concern, rivals []string) {
	if c, settled := x.decided[i.ID]; settled {
		out, _ = domain.Suspend(facts, i, asDecided(i, c))
		return out, nil, nil
	}
	said, rivals := x.expectation(i)
	out, concerns = domain.Suspend(facts, i, said)
	return out, concerns, rivals
}

// asDecided is the expectation under which a person took the payment's money out of
// suspense: what billing says afterwards must not take it out again.
func asDecided(i *domain.Invoice, c domain.Concern) *domain.Expectation {
	if c.Kind == domain.ConcernAmount {
		return &domain.Expectation{Amount: domain.Some(i.Value.V - i.InterestValue.V - c.Amount)}
	}
	return &domain.Expectation{Cancelled: true}
}
