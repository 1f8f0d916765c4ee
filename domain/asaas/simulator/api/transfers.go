package api

import (
	"net/http"
	"slices"

	"patapay/domain/asaas/simulator/accounts"
)

// transferCalls answer /transfers.
type transferCalls struct{ *call }

// create sends money to a Pix key, a wallet or a bank account; more than the
// balance is refused.
func (c transferCalls) create() answer {
	value, ok := accounts.CentsOf(c.body.Get("value"))
	t := accounts.Transfer{
		Value: value, PixKey: c.body.Text("pixAddressKey"), Wallet: c.body.Text("walletId"),
		Description: c.body.Text("description"), Reference: c.body.Text("externalReference"),
	}
	switch {
	case !ok:
		return refused(http.StatusBadRequest, "invalid_value", "O campo value deve ser informado.")
	case t.PixKey == "" && t.Wallet == "" && c.body.Get("bankAccount") == nil:
		return refused(http.StatusBadRequest, "invalid_action",
			"Informe a conta bancária, a chave Pix ou a carteira de destino.")
	case value > c.books.Balance():
		return refused(http.StatusBadRequest, "invalid_action", "Saldo insuficiente para realizar a transferência.")
	}
	v := c.scene()
	sent := v.Send(t)
	sent.Watch(v)
	return good(sent.Answer())
}

func (c transferCalls) list() answer {
	var items []any
	for _, t := range slices.Backward(c.books.Transfers) {
		if c.within("dateCreated", t.Created) && c.within("transferDate", t.Effective) && c.is("type", t.Operation()) {
			items = append(items, t.Answer())
		}
	}
	return c.page(items)
}

// find runs handle on the transfer that the path names, 404 for any other.
func (c transferCalls) find(handle func(*accounts.Transfer) answer) answer {
	for _, t := range c.books.Transfers {
		if t.ID == c.r.PathValue("id") {
			return handle(t)
		}
	}
	return absent()
}

func (c transferCalls) get() answer {
	return c.find(func(t *accounts.Transfer) answer { return good(t.Answer()) })
}

func (c transferCalls) cancel() answer {
	return c.find(func(t *accounts.Transfer) answer {
		if t.Status != "PENDING" {
			return refused(http.StatusBadRequest, "invalid_action", "A transferência não pode mais ser cancelada.")
		}
		t.TakeBack(c.scene(), "CANCELLED", "")
		return good(t.Answer())
	})
}
