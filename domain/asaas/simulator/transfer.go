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
	t.id, t.status, t.created = v.s.uuid(), "PENDING", v.now
	if t.wallet == "" && v.sentThisMonth() >= freeTransfers {
		t.fee = 500
	}
	v.a.transfers = append(v.a.transfers, &t)
	v.a.statement = append(v.a.statement, line{number: v.a.number(), at: v.now, value: -t.value, kind: "TRANSFER", transfer: t.id})
	if t.fee > 0 {
		v.a.statement = append(v.a.statement, line{number: v.a.number(), at: v.now, value: -t.fee, kind: "TRANSFER_FEE", transfer: t.id})
	}
	v.tellTransfer("CREATED", &t)
	return &t
}

func (v *scene) sentThisMonth() (n int) {
	for _, t := range v.a.transfers {
		if t.created.Year() == v.now.Year() && t.created.Month() == v.now.Month() {
			n++
		}
	}
	return n
}

// watchTransfer plans a transfer's way: to the bank after two minutes, there after seven.
func (v *scene) watchTransfer(t *transfer) {
	v.s.plan(v.a, v.now.Add(2*time.Minute), func(v *scene) {
		if t.status == "PENDING" {
			v.toBank(t)
			v.s.plan(v.a, v.now.Add(5*time.Minute), func(v *scene) { v.arrive(t) })
		}
	})
}

func (v *scene) toBank(t *transfer) {
	t.status = "BANK_PROCESSING"
	v.tellTransfer("IN_BANK_PROCESSING", t)
}

func (v *scene) arrive(t *transfer) {
	t.status, t.effective, t.confirmed = "DONE", v.now, v.now
	v.tellTransfer("DONE", t)
}

// takeBack ends a transfer that does not arrive, FAILED or CANCELLED; its fee is kept
// (unverified).
func (v *scene) takeBack(t *transfer, status, why string) {
	t.status, t.failure = status, why
	v.a.statement = append(v.a.statement, line{number: v.a.number(), at: v.now, value: t.value, kind: "TRANSFER_REVERSAL", transfer: t.id})
	v.tellTransfer(status, t)
}

func (v *scene) tellTransfer(event string, t *transfer) {
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
