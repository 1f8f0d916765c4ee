package glance

import (
	"context"
	"strings"
	"time"

	"patapay/api/rest"
	v1agenda "patapay/api/v1/agenda"
	"patapay/domain"
	"patapay/domain/asaas"
	"patapay/domain/glance"
	"patapay/tenants"
	"patapay/tenants/agenda"
	"patapay/tenants/connection"
	"patapay/tenants/ledger"
	"patapay/tenants/payers"
	"patapay/tenants/query"
)

// lastReceipts is how many receipts the first page shows.
const lastReceipts = 5

// firstDeadlines is how many entries of the agenda the first page shows.
const firstDeadlines = 5

type glanceInput struct{ rest.TenantPath }

type glanceOutput struct{ Body GlanceView }

func (s *Handler) getGlance(ctx context.Context, in *glanceInput) (out *glanceOutput, err error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	now := s.Instant()
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		view, err := s.ClinicView(ctx, tx, c)
		if err != nil {
			return err
		}
		r := reading{tx: tx, now: now, today: domain.Day(now.In(asaas.SaoPaulo).Format(time.DateOnly))}
		if err := r.readFacts(c); err != nil {
			return err
		}
		if err := r.readMoney(view); err != nil {
			return err
		}
		out = &glanceOutput{r.view()}
		return nil
	})
	return out, err
}

// reading is one glance, read in one transaction, so that its parts are of one instant.
type reading struct {
	tx       *tenants.Tx
	now      time.Time  // UTC
	today    domain.Day // in São Paulo
	facts    glance.Facts
	accounts map[domain.Account]domain.Money
	money    query.GlanceMoney
	receipts []query.Stored[domain.Invoice]
	agenda   []agenda.Entry
	names    map[string]payers.Payer // by the gateway's id; nil: the caller may see none
}

// readFacts reads what says whether all is well.
func (r *reading) readFacts(c tenants.Clinic) error {
	r.facts.Now, r.facts.ClinicState, r.facts.ClinicSince = r.now, c.State, c.StateSince
	conn, err := connection.Load(r.tx)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	r.facts.Connection, r.facts.ConnectionSince, r.facts.ConnectionReason = conn.State, conn.Since, conn.Reason
	if !conn.LossAt.IsZero() {
		r.facts.LossOn = domain.Day(conn.LossAt.In(asaas.SaoPaulo).Format(time.DateOnly))
	}
	checks, at, err := connection.Checks(r.tx)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return err
	}
	r.facts.CheckedAt = at
	for _, check := range checks {
		r.facts.Checks = append(r.facts.Checks, glance.Check{
			Name: check.Name, Status: check.Status, Action: check.Action, Since: check.Since,
		})
	}
	if err := query.KeptFacts(r.tx, &r.facts); err != nil {
		return err
	}
	first, err := agenda.List(r.tx, agenda.Filter{Open: true}, tenants.Page{Limit: firstDeadlines})
	if err != nil {
		return err
	}
	r.agenda = first.Rows
	return query.Doubts(r.tx, &r.facts)
}

// readMoney reads the sums and the last receipts, with the payers' names if the caller may see them.
func (r *reading) readMoney(view rest.ClinicView) (err error) {
	balances, err := ledger.TrialBalance(r.tx)
	if err != nil {
		return err
	}
	r.accounts = map[domain.Account]domain.Money{}
	for _, a := range balances {
		r.accounts[a.Account] = a.Balance()
	}
	if r.money, err = query.MoneyAtAGlance(r.tx, firstOfMonth(r.today, -1)); err != nil {
		return err
	}
	if r.receipts, err = query.LastReceipts(r.tx, lastReceipts); err != nil || !view.Personal {
		return err
	}
	r.names, err = payers.Payers(r.tx, view.Decryptor.Open, rest.Map(
		r.receipts, func(i query.Stored[domain.Invoice]) string { return i.Value.Customer },
	))
	return err
}

func (r *reading) view() GlanceView {
	conditions := r.facts.Conditions()
	state := r.facts.Connection
	if state == "" {
		state = domain.ConnectionDisconnected
	}
	return GlanceView{
		AsOf:         rest.TimeOrNull(r.facts.AsOf()),
		Today:        string(r.today),
		AllWell:      len(conditions) == 0,
		Conditions:   rest.Map(conditions, conditionOf),
		Connection:   rest.Word[domain.ConnectionState](state),
		LedgerFrom:   rest.TextOrNull(r.facts.LedgerFrom),
		BalanceCheck: balanceCheckOf(&r.facts),
		Balances:     r.balances(),
		Received:     r.received(),
		Overdue:      pileOf(r.money.Overdue),
		Denied:       pileOf(r.money.Denied),
		Reminders:    rest.Map(glance.RemindersOf(pilesOf(&r.money), r.facts.PutOff, r.today), reminderOf),
		Agenda:       rest.Map(r.agenda, v1agenda.DeadlineOf),
		AgendaAsOf:   rest.TimeOrNull(r.facts.AgendaAt),
		Receipts:     rest.Map(r.receipts, r.receipt),
	}
}

func conditionOf(c glance.Condition) ConditionView {
	return ConditionView{
		Kind:     rest.Word[glance.Kind](c.Kind),
		Subject:  rest.TextOrNull(c.Subject),
		Since:    rest.TimeOrNull(c.Since),
		Count:    c.Count,
		Amount:   rest.MoneyOrNull(c.Amount),
		Deadline: rest.TextOrNull(c.Deadline),
		Action:   rest.Word[glance.Action](c.Action),
	}
}

func balanceCheckOf(f *glance.Facts) BalanceCheckView {
	v := BalanceCheckView{State: rest.Word[glance.BalanceState](f.BalanceState())}
	if f.BalanceState() != glance.BalanceNever {
		v.CheckedAt = rest.TimeOrNull(f.Balance.CheckedAt)
		v.Difference = rest.Present(rest.MoneyOf(f.Balance.Difference()))
		v.Balance = rest.Present(rest.MoneyOf(f.Balance.Gateway))
	}
	return v
}

// receipt shows an invoice that was paid.
func (r *reading) receipt(i query.Stored[domain.Invoice]) ReceiptView {
	return ReceiptView{
		ID:                i.ID.Public("ivc"),
		AsaasID:           i.Value.ID,
		PaidAt:            rest.LocalTimeOrNull(i.Value.PaidAt),
		Customer:          rest.TextOrNull(i.Value.Customer),
		CustomerName:      rest.TextOrNull(r.names[i.Value.Customer].Name),
		ExternalReference: rest.TextOrNull(i.Value.ExternalReference),
		Method:            rest.TextOrNull(strings.ToLower(i.Value.Method)),
		Value:             rest.MoneyOrNull(i.Value.Value),
		NetValue:          rest.MoneyOrNull(i.Value.NetValue),
		ConfirmedBy:       i.Value.ConfirmedBy,
	}
}
