package domain

import (
	"strconv"
	"strings"
)

// paymentBook walks the records of one payment and books what they prove (docs/architecture.md,
// ledger).
type paymentBook struct {
	book
	status     string
	value, net Opt[Money] // as last shown
	gross, got Money      // value and net as booked
	settled    bool       // the money has reached the balance
}

// addRecord books what r adds.
func (p *paymentBook) addRecord(r *Record) {
	s := r.Snapshot.Payment
	if s == nil || r.GatewaySnapshot != nil && !r.GatewaySnapshot.Found {
		return
	}
	if id, ok := s.ID.Get(); ok && p.subject == "" {
		p.subject = id
	}
	merge(&p.value, s.Value)
	merge(&p.net, s.NetValue)
	if raw, ok := s.Status.Get(); ok {
		p.status = raw
	}
	if r.GatewaySnapshot != nil {
		p.contradict(r, s)
	}
	p.cash(r, s)
	if p.recognise(r, s) {
		p.credit(r, s)
		p.refunds(r, s)
		p.dispute(r, s)
		p.credit(r, s) // what a won dispute gives back
	}
}

// paid tells whether the status says that the payer has paid through the gateway. A card
// authorised and let go also ends REFUNDED: there a refund or a date must show the money.
func (p *paymentBook) paid(s *PaymentSnapshot) bool {
	switch invoiceStatusOf(p.status) {
	case InvoiceConfirmed, InvoiceReceived, InvoiceCollected, InvoiceRefunding, InvoiceDisputed:
		return true
	case InvoiceRefunded:
		return s.Refunded() != 0 || s.ConfirmedDate.V != "" || s.PaymentDate.V != "" || disputed(s)
	}
	return false
}

// arrived tells whether the money has reached the balance: the status says so, or the
// payment's date does, which is null until then.
func (p *paymentBook) arrived(s *PaymentSnapshot) bool {
	switch invoiceStatusOf(p.status) {
	case InvoiceReceived, InvoiceCollected:
		return true
	case InvoiceRefunding, InvoiceRefunded, InvoiceDisputed:
		return s.PaymentDate.V != ""
	}
	return false
}

// recognise books the sale once, and tells whether there is one.
func (p *paymentBook) recognise(r *Record, s *PaymentSnapshot) bool {
	if p.live(FactRecognise) > 0 {
		return true
	}
	value, net := p.value.V, p.net.V
	if _, known := p.net.Get(); !known || !p.paid(s) || net > value { // Unbooked tells of what stays out
		return false
	}
	p.gross, p.got = value, net
	return p.add(
		r, FactRecognise, firstDay(s.ConfirmedDate.V, s.ClientPaymentDate.V, s.PaymentDate.V),
		Leg{AccountReceivable, net}, Leg{AccountFee, value - net}, Leg{AccountSales, -value},
	)
}

// credit moves the receivable into the balance, at the amounts that are settled.
func (p *paymentBook) credit(r *Record, s *PaymentSnapshot) {
	arrived := p.arrived(s)
	if r.GatewaySnapshot != nil || arrived && !p.settled {
		p.adjust(r, s)
	}
	open := p.balance(AccountReceivable)
	if (arrived || p.settled) && open != 0 { // below zero: a fee above the amount
		p.add(r, FactCredit, creditDay(s), Leg{AccountAvailable, open}, Leg{AccountReceivable, -open})
	}
	p.settled = p.settled || arrived
}

// adjust books the difference to the amounts booked so far. A net value that is lower
// only because the payment was advanced is not one: that fee is the anticipation's.
func (p *paymentBook) adjust(r *Record, s *PaymentSnapshot) {
	value, net := p.value.V, p.net.V
	if net > value || !p.paid(s) {
		return
	}
	if s.Anticipated.V && value == p.gross && net < p.got {
		return
	}
	more, moreNet := value-p.gross, net-p.got
	p.add(
		r, FactAdjust, p.adjustDay(s), Leg{AccountReceivable, moreNet}, Leg{AccountFee, more - moreNet},
		Leg{AccountSales, -more},
	)
	p.gross, p.got = value, net
}

// adjustDay returns when other amounts than the booked ones became true: with the credit,
// else when they are told.
func (p *paymentBook) adjustDay(s *PaymentSnapshot) Day {
	if p.arrived(s) {
		return creditDay(s)
	}
	return ""
}

// creditDay returns the day on which the money reached the balance.
func creditDay(s *PaymentSnapshot) Day { return firstDay(s.CreditDate.V, s.PaymentDate.V) }

// firstDay returns the first of the days that is known.
func firstDay(days ...Day) Day {
	for _, d := range days {
		if d != "" {
			return d
		}
	}
	return ""
}

// dayOf returns the day of t, "" when it has none.
func dayOf(t LocalTime) Day {
	if len(t) < 10 || !ValidDay(string(t[:10])) {
		return ""
	}
	return Day(t[:10])
}

// cash books money received outside the gateway, and its undoing, as often as it happens.
func (p *paymentBook) cash(r *Record, s *PaymentSnapshot) {
	undone := r.Type == "PAYMENT_RECEIVED_IN_CASH_UNDONE"
	in, day := p.balance(AccountCashDrawer), firstDay(s.PaymentDate.V, s.ClientPaymentDate.V)
	switch {
	case in == 0 && (p.status == "RECEIVED_IN_CASH" || undone && p.count[FactCash] == 0): // undone proves that it was done
		in = p.value.V
		p.add(r, FactCash, day, Leg{AccountCashDrawer, in}, Leg{AccountSales, -in})
	case p.status == "RECEIVED_IN_CASH" && r.GatewaySnapshot != nil && p.value.V != in:
		p.add(r, FactCash, day, Leg{AccountCashDrawer, p.value.V - in}, Leg{AccountSales, in - p.value.V})
	}
	if undone || p.status == "PENDING" || p.status == "OVERDUE" {
		p.add(r, FactCashUndone, "", Leg{AccountCashDrawer, -in}, Leg{AccountSales, in})
	}
}

// disputed tells whether the snapshot shows a dispute that is not won.
func disputed(s *PaymentSnapshot) bool {
	switch s.Chargeback.V.Status {
	case "REQUESTED", "IN_DISPUTE", "DISPUTE_LOST":
		return true
	}
	return false
}

// dispute books the money that a chargeback takes, and how that ends. What was credited
// already is taken when the statement says so: until then it stands in clearing.
func (p *paymentBook) dispute(r *Record, s *PaymentSnapshot) {
	if p.live(FactLost) > 0 {
		return
	}
	now, lost := invoiceStatusOf(p.status), p.lost(s)
	if (now == InvoiceDisputed || lost) && p.balance(AccountHold) == 0 {
		p.hold(r, disputeDay(r, s))
	}
	hold := p.balance(AccountHold)
	switch {
	case hold == 0:
	case lost:
		p.add(r, FactLost, late(r, s), Leg{AccountLoss, hold}, Leg{AccountHold, -hold})
	case now == InvoiceConfirmed || now == InvoiceReceived:
		p.add(r, FactWon, late(r, s), reversed(p.newest(FactHold).Legs)...)
	}
}

// disputeDay returns when a dispute began, as far as anything tells.
func disputeDay(r *Record, s *PaymentSnapshot) Day {
	return firstDay(s.Chargeback.V.DisputeStart, late(r, s))
}

// late returns the day of the money in dispute when only a late answer tells of it: an
// account's first reads are full of disputes that ended long ago. Money that never came
// has the day it was paid; its credit date is one that passed without a credit, or that
// is yet to come. An event carries the instant itself.
func late(r *Record, s *PaymentSnapshot) Day {
	if r.GatewaySnapshot == nil {
		return ""
	}
	return firstDay(s.PaymentDate.V, s.ConfirmedDate.V)
}

// lost tells whether the payment ended in a dispute that the clinic lost.
func (p *paymentBook) lost(s *PaymentSnapshot) bool {
	return p.live(FactLost) > 0 || p.status == "REFUNDED" && (p.balance(AccountHold) != 0 || disputed(s))
}

// hold books the start of a dispute over what is left of the payment.
func (p *paymentBook) hold(r *Record, day Day) {
	if open := p.balance(AccountReceivable); open > 0 {
		p.add(r, FactHold, day, Leg{AccountHold, open}, Leg{AccountReceivable, -open})
	} else if left := p.gross - p.balance(AccountRefunds); left > 0 {
		p.add(r, FactHold, day, Leg{AccountHold, left}, Leg{AccountDispute, -left})
	}
}

// newest returns the last fact in force of that name.
func (p *paymentBook) newest(name string) (f Fact) {
	for _, have := range p.facts {
		if have.Key.Name == name && !p.voided[have.Key] {
			f = have
		}
	}
	return f
}

// refunds books the refunds that are done. What a lost dispute took is none.
func (p *paymentBook) refunds(r *Record, s *PaymentSnapshot) {
	if p.lost(s) {
		return
	}
	seen := map[string]int{}
	for _, refund := range s.Refunds.V {
		value, ok := refund.Value.Get()
		if !ok || refund.Status != RefundDone {
			continue
		}
		name := refundName(refund)
		if seen[name]++; seen[name] > p.live(name) {
			p.refund(r, name, refundDay(r, refund), value)
		}
	}
}

// refund takes the money from the balance, or, before it arrived, from the receivable;
// whether the fee comes back then, only the statement tells.
func (p *paymentBook) refund(r *Record, name string, day Day, value Money) {
	if p.settled {
		p.add(r, name, day, Leg{AccountRefunds, value}, Leg{AccountAvailable, -value})
		return
	}
	open := min(value, max(p.balance(AccountReceivable), 0))
	p.add(r, name, day, Leg{AccountRefunds, value}, Leg{AccountReceivable, -open}, Leg{AccountRefundFee, open - value})
}

// refundDay returns the day on which a refund moved money: "" with its own event, which
// comes then. Its dateCreated may be days before, when it was asked for.
func refundDay(r *Record, refund Refund) Day {
	switch {
	case r.Type == "PAYMENT_REFUNDED" || r.Type == "PAYMENT_PARTIALLY_REFUNDED":
		return ""
	case refund.EffectiveAt != "":
		return dayOf(refund.EffectiveAt)
	}
	return dayOf(refund.CreatedAt)
}

func refundName(r Refund) string {
	return refundPrefix + string(r.CreatedAt) + ":" + strconv.FormatInt(int64(r.Value.V), 10)
}

// contradict takes back what the gateway's own answer denies. When it denies how far the
// payment has come, everything is taken back and booked anew from the answer.
func (p *paymentBook) contradict(r *Record, s *PaymentSnapshot) {
	isCash := func(name string) bool { return name == FactCash || name == FactCashUndone }
	unpaid := !p.paid(s) && p.status != "REFUNDED"
	if p.status != "RECEIVED_IN_CASH" && p.status != "PENDING" && p.status != "OVERDUE" &&
		p.balance(AccountCashDrawer) != 0 {
		p.voidAll(r, isCash)
	}
	back := p.status == "CONFIRMED" && s.PaymentDate.V == "" && p.settled
	found := p.status != "REFUNDED" && p.live(FactLost) > 0
	if p.live(FactRecognise) > 0 && (unpaid || back || found) {
		p.voidAll(r, func(name string) bool { return !isCash(name) })
		p.settled = false
		return
	}
	if !s.Refunds.Set {
		return
	}
	listed := map[string]int{}
	for _, refund := range s.Refunds.V {
		if refund.Status == RefundDone {
			listed[refundName(refund)]++
		}
	}
	p.voidUnlisted(r, listed)
}

// voidUnlisted takes back the refunds that are not among the listed ones.
func (p *paymentBook) voidUnlisted(r *Record, listed map[string]int) {
	for i := range p.facts[:len(p.facts):len(p.facts)] {
		k := p.facts[i].Key
		if !strings.HasPrefix(k.Name, refundPrefix) || p.voided[k] {
			continue
		}
		if listed[k.Name]--; listed[k.Name] < 0 {
			p.void(r, i)
		}
	}
}
