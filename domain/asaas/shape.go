package asaas

// sort is the type that a member must have; null is always allowed.
type sort uint8

const (
	word   sort = iota // a short string
	prose              // a string of any length
	number             // a JSON number, kept as its literal
	flag               // true or false
	object
	list  // of objects
	words // a list of short strings
)

// part says where a member goes: into the record, into the texts, or, for an object with
// members of both, into both.
type part uint8

const (
	kept part = 1 << iota // the record: what fold and facts read
	told                  // the texts: names, addresses, free text; sealed by the store
)

// member is one key that the gateway's object may have. A key that is no member is
// dropped, the card token among them.
type member struct {
	name string
	is   sort
	part part
	in   *shape // of objects and lists
}

// shape is an object's allow-list, in the order in which the record has its keys.
type shape struct {
	members []member
	index   map[string]int
}

func newShape(groups ...[]member) *shape {
	s := &shape{index: map[string]int{}}
	for _, g := range groups {
		for _, m := range g {
			s.index[m.name] = len(s.members)
			s.members = append(s.members, m)
		}
	}
	return s
}

func all(is sort, p part, names ...string) []member {
	ms := make([]member, len(names))
	for i, n := range names {
		ms[i] = member{name: n, is: is, part: p}
	}
	return ms
}

func nested(is sort, p part, in *shape, names ...string) []member {
	ms := all(is, p, names...)
	for i := range ms {
		ms[i].in = in
	}
	return ms
}

// shapes are the gateway's objects (docs/gateway.md, optional keys).
var (
	splitShape = newShape(
		all(word, kept, "id", "walletId", "status", "cancellationReason", "refusalReason", "externalReference"),
		all(number, kept, "fixedValue", "percentualValue", "percentageValue", "totalValue", "totalFixedValue"),
		all(prose, told, "description"))

	refundShape = newShape(
		all(word, kept, "dateCreated", "effectiveDate", "status", "endToEndIdentifier"),
		all(number, kept, "value"),
		nested(
			list, kept, newShape(all(word, kept, "id"), all(number, kept, "value"), all(flag, kept, "done")),
			"refundedSplits",
		),
		all(prose, told, "description", "transactionReceiptUrl"),
	)

	surchargeShape = newShape(all(number, kept, "value"), all(word, kept, "type"))

	chargebackShape = newShape(
		all(
			word, kept, "id", "status", "reason", "disputeStatus", "disputeStartDate", "paymentDate",
			"deadlineToSendDisputeDocuments",
		),
		all(number, kept, "value"),
	)

	escrowShape = newShape(all(word, kept, "id", "status", "expirationDate", "finishDate", "finishReason"))

	paymentShape = newShape(
		all(word, kept, "id", "status", "billingType", "customer", "subscription", "installment"),
		all(number, kept, "installmentNumber"),
		all(word, kept, "checkoutSession", "paymentLink", "externalReference", "invoiceNumber", "nossoNumero",
			"pixTransaction", "pixQrCodeId"),
		all(number, kept, "value", "netValue", "grossValue", "originalValue", "interestValue"),
		all(word, kept, "dateCreated", "dueDate", "originalDueDate", "confirmedDate", "paymentDate",
			"clientPaymentDate", "creditDate", "estimatedCreditDate", "lastInvoiceViewedDate", "lastBankSlipViewedDate"),
		all(flag, kept, "deleted", "anticipated", "anticipable", "canBePaidAfterDueDate", "postalService"),
		all(number, kept, "daysAfterDueDateToRegistrationCancellation"),
		nested(object, kept, newShape(all(word, kept, "creditCardNumber", "creditCardBrand")), "creditCard"),
		nested(
			object, kept,
			newShape(all(number, kept, "value", "dueDateLimitDays"), all(word, kept, "type", "limitDate", "limitedDate")),
			"discount",
		),
		nested(object, kept, surchargeShape, "fine", "interest"),
		nested(object, kept, chargebackShape, "chargeback"),
		nested(object, kept, escrowShape, "custody", "escrow"), // the older name first: the newer one wins
		nested(list, kept|told, splitShape, "split"),
		nested(list, kept|told, refundShape, "refunds"),
		all(prose, told, "description", "invoiceUrl", "bankSlipUrl", "transactionReceiptUrl"),
	)

	checkoutShape = newShape(
		all(word, kept, "id", "status", "externalReference", "customer"),
		all(number, kept, "minutesToExpire"),
		all(words, kept, "billingTypes", "chargeTypes"),
		nested(list, kept|told, newShape(all(number, kept, "quantity", "value"), all(word, kept, "externalReference"),
			all(prose, told, "name", "description")), "items"),
		nested(object, kept, newShape(all(word, kept, "cycle", "nextDueDate", "endDate")), "subscription"),
		nested(object, kept, newShape(all(number, kept, "maxInstallmentCount")), "installment"),
		nested(list, kept|told, splitShape, "split", "splits"), // events say split, requests splits
		all(prose, told, "link"),
		nested(object, told, newShape(all(prose, told, "successUrl", "cancelUrl", "expiredUrl")), "callback"),
		nested(object, told, newShape(all(prose, told, "name", "cpfCnpj", "email", "phone", "address", "addressNumber",
			"complement", "province", "postalCode", "city")), "customerData"))

	anticipationShape = newShape(
		all(word, kept, "id", "status", "payment", "installment", "anticipationDate", "dueDate", "requestDate"),
		all(number, kept, "anticipationDays", "totalValue", "value", "fee", "netValue"),
		all(prose, told, "denialObservation"))
)
