package accounts

import (
	"encoding/json"

	"patapay/domain/asaas/jsonobject"
)

// Share is a part of a charge that goes to another wallet when it is received.
type Share struct {
	ID, Wallet, Status string
	Fixed, Total       Cents  // total: known once it is settled
	Percent            string // of the net value; "" for a fixed one
}

func (s *Share) object() *jsonobject.Object {
	o := jsonobject.Of("id", s.ID, "walletId", s.Wallet, "fixedValue", s.Fixed.orNull(), "percentualValue", nil,
		"totalValue", s.Total.orNull(),
		"cancellationReason", nil, "status", s.Status, "externalReference", nil, "description", nil)
	if s.Percent != "" {
		o.Set("percentualValue", json.Number(s.Percent))
	}
	return o
}

// SettleShares sends the shares of a received charge to their wallets. Which line of the
// statement a share has is not published: here an internal debit with its splitId
// (docs/gateway.md, statement lines: unverified).
func (v *Scene) SettleShares(p *Payment) {
	for _, s := range p.Shares {
		if s.Status == "DONE" {
			continue
		}
		if s.Total = s.Fixed; s.Percent != "" {
			s.Total = p.Net * Hundredths(s.Percent) / 10_000
		}
		s.Status = "DONE"
		v.Books.Statement = append(v.Books.Statement,
			Line{
				number: v.Books.number(), At: v.Now, Value: -s.Total, kind: "INTERNAL_TRANSFER_DEBIT", payment: p.ID,
				split: s.ID,
			})
		v.emitWith("PAYMENT_SPLIT_DONE", "payment", p.Object(), jsonobject.Of("splitId", s.ID))
	}
}

// Block takes value of the balance out of the clinic's reach, or gives it back.
func (v *Scene) Block(value Cents, kind string, on bool) {
	lock, event, sign := "BACEN_JUDICIAL_LOCK", "BALANCE_VALUE_BLOCKED", Cents(-1)
	if !on {
		lock, event, sign = "BACEN_JUDICIAL_UNLOCK", "BALANCE_VALUE_UNBLOCKED", 1
	}
	v.Books.book(v.Now, lock, sign*value, "", "")
	v.emit(event, "balance", jsonobject.Of("value", value.Literal(), "date", Date(v.Now),
		"description", "Bloqueio de saldo.", "type", kind))
}

// Move books an internal movement by the gateway: out when value is below zero.
func (v *Scene) Move(value Cents, kind, description string) {
	event := "INTERNAL_TRANSFER_CREDIT"
	if value < 0 {
		event = "INTERNAL_TRANSFER_DEBIT"
	}
	v.Books.book(v.Now, event, value, "", "")
	v.emit(event, "internalTransferData", jsonobject.Of("description", description, "value", value.Literal(),
		"date", Date(v.Now), "type", kind))
}
