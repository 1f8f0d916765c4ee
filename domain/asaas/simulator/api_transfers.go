package simulator

import (
	"net/http"
	"slices"
)

// transferCalls answer /transfers.
type transferCalls struct{ *call }

// create sends money to a Pix key, a wallet or a bank account; more than the
// balance is refused.
func (c transferCalls) create() answer {
	value, ok := centsOf(c.body.Get("value"))
	t := transfer{value: value, pixKey: c.body.Text("pixAddressKey"), wallet: c.body.Text("walletId"), description: c.body.Text("description"), reference: c.body.Text("externalReference")}
	switch {
	case !ok:
		return refused(http.StatusBadRequest, "invalid_value", "O campo value deve ser informado.")
	case t.pixKey == "" && t.wallet == "" && c.body.Get("bankAccount") == nil:
		return refused(http.StatusBadRequest, "invalid_action", "Informe a conta bancária, a chave Pix ou a carteira de destino.")
	case value > c.books.balance():
		return refused(http.StatusBadRequest, "invalid_action", "Saldo insuficiente para realizar a transferência.")
	}
	v := c.scene()
	sent := v.send(t)
	sent.watch(v)
	return good(sent.answer())
}

func (c transferCalls) list() answer {
	var items []any
	for _, t := range slices.Backward(c.books.transfers) {
		if c.within("dateCreated", t.created) && c.within("transferDate", t.effective) && c.is("type", t.operation()) {
			items = append(items, t.answer())
		}
	}
	return c.page(items)
}

// find runs handle on the transfer that the path names, 404 for any other.
func (c transferCalls) find(handle func(*transfer) answer) answer {
	for _, t := range c.books.transfers {
		if t.id == c.r.PathValue("id") {
			return handle(t)
		}
	}
	return absent()
}

func (c transferCalls) get() answer {
	return c.find(func(t *transfer) answer { return good(t.answer()) })
}

func (c transferCalls) cancel() answer {
	return c.find(func(t *transfer) answer {
		if t.status != "PENDING" {
			return refused(http.StatusBadRequest, "invalid_action", "A transferência não pode mais ser cancelada.")
		}
		t.takeBack(c.scene(), "CANCELLED", "")
		return good(t.answer())
	})
}
