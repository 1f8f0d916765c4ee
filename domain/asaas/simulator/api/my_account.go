package api

import (
	"encoding/json"
	"strconv"

	"patapay/domain/asaas/jsonobject"
)

// myAccountCalls answer what an account says of itself.
type myAccountCalls struct{ *call }

func (c myAccountCalls) status() answer {
	return good(jsonobject.Of("id", c.books.ID, "commercialInfo", "APPROVED", "bankAccountInfo", "APPROVED",
		"documentation", "APPROVED", "general", "APPROVED"))
}

func (c myAccountCalls) commercialInfo() answer {
	city := jsonobject.Of("object", "city", "id", 13660, "ibgeCode", "4209102", "name", "Joinville",
		"districtCode", "05", "district", "Joinville", "state", "SC")
	return good(jsonobject.Of("status", "APPROVED", "personType", c.books.PersonType, "cpfCnpj", c.books.TaxID,
		"name", c.books.Name,
		"birthDate", nil, "companyName", nil, "companyType", "LIMITED", "incomeValue", 250000, "email", c.books.Email,
		"phone", nil, "mobilePhone", nil, "postalCode", "89223005", "address", "Av. Rolf Wiest",
		"addressNumber", "659", "complement", nil, "province", "Bom retiro", "city", city, "denialReason", nil,
		"tradingName", nil, "site", nil, "availableCompanyNames", []any{c.books.Name},
		"commercialInfoExpiration", c.books.CommercialInfoExpiration(c.world.Clock.Now())))
}

func (c myAccountCalls) accountNumber() answer {
	return good(jsonobject.Of("agency", "0001", "account", strconv.Itoa(c.books.LastNumber%10_000),
		"accountDigit", "5"))
}

// fees are those that fee and anticipationFee reckon with.
func (c myAccountCalls) fees() answer {
	n := func(literal string) json.Number { return json.Number(literal) }
	card := jsonobject.Of("operationValue", n("0.49"), "oneInstallmentPercentage", n("2.99"),
		"upToSixInstallmentsPercentage", n("3.49"), "upToTwelveInstallmentsPercentage", n("3.99"),
		"upToTwentyOneInstallmentsPercentage", n("4.29"), "discountOneInstallmentPercentage", nil,
		"discountUpToSixInstallmentsPercentage", nil,
		"discountUpToTwelveInstallmentsPercentage", nil, "discountUpToTwentyOneInstallmentsPercentage", nil,
		"discountExpiration", nil, "daysToReceive", 32)
	pix := jsonobject.Of("fixedFeeValue", n("1.99"), "fixedFeeValueWithDiscount", nil, "percentageFee", nil,
		"minimumFeeValue", nil, "maximumFeeValue", nil,
		"discountExpiration", nil, "monthlyCreditsWithoutFee", 0, "creditsReceivedOfCurrentMonth", 0)
	return good(jsonobject.Of("payment", jsonobject.Of("bankSlip", jsonobject.Of("defaultValue", n("1.99"),
		"discountValue", nil, "expirationDate", nil, "daysToReceive", 1), "creditCard", card,
		"debitCard", jsonobject.Of("operationValue", n("0.35"), "defaultPercentage", n("1.89"), "daysToReceive", 3),
		"pix", pix),
		"transfer", jsonobject.Of("monthlyTransfersWithoutFee", 30,
			"ted", jsonobject.Of("feeValue", 5, "consideredInMonthlyTransfersWithoutFee", true),
			"pix", jsonobject.Of("feeValue", 5, "discountValue", nil, "expirationDate", nil,
				"consideredInMonthlyTransfersWithoutFee", true)),
		"notification", jsonobject.Of("phoneCallFeeValue", n("0.55"), "whatsAppFeeValue", n("0.55"),
			"messagingFeeValue", n("0.99")),
		"creditBureauReport", jsonobject.Of("naturalPersonFeeValue", n("16.99"), "legalPersonFeeValue", n("16.99")),
		"paymentDunning", jsonobject.Of("feeValue", n("9.9")),
		"invoice", jsonobject.Of("feeValue", n("0.99")),
		"anticipation", jsonobject.Of("creditCard", jsonobject.Of("detachedMonthlyFeeValue", n("2.49"),
			"installmentMonthlyFeeValue", 2),
			"bankSlip", jsonobject.Of("monthlyFeePercentage", n("4.99")))))
}

func (c myAccountCalls) wallets() answer {
	return c.page([]any{jsonobject.Of("object", "wallet", "id", c.books.WalletID)})
}

func (c myAccountCalls) documents() answer {
	return good(jsonobject.Of("rejectReasons", nil, "data", []any{}))
}

// approve is a sandbox action; every account here is approved from the start.
func (c myAccountCalls) approve() answer { return c.status() }
