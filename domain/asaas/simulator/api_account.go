package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"patapay/domain/asaas/jsonobject"
)

func (c *call) status() answer {
	return good(jsonobject.Of("id", c.a.ID, "commercialInfo", "APPROVED", "bankAccountInfo", "APPROVED",
		"documentation", "APPROVED", "general", "APPROVED"))
}

func (c *call) commercialInfo() answer {
	city := jsonobject.Of("object", "city", "id", 13660, "ibgeCode", "4209102", "name", "Joinville",
		"districtCode", "05", "district", "Joinville", "state", "SC")
	return good(jsonobject.Of("status", "APPROVED", "personType", c.a.PersonType, "cpfCnpj", c.a.TaxID, "name", c.a.Name,
		"birthDate", nil, "companyName", nil, "companyType", "LIMITED", "incomeValue", 250000, "email", c.a.Email,
		"phone", nil, "mobilePhone", nil, "postalCode", "89223005", "address", "Av. Rolf Wiest",
		"addressNumber", "659", "complement", nil, "province", "Bom retiro", "city", city, "denialReason", nil,
		"tradingName", nil, "site", nil, "availableCompanyNames", []any{c.a.Name},
		"commercialInfoExpiration", jsonobject.Of("isExpired", false, "scheduledDate", "2027-05-05 00:00:00")))
}

func (c *call) accountNumber() answer {
	return good(jsonobject.Of("agency", "0001", "account", strconv.Itoa(c.a.lastNumber%10_000), "accountDigit", "5"))
}

// fees are those that fee and anticipationFee reckon with.
func (c *call) fees() answer {
	n := func(literal string) json.Number { return json.Number(literal) }
	card := jsonobject.Of("operationValue", n("0.49"), "oneInstallmentPercentage", n("2.99"), "upToSixInstallmentsPercentage", n("3.49"), "upToTwelveInstallmentsPercentage", n("3.99"),
		"upToTwentyOneInstallmentsPercentage", n("4.29"), "discountOneInstallmentPercentage", nil, "discountUpToSixInstallmentsPercentage", nil,
		"discountUpToTwelveInstallmentsPercentage", nil, "discountUpToTwentyOneInstallmentsPercentage", nil, "discountExpiration", nil, "daysToReceive", 32)
	pix := jsonobject.Of("fixedFeeValue", n("1.99"), "fixedFeeValueWithDiscount", nil, "percentageFee", nil, "minimumFeeValue", nil, "maximumFeeValue", nil,
		"discountExpiration", nil, "monthlyCreditsWithoutFee", 0, "creditsReceivedOfCurrentMonth", 0)
	return good(jsonobject.Of("payment", jsonobject.Of("bankSlip", jsonobject.Of("defaultValue", n("1.99"), "discountValue", nil, "expirationDate", nil, "daysToReceive", 1), "creditCard", card,
		"debitCard", jsonobject.Of("operationValue", n("0.35"), "defaultPercentage", n("1.89"), "daysToReceive", 3), "pix", pix),
		"transfer", jsonobject.Of("monthlyTransfersWithoutFee", 30, "ted", jsonobject.Of("feeValue", 5, "consideredInMonthlyTransfersWithoutFee", true),
			"pix", jsonobject.Of("feeValue", 5, "discountValue", nil, "expirationDate", nil, "consideredInMonthlyTransfersWithoutFee", true)),
		"notification", jsonobject.Of("phoneCallFeeValue", n("0.55"), "whatsAppFeeValue", n("0.55"), "messagingFeeValue", n("0.99")),
		"creditBureauReport", jsonobject.Of("naturalPersonFeeValue", n("16.99"), "legalPersonFeeValue", n("16.99")), "paymentDunning", jsonobject.Of("feeValue", n("9.9")),
		"invoice", jsonobject.Of("feeValue", n("0.99")), "anticipation", jsonobject.Of("creditCard", jsonobject.Of("detachedMonthlyFeeValue", n("2.49"), "installmentMonthlyFeeValue", 2),
			"bankSlip", jsonobject.Of("monthlyFeePercentage", n("4.99")))))
}

func (c *call) wallets() answer {
	return c.page([]any{jsonobject.Of("object", "wallet", "id", c.a.WalletID)})
}

func (c *call) listHooks() answer {
	var items []any
	for _, h := range c.a.hooks {
		items = append(items, h.object())
	}
	return c.page(items)
}

// createHook shows the token only when the gateway made it up itself.
func (c *call) createHook() answer {
	given := c.body.Text("authToken") != ""
	h, refusal := c.s.createHook(c.a, c.body)
	if refusal != "" {
		return invalid(refusal)
	}
	o := h.object()
	if !given {
		o.Set("authToken", h.token)
	}
	return good(o)
}

func (c *call) hook() *hook {
	for _, h := range c.a.hooks {
		if h.id == c.r.PathValue("id") {
			return h
		}
	}
	return nil
}

func (c *call) getHook() answer {
	if h := c.hook(); h != nil {
		return good(h.object())
	}
	return absent()
}

func (c *call) updateHook() answer {
	h := c.hook()
	if h == nil {
		return absent()
	}
	if refusal := h.change(c.body); refusal != "" {
		return invalid(refusal)
	}
	return good(h.object())
}

func (c *call) deleteHook() answer {
	h := c.hook()
	if h == nil {
		return absent()
	}
	close(h.gone)
	c.a.hooks = slices.DeleteFunc(c.a.hooks, func(x *hook) bool { return x == h })
	return good(jsonobject.Of("deleted", true, "id", h.id))
}

func (c *call) removeBackoff() answer {
	h := c.hook()
	if h == nil {
		return absent()
	}
	h.penalized = 0
	h.forgive()
	return answer{status: http.StatusNoContent}
}

func (c *call) createCustomer() answer {
	if c.body.Text("name") == "" || c.body.Text("cpfCnpj") == "" {
		return invalid("O campo name e o campo cpfCnpj devem ser informados.")
	}
	made := c.scene().customer(c.body.Text("name"), c.body.Text("cpfCnpj"))
	for _, field := range []string{"email", "externalReference"} {
		if text := c.body.Text(field); text != "" {
			made.Set(field, text)
		}
	}
	return good(made)
}

// listCustomers answers newest first.
func (c *call) listCustomers() answer {
	var items []any
	for _, o := range slices.Backward(c.a.customers) {
		reference, _ := o.Get("externalReference").(string)
		if c.is("name", o.Text("name")) && c.is("cpfCnpj", o.Text("cpfCnpj")) && c.is("email", o.Text("email")) && c.is("externalReference", reference) {
			items = append(items, o)
		}
	}
	return c.page(items)
}

func (c *call) getCustomer() answer {
	for _, o := range c.a.customers {
		if o.Text("id") == c.r.PathValue("id") {
			return good(o)
		}
	}
	return absent()
}

func (c *call) balance() answer { return good(jsonobject.Of("balance", c.a.balance().literal())) }

// listStatement answers oldest first, each line with the balance behind it.
func (c *call) listStatement() answer {
	lines := slices.Clone(c.a.statement)
	slices.SortStableFunc(lines, func(x, y line) int { return x.at.Compare(y.at) })
	items, sum := []any{}, cents(0)
	from, to := c.query.Get("startDate"), c.query.Get("finishDate")
	for _, l := range lines {
		sum += l.value
		if on := date(l.at).(string); (from == "" || on >= from) && (to == "" || on <= to) {
			items = append(items, l.object(sum))
		}
	}
	if c.query.Get("order") != "asc" {
		slices.Reverse(items)
	}
	return c.page(items)
}

func (l line) object(balance cents) *jsonobject.Object {
	return jsonobject.Of("object", "financialTransaction", "id", "ftn_"+strconv.Itoa(15_000_000+l.number),
		"value", l.value.literal(), "balance", balance.literal(), "type", l.kind, "date", date(l.at),
		"description", l.kind, "paymentId", textOrNull(l.payment), "splitId", textOrNull(l.split), "transferId", textOrNull(l.transfer),
		"anticipationId", textOrNull(l.advance), "billId", nil, "invoiceId", nil,
		"paymentDunningId", nil, "creditBureauReportId", nil)
}
