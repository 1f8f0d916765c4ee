package v1_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/asaastest"
)

func TestWhatAPersonTypesFindsTheInvoiceByItsForm(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, edited("payment_received_pix.real", `"REF-0002"`, `"310"`), asaastest.Event("payment_deleted_boleto.real"))
	r := w.as(t, c, "reader")
	pix := r.ok("/invoices/pay_3h08j28ezvwv7s4h").body
	cents := int(pix["value"].(map[string]any)["amountCents"].(float64))
	due := pix["dueDate"].(string)
	for _, row := range []struct {
		q    string
		want int
	}{
		{pix["id"].(string), 1}, {"pay_3h08j28ezvwv7s4h", 1}, {" pay_3h08j28ezvwv7s4h ", 1}, {"pay_absent", 0}, {pix["customer"].(string), 1},
		{written(cents), 1}, {"R$ " + written(cents), 1}, {"R$\u00a0" + written(cents), 1}, {"R$ 99.999,99", 0},
		{due[8:] + "/" + due[5:7] + "/" + due[:4], 1}, {due, 1}, {"31/12/1999", 0}, {"31/02/2026", 0},
		{"310", 1}, {"orc-absent", 0}, {"", 2},
	} {
		require.Len(t, r.ok("/invoices?q="+url.QueryEscape(row.q)).data(), row.want, "%q", row.q)
	}
	event := r.ok("/events?entity=pay_3h08j28ezvwv7s4h").data()[0]
	for _, q := range []string{event["asaasId"].(string), "pay_3h08j28ezvwv7s4h"} {
		require.Len(t, r.ok("/events?q="+url.QueryEscape(q)).data(), 1, q)
	}
	require.Empty(t, r.ok("/events?q=evt_absent").data())
}

// written is an amount as people write it, without points between the thousands.
func written(cents int) string {
	text := []byte{byte('0' + cents/10%10), byte('0' + cents%10)}
	reais := cents / 100
	whole := ""
	for ; reais > 0 || whole == ""; reais /= 10 {
		whole = string(rune('0'+reais%10)) + whole
	}
	return whole + "," + string(text)
}
