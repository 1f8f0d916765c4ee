package domain

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
