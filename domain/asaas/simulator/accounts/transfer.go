package accounts

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// Transfer is money that the clinic sends out of its account.
type Transfer struct {
	ID, Status, failure           string
	PixKey, Wallet                string // where to: one of them, or a bank account
	Description, Reference        string
	Value, fee                    Cents
	Created, Effective, confirmed time.Time
}

// freeTransfers is how many transfers of a month cost nothing (docs/gateway.md, fees).
const freeTransfers = 30

// Send asks for a transfer. Its money leaves the balance at once (docs/gateway.md, statement lines:
// the instant is unverified).
func (v *Scene) Send(t Transfer) *Transfer {
	t.ID, t.Status, t.Created = v.World.UUID(), "PENDING", v.Now
	if t.Wallet == "" && v.sentThisMonth() >= freeTransfers {
		t.fee = 500
	}
	v.Books.Transfers = append(v.Books.Transfers, &t)
	v.Books.Statement = append(v.Books.Statement,
		Line{number: v.Books.number(), At: v.Now, Value: -t.Value, kind: "TRANSFER", transfer: t.ID})
	if t.fee > 0 {
		v.Books.Statement = append(v.Books.Statement,
			Line{number: v.Books.number(), At: v.Now, Value: -t.fee, kind: "TRANSFER_FEE", transfer: t.ID})
	}
	t.tell(v, "CREATED")
	return &t
}

func (v *Scene) sentThisMonth() (n int) {
	for _, t := range v.Books.Transfers {
		if t.Created.Year() == v.Now.Year() && t.Created.Month() == v.Now.Month() {
			n++
		}
	}
	return n
}

// Watch plans a transfer's way: to the bank after two minutes, there after seven.
func (t *Transfer) Watch(v *Scene) {
	v.World.Plan(v.Books, v.Now.Add(2*time.Minute), func(v *Scene) {
		if t.Status == "PENDING" {
			t.ToBank(v)
			v.World.Plan(v.Books, v.Now.Add(5*time.Minute), func(v *Scene) { t.Arrive(v) })
		}
	})
}

// ToBank hands a transfer over to the bank.
func (t *Transfer) ToBank(v *Scene) {
	t.Status = "BANK_PROCESSING"
	t.tell(v, "IN_BANK_PROCESSING")
}

// Arrive ends a transfer at its destination.
func (t *Transfer) Arrive(v *Scene) {
	t.Status, t.Effective, t.confirmed = "DONE", v.Now, v.Now
	t.tell(v, "DONE")
}

// TakeBack ends a transfer that does not arrive, FAILED or CANCELLED; its fee is kept
// (unverified).
func (t *Transfer) TakeBack(v *Scene, status, why string) {
	t.Status, t.failure = status, why
	v.Books.Statement = append(v.Books.Statement,
		Line{number: v.Books.number(), At: v.Now, Value: t.Value, kind: "TRANSFER_REVERSAL", transfer: t.ID})
	t.tell(v, status)
}

func (t *Transfer) tell(v *Scene, event string) {
	o := t.object()
	o.Set("type", t.kind())
	o.Set("canBeCancelled", t.Status == "PENDING")
	v.emit("TRANSFER_"+event, "transfer", o)
}

// kind is where a transfer goes, in a webhook's words.
func (t *Transfer) kind() string {
	if t.Wallet != "" {
		return "ASAAS_ACCOUNT"
	}
	return "BANK_ACCOUNT"
}

// Operation is how a transfer goes, in the REST API's words.
func (t *Transfer) Operation() string {
	switch {
	case t.Wallet != "":
		return "INTERNAL"
	case t.PixKey != "":
		return "PIX"
	}
	return "TED"
}

// object renders the transfer with the keys of the real capture.
func (t *Transfer) object() *jsonobject.Object {
	effective := any(nil)
	if !t.Effective.IsZero() {
		effective = Stamp(t.Effective)
	}
	bank := jsonobject.Of("bank", jsonobject.Of("code", "077", "name", "BANCO INTER S.A.", "ispb", "00416968"),
		"accountName", nil, "ownerName", "TITULAR DE TESTE",
		"cpfCnpj", "***.638.889-**", "type", "CHECKING_ACCOUNT", "agency", "0", "agencyDigit", nil,
		"account", "000000", "accountDigit", "0",
		"pixAddressKey", TextOrNull(t.PixKey))
	o := jsonobject.Of("object", "transfer", "id", t.ID, "value", t.Value.Literal(),
		"netValue", (t.Value - t.fee).Literal(), "transferFee", t.fee.Literal(),
		"dateCreated", Date(t.Created), "status", t.Status, "effectiveDate", effective,
		"confirmedDate", Date(t.confirmed),
		"endToEndIdentifier", nil, "transactionReceiptUrl", nil, "operationType", t.Operation(),
		"failReason", TextOrNull(t.failure),
		"walletId", TextOrNull(t.Wallet), "description", TextOrNull(t.Description),
		"externalReference", TextOrNull(t.Reference),
		"authorized", t.Status != "PENDING", "scheduleDate", Date(t.Created), "type", t.kind(), "bankAccount", bank,
		"recurring", nil)
	if t.Wallet != "" {
		o.Drop("bankAccount")
		o.Set("account", jsonobject.Of("name", "Conta de teste", "cpfCnpj", "***.143.689-**"))
	}
	return o
}

// Answer renders the transfer as the API does: type is the operation there, and some keys
// of the webhook's are left out.
func (t *Transfer) Answer() *jsonobject.Object {
	o := t.object()
	o.Set("type", t.Operation())
	o.Set("effectiveDate", Date(t.Effective))
	for _, key := range []string{"walletId", "confirmedDate", "account"} {
		o.Drop(key)
	}
	if bank, ok := o.Get("bankAccount").(*jsonobject.Object); ok {
		bank.Drop("type")
	}
	return o
}
