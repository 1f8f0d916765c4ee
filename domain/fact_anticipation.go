package domain

// anticipationBook walks the records of one anticipation and books the advance and its
// settlement (docs/gateway.md, anticipations).
type anticipationBook struct {
	book
	status          string
	payment, plan   Opt[string]
	value, fee, net Opt[Money]
	booked          [2]Money // value and fee as booked
}

// addRecord books what r adds.
func (a *anticipationBook) addRecord(r *Record) {
	s := r.Snapshot.Anticipation
	if s == nil || r.GatewaySnapshot != nil && !r.GatewaySnapshot.Found {
		return
	}
	if id, ok := s.ID.Get(); ok && a.subject == "" {
		a.subject = id
	}
	merge(&a.value, s.Value)
	merge(&a.fee, s.Fee)
	merge(&a.net, s.NetValue)
	merge(&a.payment, s.Payment)
	merge(&a.plan, s.Installment)
	if to, ok := s.Status.Get(); ok && !a.final(r, to) {
		a.status = to
	}
	if r.GatewaySnapshot != nil {
		a.contradict(r)
	}
	if a.credited() && a.sound() {
		a.credit(r, s.AnticipationDate.V)
	}
	// Never more than was advanced. A plan's is taken instalment by instalment, and the first such
	// event tells no amount of its own: the lines of the statement do.
	wholePlan := a.plan.V != "" && a.payment.V == ""
	if owed := -a.balance(AccountAdvance); a.status == "DEBITED" && owed > 0 && !wholePlan {
		a.add(r, FactDebit, a.debitDay(r, s), Leg{AccountAdvance, owed}, Leg{AccountAvailable, -owed})
	}
}

// debitDay returns when the advance was paid back, as far as a late answer tells: with the
// credit of its charge. An event carries the instant itself.
func (a *anticipationBook) debitDay(r *Record, s *AnticipationSnapshot) Day {
	if r.GatewaySnapshot == nil {
		return ""
	}
	return s.DueDate.V
}

// final tells whether the status stands against a webhook's, as it does in the projection.
func (a *anticipationBook) final(r *Record, to string) bool {
	return r.GatewaySnapshot == nil && a.status != "" && !anticipationGraph.allows(a.status, to) &&
		len(anticipationGraph[a.status]) == 0
}

func (a *anticipationBook) credited() bool {
	return a.status == "CREDITED" || a.status == "DEBITED" || a.status == "OVERDUE"
}

// sound tells whether the amounts are known and value less fee is what was credited. A
// miss is flagged in the projection and not booked.
func (a *anticipationBook) sound() bool {
	value, fee, net := a.value.V, a.fee.V, a.net.V
	_, known := a.net.Get()
	return known && value >= 0 && fee >= 0 && net >= 0 && value-fee == net
}

// credit books the advance once, and what an answer says otherwise about it later.
func (a *anticipationBook) credit(r *Record, day Day) {
	value, fee := a.value.V, a.fee.V
	name := FactCredit
	if a.live(FactCredit) > 0 {
		if r.GatewaySnapshot == nil {
			return
		}
		name = FactAdjust
		value, fee = value-a.booked[0], fee-a.booked[1]
	}
	if a.add(r, name, day, Leg{AccountAvailable, value - fee}, Leg{AccountAdvanceFee, fee}, Leg{AccountAdvance, -value}) {
		a.booked = [2]Money{a.value.V, a.fee.V}
	}
}

// contradict takes back what the gateway's own answer denies.
func (a *anticipationBook) contradict(r *Record) {
	switch {
	case !a.credited():
		a.voidAll(r, func(string) bool { return true })
		a.booked = [2]Money{}
	case a.status != "DEBITED":
		a.voidAll(r, func(name string) bool { return name == FactDebit })
	}
}
