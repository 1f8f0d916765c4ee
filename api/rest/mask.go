package rest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// HiddenText stand for what the caller may not see.
const HiddenText = "•••"

// shownKeys are the members of the gateway's objects whose text or number is nobody's
// personal data. It is a list of what is shown, so that a member the gateway adds
// tomorrow is hidden until someone has looked at it.
var shownKeys = words(`id event dateCreated object status ownerId
	customer subscription installment checkoutSession paymentLink payment
	customerId subscriptionId paymentId walletId splitId
	externalReference invoiceNumber nossoNumero pixTransaction pixQrCodeId installmentNumber endToEndIdentifier contractId
	billingType billingTypes chargeTypes type operationType originType frequency cycle
	reason disputeStatus cancellationReason refusalReason
	disableReason disabledReason finishReason commercialInfo bankAccountInfo documentation general
	value netValue grossValue originalValue interestValue fee totalValue fixedValue
	percentualValue percentageValue totalFixedValue transferFee
	minLimitValue quantity discountValue deductions iss pis cofins csll inss ir discount fine interest
	minutesToExpire maxInstallmentCount anticipationDays daysAfterDueDateToRegistrationCancellation dueDateLimitDays
	dueDate originalDueDate confirmedDate paymentDate clientPaymentDate creditDate
	estimatedCreditDate lastInvoiceViewedDate lastBankSlipViewedDate
	limitDate limitedDate anticipationDate requestDate effectiveDate expirationDate
	finishDate startDate endDate nextDueDate scheduleDate date
	disputeStartDate deadlineToSendDisputeDocuments projectedExpirationDateByLackOfUse creditCardBrand`)

// secretKeys are never shown, not even revealed: with a card's token one can charge it.
var secretKeys = words(`creditCardToken`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// MaskPayload returns a body with what is personal hidden, its members in their own order
// and its numbers as they came. With reveal only secrets are hidden. body is valid JSON.
func MaskPayload(body []byte, reveal bool) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	m := masker{dec: dec, reveal: reveal}
	m.value("")
	return m.out.Bytes()
}

type masker struct {
	dec    *json.Decoder
	out    bytes.Buffer
	reveal bool
}

// value copies one value; key is the member that it, or the list around it, belongs to.
func (m *masker) value(key string) {
	token, err := m.dec.Token()
	if err != nil {
		return // not met: the document is valid
	}
	switch token {
	case json.Delim('{'):
		m.members()
	case json.Delim('['):
		m.elements(key)
	default:
		m.write(m.masked(key, token))
	}
}

func (m *masker) members() {
	m.out.WriteByte('{')
	for first := true; m.dec.More(); first = false {
		if !first {
			m.out.WriteByte(',')
		}
		key, _ := m.dec.Token()
		name, _ := key.(string)
		m.write(name)
		m.out.WriteByte(':')
		m.value(name)
	}
	_, _ = m.dec.Token()
	m.out.WriteByte('}')
}

func (m *masker) elements(key string) {
	m.out.WriteByte('[')
	for first := true; m.dec.More(); first = false {
		if !first {
			m.out.WriteByte(',')
		}
		m.value(key)
	}
	_, _ = m.dec.Token()
	m.out.WriteByte(']')
}

func (m *masker) write(v any) {
	enc := json.NewEncoder(&m.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)               // a string, a number, a flag or null
	m.out.Truncate(m.out.Len() - 1) // Encode ends the line
}

// masked returns what is shown of a text or number.
func (m *masker) masked(key string, v any) any {
	text, isText := v.(string)
	_, isNumber := v.(json.Number)
	switch {
	case !isText && !isNumber, text == "" && isText:
		return v
	case secretKeys[key]:
		return HiddenText
	case m.reveal || shownKeys[key]:
		return v
	case key == "cpfCnpj" && isText:
		return MaskDocument(text)
	case key == "creditCardNumber" && len(text) <= 4:
		return v // the gateway sends the last four only
	}
	return HiddenText
}

// MaskDocument shows the middle of a CPF, and all but the beginning and end of a CNPJ.
func MaskDocument(text string) string {
	letters := []rune(strings.NewReplacer(".", "", "-", "", "/", "").Replace(text))
	switch len(letters) {
	case 11:
		return "•••." + string(letters[3:6]) + "." + string(letters[6:9]) + "-••"
	case 14:
		return "••." + string(letters[2:5]) + "." + string(letters[5:8]) + "/" + string(letters[8:12]) + "-••"
	}
	return HiddenText
}
