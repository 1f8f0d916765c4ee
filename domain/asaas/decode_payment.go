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
