package asaas

import "patapay/domain"

func (d *decoder) card() (c domain.Card) {
	d.object(func(key string) {
		switch key {
		case "creditCardNumber":
			c.Last4 = lastFour(d.text())
		case "creditCardBrand":
			c.Brand = d.text()
		default:
			d.skip()
		}
	})
	return c
}

// lastFour keeps no more of a card number than may be kept, whatever was sent.
func lastFour(s string) string {
	if len(s) > 4 {
		return s[len(s)-4:]
	}
	return s
}

func (d *decoder) discount() (x domain.Discount) {
	d.object(func(key string) {
		switch key {
		case "value":
			x.Value = d.decimal("discount.value")
		case "type":
			x.Type = d.text()
		case "dueDateLimitDays":
			x.Days = d.count("discount.dueDateLimitDays").V
		case "limitDate", "limitedDate": // the docs' sample has the second
			if day := d.day("discount.limitDate").V; day != "" {
				x.LimitDay = day
			}
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) surcharge() (x domain.Surcharge) {
	d.object(func(key string) {
		switch key {
		case "value":
			x.Value = d.decimal("surcharge.value")
		case "type":
			x.Type = d.text()
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) chargeback() (x domain.Chargeback) {
	d.object(func(key string) {
		switch key {
		case "id":
			x.ID = d.text()
		case "status":
			x.Status = d.text()
		case "reason":
			x.Reason = d.text()
		case "disputeStatus":
			x.DisputeStatus = d.text()
		case "disputeStartDate":
			x.DisputeStart = d.day("chargeback." + key).V
		case "paymentDate":
			x.PaymentDate = d.day("chargeback." + key).V
		case "deadlineToSendDisputeDocuments":
			x.Deadline = d.day("chargeback." + key).V
		case "value":
			x.Value = d.money("chargeback.value")
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) escrow() (x domain.Escrow) {
	d.object(func(key string) {
		switch key {
		case "id":
			x.ID = d.text()
		case "status":
			x.Status = d.text()
		case "expirationDate":
			x.Expires = d.day("escrow." + key).V
		case "finishDate":
			x.Finished = d.day("escrow." + key).V
		case "finishReason":
			x.FinishReason = d.text()
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) split() (x domain.Split) {
	d.object(func(key string) {
		switch key {
		case "id":
			x.ID = d.text()
		case "walletId":
			x.Wallet = d.text()
		case "fixedValue":
			x.Fixed = d.money("split.fixedValue")
		case "percentualValue", "percentageValue":
			if v := d.decimal("split." + key); v != "" {
				x.Percent = v
			}
		case "totalValue", "totalFixedValue":
			if v := d.money("split." + key); v.Set && !v.Null {
				x.Total = v
			}
		case "status":
			x.Status = d.text()
		case "cancellationReason":
			x.CancellationReason = d.text()
		case "refusalReason":
			x.RefusalReason = d.text()
		case "externalReference":
			x.ExternalReference = d.text()
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) refund() (x domain.Refund) {
	d.object(func(key string) {
		switch key {
		case "dateCreated":
			x.CreatedAt = d.local("refunds." + key)
		case "effectiveDate":
			x.EffectiveAt = d.local("refunds." + key)
		case "status":
			x.Status = d.text()
		case "endToEndIdentifier":
			x.EndToEnd = d.text()
		case "value":
			x.Value = d.money("refunds.value")
		case "refundedSplits":
			x.SplitsReturned = sumOf(listOf(d, (*decoder).returned))
		default:
			d.skip()
		}
	})
	return x
}

// returned reads one refunded split's amount.
func (d *decoder) returned() (v domain.Opt[domain.Money]) {
	d.object(func(key string) {
		if key == "value" {
			v = d.money("refunds.refundedSplits.value")
			return
		}
		d.skip()
	})
	return v
}

func sumOf(list domain.Opt[[]domain.Opt[domain.Money]]) (sum domain.Opt[domain.Money]) {
	for _, v := range list.V {
		if m, ok := v.Get(); ok && sum.V+m <= domain.MaxMoney && sum.V+m >= -domain.MaxMoney {
			sum = domain.Some(sum.V + m)
		}
	}
	return sum
}
