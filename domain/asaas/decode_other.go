package asaas

import "patapay/domain"

// checkout reads a checkout's record.
func (d *decoder) checkout() *domain.CheckoutSnapshot {
	c := &domain.CheckoutSnapshot{}
	d.object(func(key string) {
		switch key {
		case "id":
			c.ID = d.word()
		case "status":
			c.Status = d.word()
		case "externalReference":
			c.ExternalReference = d.word()
		case "customer":
			c.Customer = d.word()
		case "minutesToExpire":
			c.MinutesToExpire = d.count(key)
		case "billingTypes":
			c.BillingTypes = d.words()
		case "chargeTypes":
			c.ChargeTypes = d.words()
		default:
			d.checkoutObject(c, key)
		}
	})
	return c
}

func (d *decoder) checkoutObject(c *domain.CheckoutSnapshot, key string) {
	switch key {
	case "items":
		c.Items = listOf(d, (*decoder).item)
	case "subscription":
		c.Subscription = objectOf(d, (*decoder).plan)
	case "installment":
		c.MaxInstallments = d.maxInstallments()
	case "split", "splits":
		c.Split = newerName(c.Split, listOf(d, (*decoder).split))
	case badKey:
		d.badList()
	default:
		d.skip()
	}
}

func (d *decoder) item() (x domain.CheckoutItem) {
	d.object(func(key string) {
		switch key {
		case "quantity":
			x.Quantity = d.count("items.quantity")
		case "value":
			x.Value = d.money("items.value")
		case "externalReference":
			x.ExternalReference = d.text()
		default:
			d.skip()
		}
	})
	return x
}

func (d *decoder) plan() (x domain.CheckoutSubscription) {
	d.object(func(key string) {
		switch key {
		case "cycle":
			x.Cycle = d.text()
		case "nextDueDate":
			x.NextDueDate = d.day("subscription." + key).V
		case "endDate":
			x.EndDate = d.day("subscription." + key).V
		default:
			d.skip()
		}
	})
	return x
}

// maxInstallments reads the only member of a checkout's installment object.
func (d *decoder) maxInstallments() domain.Opt[int] {
	n := domain.Null[int]()
	d.object(func(key string) {
		if key == "maxInstallmentCount" {
			n = d.count("installment." + key)
			return
		}
		d.skip()
	})
	return n
}

// anticipation reads an anticipation's record.
func (d *decoder) anticipation() *domain.AnticipationSnapshot {
	a := &domain.AnticipationSnapshot{}
	d.object(func(key string) {
		switch key {
		case "id":
			a.ID = d.word()
		case "status":
			a.Status = d.word()
		case "payment":
			a.Payment = d.word()
		case "installment":
			a.Installment = d.word()
		case "anticipationDate":
			a.AnticipationDate = d.day(key)
		case "dueDate":
			a.DueDate = d.day(key)
		case "requestDate":
			a.RequestDate = d.day(key)
		case "anticipationDays":
			a.Days = d.count(key)
		default:
			d.anticipationMoney(a, key)
		}
	})
	return a
}

func (d *decoder) anticipationMoney(a *domain.AnticipationSnapshot, key string) {
	switch key {
	case "totalValue":
		a.TotalValue = d.money(key)
	case "value":
		a.Value = d.money(key)
	case "fee":
		a.Fee = d.money(key)
	case "netValue":
		a.NetValue = d.money(key)
	case badKey:
		d.badList()
	default:
		d.skip()
	}
}
