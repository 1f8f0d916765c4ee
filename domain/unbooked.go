package domain

// Unbooked returns the money of the payment that its state tells of and that its facts do not
// book: a precondition of the booking has left it out, and somebody must look. It compares the
// state with the books, whatever the preconditions are, so that none can be forgotten.
func Unbooked(i *Invoice, facts []Fact) []Concern {
	if i.denied() || !i.paidByWord() || !i.Value.Set && !i.NetValue.Set {
		return nil
	}
	sums := Balances(facts)
	amount, detail := i.Value.V+sums[AccountSales], i.RawStatus
	switch {
	case sums[AccountSales] == 0 && sums[AccountOpening] == 0:
	case i.NetValue.V > i.Value.V && amount != 0: // booked once, and told otherwise since
	case i.unvaluedRefund():
		amount, detail = 0, "refunds"
	default:
		return nil
	}
	return []Concern{{Kind: ConcernUnbooked, Subject: i.ID, Amount: amount, Detail: detail}}
}

// denied tells whether the gateway's newest answer is that there is no such payment.
func (p *Projection) denied() bool {
	for _, f := range p.Flags {
		if f == FlagNotFound {
			return true
		}
	}
	return false
}

// paidByWord tells whether anything that was told of the payment says that money has moved. A
// card authorised and let go also ends REFUNDED; a status that we have not met says nothing, but a
// day of payment beside it does.
func (i *Invoice) paidByWord() bool {
	dated := i.ConfirmedDate != "" || i.PaymentDate != ""
	switch i.Status {
	case InvoiceRefunded:
		return dated || i.RefundedAmount != 0 || i.Chargeback.Set
	case InvoiceUnknown:
		return dated
	}
	return i.Status.movesMoney()
}

func (i *Invoice) unvaluedRefund() bool {
	for _, r := range i.Refunds {
		if r.Status == RefundDone && !r.Value.Set {
			return true
		}
	}
	return false
}

// UnbookedAdvance is Unbooked of an anticipation.
func UnbookedAdvance(a *Anticipation, facts []Fact) []Concern {
	moved := a.Status.movesMoney() || a.Status == AnticipationOverdue
	known := a.Value.Set || a.NetValue.Set
	if a.denied() || !moved || !known || len(facts) > 0 || a.Value.V == 0 && a.NetValue.V == 0 {
		return nil
	}
	return []Concern{{Kind: ConcernUnbooked, Subject: a.ID, Amount: a.NetValue.V, Detail: a.RawStatus}}
}

// Reduced returns what is odd about a paid payment of which a discount may have been taken. Two
// forms are known of, and no capture shows which one the gateway sends: a value below
// originalValue, or a value before the discount with a netValue after it, where the discount is
// booked as a fee (docs/decisions/0030-discounts-until-a-capture.md).
func Reduced(i *Invoice, facts []Fact) []Concern {
	if !i.paidByWord() || left(facts) <= 0 {
		return nil
	}
	amount, detail := i.OriginalValue.V-i.principal(), "originalValue"
	if !i.OriginalValue.Set || amount <= 0 {
		amount, detail = i.discount(), "netValue"
		if !i.NetValue.Set || amount <= 0 || i.Value.V-i.NetValue.V < amount {
			return nil
		}
	}
	return []Concern{{Kind: ConcernDiscount, Subject: i.ID, Amount: amount, Detail: detail}}
}

// discount returns the reduction that the payer was promised for the day of payment.
func (i *Invoice) discount() Money {
	d := i.Discount.V
	value, ok := d.Value.hundredths()
	if !i.Discount.Set || !ok || i.DueDate != "" && i.ClientPaymentDate > i.DueDate {
		return 0
	}
	if d.Type == "PERCENTAGE" {
		return mulDiv(i.Value.V, value, 10000)
	}
	return value
}

// Fees are what an account pays the gateway for charges, by the gateway's word for the method.
// The zero value is that nobody knows.
type Fees map[string]Fee

// Fee is what one charge costs at most: a fixed amount and a share of its value.
type Fee struct {
	Fixed   Money
	Percent Money // hundredths of a per cent, of a single payment
	Plan    Money // hundredths of a per cent, of the dearest plan; 0: plans cost the same
}

// Of returns what the fees explain of what the gateway keeps of the invoice, and whether they say
// anything of its method.
func (f Fees) Of(i *Invoice) (Money, bool) {
	fee, known := f[i.Method]
	rate := fee.Percent
	if i.Installment != "" {
		rate = max(rate, fee.Plan)
	}
	return fee.Fixed + mulDiv(max(i.Value.V, 0), rate, 10_000), known
}

// Unexplained returns what the gateway keeps of a paid payment above what the account's fees
// explain. Where they are not known, only more than the whole value is too much. An advance lowers
// netValue by its own cost, and a discount may: neither is asked for twice
// (docs/decisions/0031-what-fees-do-not-explain.md).
func Unexplained(i *Invoice, facts []Fact, fees Fees) []Concern {
	kept, known := i.Fee().Get()
	if !known || i.Anticipated || !i.paidByWord() || left(facts) <= 0 || len(Reduced(i, facts)) > 0 {
		return nil
	}
	explained, said := fees.Of(i)
	if !said {
		explained = i.Value.V
	}
	if kept <= explained {
		return nil
	}
	return []Concern{{Kind: ConcernDifference, Subject: i.ID, Amount: kept - explained, Detail: i.Method}}
}
