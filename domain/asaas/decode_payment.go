package asaas

import "patapay/domain"

// payment reads a payment's record.
func (d *decoder) payment() *domain.PaymentSnapshot {
	p := &domain.PaymentSnapshot{}
	d.object(func(key string) {
		if !d.paymentWord(p, key) && !d.paymentMoney(p, key) && !d.paymentDay(p, key) {
			d.paymentRest(p, key)
		}
	})
	return p
}

func (d *decoder) paymentWord(p *domain.PaymentSnapshot, key string) bool {
	switch key {
	case "id":
		p.ID = d.word()
	case "status":
		p.Status = d.word()
	case "billingType":
		p.BillingType = d.word()
	case "customer":
		p.Customer = d.word()
	case "subscription":
		p.Subscription = d.word()
	case "installment":
		p.Installment = d.word()
	case "checkoutSession":
		p.CheckoutSession = d.word()
	case "paymentLink":
		p.PaymentLink = d.word()
	case "externalReference":
		p.ExternalReference = d.word()
	case "invoiceNumber":
		p.InvoiceNumber = d.word()
	case "nossoNumero":
		p.NossoNumero = d.word()
	case "pixTransaction":
		p.PixTransaction = d.word()
	case "pixQrCodeId":
		p.PixQRCode = d.word()
	default:
		return false
	}
	return true
}

func (d *decoder) paymentMoney(p *domain.PaymentSnapshot, key string) bool {
	switch key {
	case "value":
		p.Value = d.money(key)
	case "netValue":
		p.NetValue = d.money(key)
	case "grossValue":
		p.GrossValue = d.money(key)
	case "originalValue":
		p.OriginalValue = d.money(key)
	case "interestValue":
		p.InterestValue = d.money(key)
	default:
		return false
	}
	return true
}

func (d *decoder) paymentDay(p *domain.PaymentSnapshot, key string) bool {
	switch key {
	case "dateCreated":
		p.CreatedOn = d.day(key)
	case "dueDate":
		p.DueDate = d.day(key)
	case "originalDueDate":
		p.OriginalDueDate = d.day(key)
	case "confirmedDate":
		p.ConfirmedDate = d.day(key)
	case "paymentDate":
		p.PaymentDate = d.day(key)
	case "clientPaymentDate":
		p.ClientPaymentDate = d.day(key)
	case "creditDate":
		p.CreditDate = d.day(key)
	case "estimatedCreditDate":
		p.EstimatedCreditDate = d.day(key)
	case "lastInvoiceViewedDate":
		p.InvoiceViewedAt = d.instant(key)
	case "lastBankSlipViewedDate":
		p.BankSlipViewedAt = d.instant(key)
	default:
		return false
	}
	return true
}

func (d *decoder) paymentRest(p *domain.PaymentSnapshot, key string) {
	switch key {
	case "installmentNumber":
		p.InstallmentNumber = d.count(key)
	case "daysAfterDueDateToRegistrationCancellation":
		p.SlipDaysAfterDue = d.count(key)
	case "deleted":
		p.Deleted = d.flag()
	case "anticipated":
		p.Anticipated = d.flag()
	case "anticipable":
		p.Anticipable = d.flag()
	case "canBePaidAfterDueDate":
		p.PayableAfterDue = d.flag()
	case "postalService":
		p.PostalService = d.flag()
	default:
		d.paymentObject(p, key)
	}
}

func (d *decoder) paymentObject(p *domain.PaymentSnapshot, key string) {
	switch key {
	case "creditCard":
		p.Card = objectOf(d, (*decoder).card)
	case "discount":
		p.Discount = objectOf(d, (*decoder).discount)
	case "fine":
		p.Fine = objectOf(d, (*decoder).surcharge)
	case "interest":
		p.Interest = objectOf(d, (*decoder).surcharge)
	case "chargeback":
		p.Chargeback = objectOf(d, (*decoder).chargeback)
	case "custody", "escrow":
		p.Escrow = newerName(p.Escrow, objectOf(d, (*decoder).escrow))
	case "split":
		p.Split = listOf(d, (*decoder).split)
	case "refunds":
		p.Refunds = listOf(d, (*decoder).refund)
	case badKey:
		d.badList()
	default:
		d.skip()
	}
}

// newerName returns what two names of one member say together: a value wins over null.
func newerName[T any](old, next domain.Opt[T]) domain.Opt[T] {
	if _, ok := next.Get(); !ok && old.Set {
		return old
	}
	return next
}

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
