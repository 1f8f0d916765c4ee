package v1_test

import (
	"net/url"
	"testing"
	"time"

	"patapay/domain/asaas/samples"

	"github.com/stretchr/testify/require"
)

func TestWhatAPersonTypesFindsTheInvoiceByItsForm(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		edited("payment_received_pix.real", `"REF-0002"`, `"310"`),
		samples.Event("payment_deleted_boleto.real"),
	)
	r := w.as(t, c, "reader")
	pix := r.ok("/invoices/pay_3h08j28ezvwv7s4h").body
	cents := int(pix["value"].(map[string]any)["amountCents"].(float64))
	due := pix["dueDate"].(string)
	for _, row := range []struct {
		q    string
		want int
	}{
		{pix["id"].(string), 1},
		{"pay_3h08j28ezvwv7s4h", 1},
		{" pay_3h08j28ezvwv7s4h ", 1},
		{"pay_absent", 0},
		{pix["customer"].(string), 1},
		{written(cents), 1},
		{"R$ " + written(cents), 1},
		{"R$\u00a0" + written(cents), 1},
		{"R$ 99.999,99", 0},
		{due[8:] + "/" + due[5:7] + "/" + due[:4], 1},
		{due, 1},
		{"31/12/1999", 0},
		{"31/02/2026", 0},
		{"310", 1},
		{"orc-absent", 0},
		{"", 2},
	} {
		require.Len(t, r.ok("/invoices?q="+url.QueryEscape(row.q)).data(), row.want, "%q", row.q)
	}
}

func TestWhatAPersonTypesFindsTheEventByItsForm(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		edited("payment_received_pix.real", `"REF-0002"`, `"310"`),
		samples.Event("payment_deleted_boleto.real"),
		samples.Event("checkout_created_recurrent.doc"),
	)
	r := w.as(t, c, "reader")
	pix := r.ok("/invoices/pay_3h08j28ezvwv7s4h").body
	cents := int(pix["value"].(map[string]any)["amountCents"].(float64))
	event := r.ok("/events?entity=pay_3h08j28ezvwv7s4h").data()[0]
	checkout := r.ok("/checkouts").data()[0]
	for _, row := range []struct {
		q    string
		want int
	}{
		{event["asaasId"].(string), 1},
		{event["id"].(string), 1},
		{"pay_3h08j28ezvwv7s4h", 1},
		{pix["id"].(string), 1},
		{pix["customer"].(string), 1},
		{"310", 1},
		{"R$ " + written(cents), 1},
		{written(cents), 1},
		{"22/11/2026", 3},
		{"2026-11-22", 3},
		{checkout["asaasId"].(string), 1},
		{"evt_absent", 0},
		{"pay_absent", 0},
		{"cus_absent", 0},
		{"R$ 99.999,99", 0},
		{"21/11/2026", 0},
		{"orc-absent", 0},
		{"", 3},
	} {
		require.Len(t, r.ok("/events?q="+url.QueryEscape(row.q)).data(), row.want, "%q", row.q)
		sum := r.ok("/events/summary?q=" + url.QueryEscape(row.q)).body
		require.EqualValues(t, row.want, sum["received"], "the summary counts what the list shows: %q", row.q)
	}
}

func TestASummaryOfEventsCountsByDayWhatBecameOfThem(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t,
		c,
		samples.Event("payment_received_pix.real"),
		[]byte(`{"id":"evt_1","event":"PAYMENT_CREATED","payment":{"id":"pay_1"`),
	)
	w.now = w.now.Add(26 * time.Hour)
	w.store(t, c, samples.Event("payment_created_pix.real"))
	r := w.as(t, c, "reader")
	sum := r.ok("/events/summary").body
	for name, want := range map[string]any{
		"received": 3.0, "done": 1.0, "failed": 1.0, "waiting": 1.0, "refused": 0.0, "step": "day",
	} {
		require.Equal(t, want, sum[name], name)
	}
	buckets := sum["buckets"].([]any)
	require.Len(t, buckets, 2)
	require.Equal(
		t,
		map[string]any{
			"at":       "2026-11-22T03:00:00Z",
			"received": 2.0,
			"done":     1.0,
			"failed":   1.0,
			"waiting":  0.0,
			"refused":  0.0,
		},
		buckets[0],
	)
	require.Equal(
		t,
		"hour",
		r.ok("/events/summary?receivedAt[gte]=2026-11-22T12:00:00Z&receivedAt[lte]=2026-11-23T12:00:00Z").body["step"],
	)
	require.EqualValues(t, 1, r.ok("/events/summary?outcome=dead").body["received"])
	refused := r.get("/events/summary?receivedAt[gte]=2024-11-22T12:00:00Z")
	require.Equal(t, 422, refused.status, "a period is bounded")
	w.exec(t, `UPDATE due SET tries = 5 WHERE clinic_id = $1 AND next_at = 'infinity'`, c.ID)
	require.Empty(t, r.ok("/events?tries[gte]=6").data())
	tried := r.ok("/events?tries[gte]=5").data()
	require.Len(t, tried, 1)
	require.EqualValues(t, 5, tried[0]["tries"])
}

func TestEventsAreToldByWhereTheyCameFrom(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"), samples.Event("payment_created_boleto.real"))
	w.exec(t, `UPDATE events SET type = 'TRUTH' WHERE clinic_id = $1 AND type = 'PAYMENT_RECEIVED'`, c.ID)
	w.deliver(t, c, samples.Event("payment_received_boleto.real"))
	w.exec(t, `UPDATE events SET type = 'PATAPAY_SELF_CHECK' WHERE clinic_id = $1 AND type = 'PAYMENT_RECEIVED'`, c.ID)
	r := w.as(t, c, "reader")
	for source, want := range map[string][]any{
		"webhook": {"PAYMENT_CREATED"}, "api": {"TRUTH"},
		"test": {"PATAPAY_SELF_CHECK"}, "webhook,test": {"PATAPAY_SELF_CHECK", "PAYMENT_CREATED"},
	} {
		var types []any
		for _, e := range r.ok("/events?source=" + source).data() {
			types = append(types, e["type"])
		}
		require.ElementsMatch(t, want, types, source)
	}
	require.EqualValues(t, 1, r.ok("/events/summary?source=webhook").body["received"])
	require.Equal(t, 422, r.get("/events?source=elsewhere").status)
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
