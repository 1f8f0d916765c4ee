package simulator

import (
	"time"

	"patapay/domain/asaas/jsonobject"
)

// transfer is money that the clinic sends out of its account.
type transfer struct {
	id, status, failure           string
	pixKey, wallet                string // where to: one of them, or a bank account
	description, reference        string
	value, fee                    cents
	created, effective, confirmed time.Time
}

// freeTransfers is how many transfers of a month cost nothing (docs/gateway.md, fees).
const freeTransfers = 30

// send asks for a transfer. Its money leaves the balance at once (docs/gateway.md, statement lines:
// the moment is unverified).
func (v *scene) send(t transfer) *transfer {
	t.id, t.status, t.created = v.world.uuid(), "PENDING", v.now
	if t.wallet == "" && v.sentThisMonth() >= freeTransfers {
		t.fee = 500
	}
	v.books.transfers = append(v.books.transfers, &t)
	v.books.statement = append(v.books.statement, line{number: v.books.number(), at: v.now, value: -t.value, kind: "TRANSFER", transfer: t.id})
	if t.fee > 0 {
		v.books.statement = append(v.books.statement, line{number: v.books.number(), at: v.now, value: -t.fee, kind: "TRANSFER_FEE", transfer: t.id})
	}
	t.tell(v, "CREATED")
	return &t
}

func (v *scene) sentThisMonth() (n int) {
	for _, t := range v.books.transfers {
		if t.created.Year() == v.now.Year() && t.created.Month() == v.now.Month() {
			n++
		}
	}
	return n
}

// watch plans a transfer's way: to the bank after two minutes, there after seven.
func (t *transfer) watch(v *scene) {
	v.world.plan(v.books, v.now.Add(2*time.Minute), func(v *scene) {
		if t.status == "PENDING" {
			t.toBank(v)
			v.world.plan(v.books, v.now.Add(5*time.Minute), func(v *scene) { t.arrive(v) })
		}
	})
}

func (t *transfer) toBank(v *scene) {
	t.status = "BANK_PROCESSING"
	t.tell(v, "IN_BANK_PROCESSING")
}

func (t *transfer) arrive(v *scene) {
	t.status, t.effective, t.confirmed = "DONE", v.now, v.now
	t.tell(v, "DONE")
}

// takeBack ends a transfer that does not arrive, FAILED or CANCELLED; its fee is kept
// (unverified).
func (t *transfer) takeBack(v *scene, status, why string) {
	t.status, t.failure = status, why
	v.books.statement = append(v.books.statement, line{number: v.books.number(), at: v.now, value: t.value, kind: "TRANSFER_REVERSAL", transfer: t.id})
	t.tell(v, status)
}

func (t *transfer) tell(v *scene, event string) {
	o := t.object()
	o.Set("type", t.kind())
	o.Set("canBeCancelled", t.status == "PENDING")
	v.emit("TRANSFER_"+event, "transfer", o)
}

// kind is where a transfer goes, in a webhook's words.
func (t *transfer) kind() string {
	if t.wallet != "" {
		return "ASAAS_ACCOUNT"
	}
	return "BANK_ACCOUNT"
}

func (t *transfer) operation() string {
	switch {
	case t.wallet != "":
		return "INTERNAL"
	case t.pixKey != "":
		return "PIX"
	}
	return "TED"
}

// object renders the transfer with the keys of the real capture.
func (t *transfer) object() *jsonobject.Object {
	effective := any(nil)
	if !t.effective.IsZero() {
		effective = stamp(t.effective)
	}
	bank := jsonobject.Of("bank", jsonobject.Of("code", "077", "name", "BANCO INTER S.A.", "ispb", "00416968"), "accountName", nil, "ownerName", "TITULAR DE TESTE",
		"cpfCnpj", "***.638.889-**", "type", "CHECKING_ACCOUNT", "agency", "0", "agencyDigit", nil, "account", "000000", "accountDigit", "0",
		"pixAddressKey", textOrNull(t.pixKey))
	o := jsonobject.Of("object", "transfer", "id", t.id, "value", t.value.literal(), "netValue", (t.value - t.fee).literal(), "transferFee", t.fee.literal(),
		"dateCreated", date(t.created), "status", t.status, "effectiveDate", effective, "confirmedDate", date(t.confirmed),
		"endToEndIdentifier", nil, "transactionReceiptUrl", nil, "operationType", t.operation(), "failReason", textOrNull(t.failure),
		"walletId", textOrNull(t.wallet), "description", textOrNull(t.description), "externalReference", textOrNull(t.reference),
		"authorized", t.status != "PENDING", "scheduleDate", date(t.created), "type", t.kind(), "bankAccount", bank, "recurring", nil)
	if t.wallet != "" {
		o.Drop("bankAccount")
		o.Set("account", jsonobject.Of("name", "Conta de teste", "cpfCnpj", "***.143.689-**"))
	}
	return o
}

// answer renders the transfer as the API does: type is the operation there, and some keys
// of the webhook's are left out.
func (t *transfer) answer() *jsonobject.Object {
	o := t.object()
	o.Set("type", t.operation())
	o.Set("effectiveDate", date(t.effective))
	for _, key := range []string{"walletId", "confirmedDate", "account"} {
		o.Drop(key)
	}
	if bank, ok := o.Get("bankAccount").(*jsonobject.Object); ok {
		bank.Drop("type")
	}
	return o
}
