package accounts

import (
	"strconv"
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Object returns the movement as the REST API shows it, with the balance after it.
func (l Line) Object(balance Cents) *jsonobject.Object {
	return jsonobject.Of("object", "financialTransaction", "id", "ftn_"+strconv.Itoa(15_000_000+l.number),
		"value", l.Value.Literal(), "balance", balance.Literal(), "type", l.kind, "date", Date(l.At),
		"description", l.kind, "paymentId", TextOrNull(l.payment), "splitId", TextOrNull(l.split),
		"transferId", TextOrNull(l.transfer),
		"anticipationId", TextOrNull(l.advance), "billId", nil, "invoiceId", nil,
		"paymentDunningId", nil, "creditBureauReportId", nil)
}

// Line is one movement of the account's balance.
type Line struct {
	number           int
	At               time.Time
	Value            Cents // signed
	kind             string
	payment, advance string
	transfer, split  string // ids, "" none
}

// book adds a movement to the account's statement; nothing for an amount of zero.
func (a *Books) book(at time.Time, kind string, value Cents, payment, anticipation string) {
	if value != 0 {
		a.Statement = append(a.Statement, Line{
			number: a.number(), At: at, Value: value, kind: kind, payment: payment,
			advance: anticipation,
		})
	}
}

// Balance returns the sum of the statement.
func (a *Books) Balance() (sum Cents) {
	for _, l := range a.Statement {
		sum += l.Value
	}
	return sum
}

// Movement is a line that the statement has though nothing of the account's objects made it.
type Movement struct {
	Type       string `json:"type"`
	ValueCents int64  `json:"valueCents"` // signed
	Payment    string `json:"payment"`    // that the line names; "": none
}

// Book adds movements to the account's statement, dated now. It fails for an unknown account.
func (w *World) Book(accountID string, movements []Movement) error {
	w.Lock()
	defer w.Unlock()
	books, err := w.Find(accountID)
	if err != nil {
		return err
	}
	for _, m := range movements {
		books.book(w.Clock.Now(), m.Type, Cents(m.ValueCents), m.Payment, "")
	}
	return nil
}
