package simulator

import (
	"encoding/json"

	"patapay/domain/asaas/jsonobject"
)

// share is a part of a charge that goes to another wallet when it is received.
type share struct {
	id, wallet, status string
	fixed, total       cents  // total: known once it is settled
	percent            string // of the net value; "" for a fixed one
}

func (s *share) object() *jsonobject.Object {
	o := jsonobject.Of("id", s.id, "walletId", s.wallet, "fixedValue", s.fixed.orNull(), "percentualValue", nil, "totalValue", s.total.orNull(),
		"cancellationReason", nil, "status", s.status, "externalReference", nil, "description", nil)
	if s.percent != "" {
		o.Set("percentualValue", json.Number(s.percent))
	}
	return o
}

// settleShares sends the shares of a received charge to their wallets. Which line of the
// statement a share has is not published: here an internal debit with its splitId
// (docs/gateway.md, statement lines: unverified).
func (v *scene) settleShares(p *payment) {
	for _, s := range p.shares {
		if s.status == "DONE" {
			continue
		}
		if s.total = s.fixed; s.percent != "" {
			s.total = p.net * hundredths(s.percent) / 10_000
		}
		s.status = "DONE"
		v.books.statement = append(v.books.statement, line{number: v.books.number(), at: v.now, value: -s.total, kind: "INTERNAL_TRANSFER_DEBIT", payment: p.id, split: s.id})
		v.emitWith("PAYMENT_SPLIT_DONE", "payment", p.object(), jsonobject.Of("splitId", s.id))
	}
}

// block takes value of the balance out of the clinic's reach, or gives it back.
func (v *scene) block(value cents, kind string, on bool) {
	lock, event, sign := "BACEN_JUDICIAL_LOCK", "BALANCE_VALUE_BLOCKED", cents(-1)
	if !on {
		lock, event, sign = "BACEN_JUDICIAL_UNLOCK", "BALANCE_VALUE_UNBLOCKED", 1
	}
	v.books.book(v.now, lock, sign*value, "", "")
	v.emit(event, "balance", jsonobject.Of("value", value.literal(), "date", date(v.now), "description", "Bloqueio de saldo.", "type", kind))
}

// move books an internal movement by the gateway: out when value is below zero.
func (v *scene) move(value cents, kind, description string) {
	event := "INTERNAL_TRANSFER_CREDIT"
	if value < 0 {
		event = "INTERNAL_TRANSFER_DEBIT"
	}
	v.books.book(v.now, event, value, "", "")
	v.emit(event, "internalTransferData", jsonobject.Of("description", description, "value", value.literal(), "date", date(v.now), "type", kind))
}
