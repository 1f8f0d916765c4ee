package simulator

import (
	"strconv"
	"time"

	"patapay/domain/asaas/jsonobject"
)

func (l line) object(balance cents) *jsonobject.Object {
	return jsonobject.Of("object", "financialTransaction", "id", "ftn_"+strconv.Itoa(15_000_000+l.number),
		"value", l.value.literal(), "balance", balance.literal(), "type", l.kind, "date", date(l.at),
		"description", l.kind, "paymentId", textOrNull(l.payment), "splitId", textOrNull(l.split), "transferId", textOrNull(l.transfer),
		"anticipationId", textOrNull(l.advance), "billId", nil, "invoiceId", nil,
		"paymentDunningId", nil, "creditBureauReportId", nil)
}

// line is one movement of the account's balance.
type line struct {
	number           int
	at               time.Time
	value            cents // signed
	kind             string
	payment, advance string
	transfer, split  string // ids, "" none
}

// book adds a movement to the account's statement; nothing for an amount of zero.
func (a *books) book(at time.Time, kind string, value cents, payment, anticipation string) {
	if value != 0 {
		a.statement = append(a.statement, line{number: a.number(), at: at, value: value, kind: kind, payment: payment, advance: anticipation})
	}
}

// balance returns the sum of the statement.
func (a *books) balance() (sum cents) {
	for _, l := range a.statement {
		sum += l.value
	}
	return sum
}
