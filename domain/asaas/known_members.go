package asaas

import "maps"

// expectation is what is known of a member: which JSON it is and which forms its text has.
type expectation uint8

const (
	expectText       expectation = iota // any string; some of them were once sent as numbers
	expectWord                          // a string of a list
	expectIdentifier                    // a string of a form that ids have
	expectAddress                       // an https address of Asaas
	expectDate                          // a day, or a day and a time, of São Paulo
	expectAmount                        // a number of at most two decimals
	expectNumber                        // any number
	expectFlag
	expectObject
	expectList    // of objects
	expectStrings // of strings of a list
)

// knownMember is a member that the gateway was seen or documented to send.
type knownMember struct {
	is    expectation
	words map[string]bool // of expectWord and expectStrings
	in    knownMembers    // of expectObject and expectList
}

// knownMembers are the members of an object, by name. What is in none of them is told by Unknown.
type knownMembers map[string]knownMember

func expect(is expectation, names ...string) knownMembers {
	m := knownMembers{}
	for _, name := range names {
		m[name] = knownMember{is: is}
	}
	return m
}

func expectWords(name string, words ...string) knownMembers {
	known := map[string]bool{}
	for _, word := range words {
		known[word] = true
	}
	return knownMembers{name: {is: expectWord, words: known}}
}

func (m knownMembers) listed() knownMembers {
	for name, member := range m {
		member.is = expectStrings
		m[name] = member
	}
	return m
}

func expectIn(is expectation, in knownMembers, names ...string) knownMembers {
	m := knownMembers{}
	for _, name := range names {
		m[name] = knownMember{is: is, in: in}
	}
	return m
}

func union(parts ...knownMembers) knownMembers {
	all := knownMembers{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// billingTypes are how a charge can be paid; a checkout lists some of them.
var billingTypes = []string{"UNDEFINED", "BOLETO", "CREDIT_CARD", "DEBIT_CARD", "TRANSFER", "DEPOSIT", "PIX"}

// knownSplit has the reasons of the validation of withdrawals too, which Asaas added in September 2026.
var knownSplit = union(
	expect(expectIdentifier, "id", "walletId"),
	expect(expectAmount, "fixedValue", "totalValue", "totalFixedValue"),
	expect(expectNumber, "percentualValue", "percentageValue"),
	expect(expectText, "externalReference", "description"),
	expectWords("status", "PENDING", "PROCESSING", "PROCESSING_REFUND", "AWAITING_CREDIT", "CANCELLED", "DONE",
		"REFUNDED", "REFUSED", "DISABLED", "BLOCKED_BY_VALUE_DIVERGENCE"),
	expectWords("cancellationReason", "PAYMENT_DELETED", "PAYMENT_OVERDUE", "PAYMENT_RECEIVED_IN_CASH",
		"PAYMENT_REFUNDED", "VALUE_DIVERGENCE_BLOCK", "WALLET_UNABLE_TO_RECEIVE", "EXTERNAL_AUTHORIZATION_REFUSED",
		"PAYMENT_SPLIT_VALIDATION_FAILED"),
	expectWords("refusalReason", "RECEIVABLE_UNIT_AFFECTED_BY_EXTERNAL_CONTRACTUAL_EFFECT"),
)

var knownCardBrand = []string{
	"VISA", "MASTERCARD", "ELO", "DINERS", "DISCOVER", "AMEX", "CABAL", "BANESCARD", "CREDZ", "SOROCRED", "CREDSYSTEM",
	"JCB", "HIPERCARD", "UNKNOWN",
}

var knownRefund = union(
	expect(expectDate, "dateCreated", "effectiveDate"),
	expectWords("status", "PENDING", "AWAITING_CRITICAL_ACTION_AUTHORIZATION",
		"AWAITING_CUSTOMER_EXTERNAL_AUTHORIZATION", "CANCELLED", "DONE"),
	expect(expectAmount, "value"),
	expect(expectText, "endToEndIdentifier", "description"),
	expect(expectAddress, "transactionReceiptUrl"),
	expectIn(expectList, union(expect(expectIdentifier, "id"), expect(expectAmount, "value"), expect(expectFlag, "done")),
		"refundedSplits"),
)

var knownChargeback = union(
	expect(expectIdentifier, "id", "payment", "installment"),
	expect(expectText, "customerAccount"),
	expectWords("status", "REQUESTED", "IN_DISPUTE", "DISPUTE_LOST", "REVERSED", "DONE"),
	expectWords("reason", "ABSENCE_OF_PRINT", "ABSENT_CARD_FRAUD", "CARD_ACTIVATED_PHONE_TRANSACTION", "CARD_FRAUD",
		"CARD_RECOVERY_BULLETIN", "COMMERCIAL_DISAGREEMENT", "COPY_NOT_RECEIVED", "CREDIT_OR_DEBIT_PRESENTATION_ERROR",
		"DIFFERENT_PAY_METHOD", "FRAUD", "INCORRECT_TRANSACTION_VALUE", "INVALID_CURRENCY", "INVALID_DATA",
		"LATE_PRESENTATION", "LOCAL_REGULATORY_OR_LEGAL_DISPUTE", "MULTIPLE_ROCS",
		"ORIGINAL_CREDIT_TRANSACTION_NOT_ACCEPTED", "OTHER_ABSENT_CARD_FRAUD", "PROCESS_ERROR",
		"RECEIVED_COPY_ILLEGIBLE_OR_INCOMPLETE", "RECURRENCE_CANCELED", "REQUIRED_AUTHORIZATION_NOT_GRANTED",
		"RIGHT_OF_FULL_RECOURSE_FOR_FRAUD", "SALE_CANCELED", "SERVICE_DISAGREEMENT_OR_DEFECTIVE_PRODUCT",
		"SERVICE_NOT_RECEIVED", "SPLIT_SALE", "TRANSFERS_OF_DIVERSE_RESPONSIBILITIES", "UNQUALIFIED_CAR_RENTAL_DEBIT",
		"USA_CARDHOLDER_DISPUTE", "VISA_FRAUD_MONITORING_PROGRAM", "WARNING_BULLETIN_FILE"),
	expectWords("disputeStatus", "REQUESTED", "ACCEPTED", "REJECTED"),
	expect(expectDate, "disputeStartDate", "paymentDate", "deadlineToSendDisputeDocuments"),
	expect(expectAmount, "value"),
	expectIn(expectObject, union(expect(expectText, "number"), expectWords("brand", knownCardBrand...)), "creditCard"),
)

var knownEscrow = union(
	expect(expectIdentifier, "id"),
	expectWords("status", "ACTIVE", "DONE"),
	expect(expectDate, "expirationDate", "finishDate"),
	expectWords("finishReason", "CHARGEBACK", "EXPIRED", "INSUFFICIENT_BALANCE", "PAYMENT_REFUNDED",
		"REQUESTED_BY_CUSTOMER", "CUSTOMER_CONFIG_DISABLED"),
)

var knownSurcharge = union(expect(expectNumber, "value"), expectWords("type", "FIXED", "PERCENTAGE"))

var knownPayment = union(
	expect(expectText, "object", "subscription", "paymentLink", "description", "invoiceNumber", "externalReference",
		"nossoNumero", "pixQrCodeId"),
	expect(expectIdentifier, "id", "customer", "installment", "checkoutSession", "pixTransaction"),
	expect(expectDate, "dateCreated", "dueDate", "originalDueDate", "paymentDate", "clientPaymentDate", "creditDate",
		"estimatedCreditDate", "confirmedDate", "lastInvoiceViewedDate", "lastBankSlipViewedDate"),
	expect(expectAmount, "value", "netValue", "originalValue", "interestValue", "grossValue"),
	expectWords("billingType", billingTypes...),
	expectWords("status", "PENDING", "RECEIVED", "CONFIRMED", "OVERDUE", "REFUNDED", "RECEIVED_IN_CASH",
		"REFUND_REQUESTED", "REFUND_IN_PROGRESS", "CHARGEBACK_REQUESTED", "CHARGEBACK_DISPUTE",
		"AWAITING_CHARGEBACK_REVERSAL", "DUNNING_REQUESTED", "DUNNING_RECEIVED", "AWAITING_RISK_ANALYSIS", "AUTHORIZED"),
	expectIn(expectObject, union(expect(expectText, "creditCardNumber", "creditCardToken"),
		expectWords("creditCardBrand", knownCardBrand...)), "creditCard"),
	expect(expectFlag, "canBePaidAfterDueDate", "deleted", "anticipated", "anticipable", "postalService"),
	expect(expectNumber, "installmentNumber", "daysAfterDueDateToRegistrationCancellation"),
	expect(expectAddress, "invoiceUrl", "transactionReceiptUrl", "bankSlipUrl"),
	expectIn(expectObject, union(knownSurcharge, expect(expectNumber, "dueDateLimitDays"),
		expect(expectDate, "limitDate", "limitedDate")), "discount"),
	expectIn(expectObject, knownSurcharge, "fine", "interest"),
	expectIn(expectList, knownSplit, "split"),
	expectIn(expectObject, knownChargeback, "chargeback"),
	expectIn(expectObject, knownEscrow, "escrow", "custody"),
	expectIn(expectList, knownRefund, "refunds"),
)

var knownCheckout = union(
	expect(expectIdentifier, "id", "customer"),
	expectWords("status", "ACTIVE", "CANCELED", "EXPIRED", "PAID"),
	expectWords("billingTypes", append([]string{"MUNDIPAGG_CIELO"}, billingTypes...)...).listed(),
	expectWords("chargeTypes", "DETACHED", "RECURRENT", "INSTALLMENT").listed(),
	expect(expectNumber, "minutesToExpire"),
	expect(expectText, "object", "externalReference"),
	expect(expectAddress, "link"),
	expectIn(expectObject, expect(expectText, "successUrl", "cancelUrl", "expiredUrl"), "callback"),
	expectIn(expectList, union(expect(expectText, "externalReference", "description", "imageBase64", "name"),
		expect(expectNumber, "quantity"), expect(expectAmount, "value")), "items"),
	expectIn(expectObject, expect(expectText, "name", "cpfCnpj", "email", "phone", "address", "addressNumber",
		"complement", "province", "postalCode", "city"), "customerData"),
	expectIn(expectObject, union(expect(expectDate, "endDate", "nextDueDate"), expectWords("cycle", "WEEKLY", "BIWEEKLY",
		"MONTHLY", "BIMONTHLY", "QUARTERLY", "SEMIANNUALLY", "YEARLY")), "subscription"),
	expectIn(expectObject, expect(expectNumber, "maxInstallmentCount"), "installment"),
	expectIn(expectList, knownSplit, "split", "splits"),
)

var knownAnticipation = union(
	expect(expectText, "object", "denialObservation"),
	expect(expectIdentifier, "id", "installment", "payment"),
	expectWords("status", "PENDING", "DENIED", "CREDITED", "DEBITED", "CANCELLED", "OVERDUE", "SCHEDULED"),
	expect(expectDate, "anticipationDate", "dueDate", "requestDate"),
	expect(expectAmount, "fee", "netValue", "totalValue", "value"),
	expect(expectNumber, "anticipationDays"),
)

// knownEnvelope is the root of a delivery about an object that is folded. The name of the event has a list of its own.
var knownEnvelope = union(
	expect(expectIdentifier, "id"),
	expect(expectText, "event"),
	expect(expectDate, "dateCreated"),
	expectIn(expectObject, expect(expectIdentifier, "id", "ownerId"), "account"),
	expectIn(expectObject, expect(expectIdentifier, "splitId"), "additionalInfo"),
	expectIn(expectObject, knownPayment, "payment"),
	expectIn(expectObject, knownCheckout, "checkout"),
	expectIn(expectObject, knownAnticipation, "anticipation"),
	expectIn(expectObject, knownAccountStatus, "accountStatus"),
)
