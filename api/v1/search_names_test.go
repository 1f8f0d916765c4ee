package v1_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Billing's references have no form of their own: whatever one looks like, q finds what has it, in
// every list, and so it does the numbers that stand on a bill.
func TestAReferenceIsFoundThoughItLooksLikeAnID(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	names := []string{
		"0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e",
		"pay_2026_0012",
		"cus_12",
		"evt_9&1",
		"OS/2026/0012",
		"R$ 310,00",
		"2026-11-30",
		"30/11/2026",
	}
	const pay, plan, checkout = "pay_3h08j28ezvwv7s4h", "pay_4310966350068380", "09e28bd4-6a4d-4d88-8a2c-1c3b5c7d9e0f"
	for i, name := range names {
		letter := string(rune('a' + i))
		id := pay + letter
		w.deliver(
			t,
			c,
			edited("payment_received_pix.real", `"REF-0002"`, `"`+name+`"`, pay, id, `"id": "evt_`, `"id": "evt_`+letter),
			edited("receivable_anticipation_pending.made", plan, id, `"id": "evt_`, `"id": "evt_`+letter),
		)
	}
	r := w.as(t, c, "reader")
	own := func(name string) string {
		list := r.ok("/invoices?externalReference=" + url.QueryEscape(name)).data()
		require.Len(t, list, 1, name)
		return list[0]["asaasId"].(string)
	}
	for _, name := range names {
		id, q := own(name), "?q="+url.QueryEscape(name)
		require.Contains(t, asaasIDs(r.ok("/invoices"+q).data(), "asaasId"), id, name)
		require.Contains(t, asaasIDs(r.ok("/events"+q).data(), "entity"), id, name)
	}
	number := r.ok("/invoices/" + own(names[0])).body["invoiceNumber"]
	require.NotEmpty(t, number)
	require.Len(
		t,
		r.ok("/invoices?q="+url.QueryEscape(number.(string))).data(),
		len(names),
		"the samples share their number",
	)
	_ = checkout
}

// The numbers on a bill and the names of a payment find it, what came of it and what is told of it.
func TestTheNumbersOnABillAreFoundInEveryList(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		edited("payment_received_boleto.real", `"06898322"`, `"77001122"`),
		edited("payment_received_pix.real"),
		edited("checkout_created_recurrent.doc"),
	)
	r := w.as(t, c, "reader")
	checkout := r.ok("/checkouts").data()[0]["asaasId"].(string)
	w.deliver(
		t,
		c,
		edited(
			"payment_created_boleto.real",
			"pay_6egmyz6lpfxazko3-mock",
			"pay_1_a1B2c3D4e5F6g7",
			"evt_05b708f961d739ea7eba7e4db318f621&",
			"evt_05b708f961d739ea7eba7e4db318f621&9",
			`"paymentLink": null`,
			`"paymentLink": null, "checkoutSession": "`+checkout+`"`,
			`"10326944"`,
			`"55500011"`,
		),
		edited("receivable_anticipation_pending.made", "pay_4310966350068380", "pay_1_a1B2c3D4e5F6g7"),
	)
	for _, row := range []struct {
		list, member, want string
		names              []string
	}{
		{"/invoices", "asaasId", "pay_6egmyz6lpfxazko3-mock", []string{"77001122", "10326944", "pay_6egmyz6lpfxazko3-mock"}},
		{"/invoices", "asaasId", "pay_1_a1B2c3D4e5F6g7", []string{"55500011", checkout}},
		{"/events", "entity", "pay_6egmyz6lpfxazko3-mock", []string{"77001122", "10326944"}},
		{"/checkouts", "asaasId", checkout, []string{"55500011", "pay_1_a1B2c3D4e5F6g7", checkout}},
		{"/anticipations", "payment", "pay_1_a1B2c3D4e5F6g7", []string{"55500011", "pay_1_a1B2c3D4e5F6g7"}},
	} {
		for _, name := range row.names {
			found := asaasIDs(r.ok(row.list+"?q="+url.QueryEscape(name)).data(), row.member)
			require.Contains(t, found, row.want, "%s %s", row.list, name)
			require.NotContains(t, found, strings.ToLower("pay_1_a1B2c3D4e5F6g7"))
		}
	}
	require.Empty(t, r.ok("/invoices?q=77001122x").data())
	require.Empty(t, r.ok("/invoices?q=770_1122").data(), "no wildcard")
	require.Empty(t, r.ok("/invoices?q=%25").data())
}

// asaasIDs returns one member of each row.
func asaasIDs(rows []map[string]any, member string) (ids []string) {
	for _, row := range rows {
		id, _ := row[member].(string)
		ids = append(ids, id)
	}
	return ids
}
