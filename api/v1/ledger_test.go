package v1_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"

	"patapay/domain/asaas/samples"

	"github.com/stretchr/testify/require"
)

// file reads a path that answers with a file.
func (r *reader) file(path string) (text string, header http.Header) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "GET", r.w.url+r.base+path, nil)
	require.NoError(r.t, err)
	req.Header.Set("Authorization", "Bearer "+r.token)
	res, err := http.DefaultClient.Do(req)
	require.NoError(r.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	require.Equal(r.t, 200, res.StatusCode, "%s", raw)
	return string(raw), res.Header
}

func amountOf(v any) float64 { return v.(map[string]any)["amountCents"].(float64) }

func TestTheLedgerOfAPixPayment(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("payment_received_pix.real"), samples.Event("payment_created_pix.real"))
	r := w.as(t, c, "reader")

	balance := r.ok("/ledger/balance").body
	require.Equal(t, 801.0, amountOf(balance["available"]))
	require.Equal(t, true, balance["balanced"])

	first := r.ok("/ledger/entries?limit=1")
	require.Equal(t, "credit", first.data()[0]["fact"])
	require.Equal(t, "pay_3h08j28ezvwv7s4h", first.data()[0]["subject"])
	next := r.ok("/ledger/entries?limit=1&cursor=" + first.page()["nextCursor"].(string))
	require.Equal(t, "recognise", next.data()[0]["fact"])
	require.Equal(t, false, next.page()["hasMore"])
	require.Len(t, r.ok("/ledger/entries?account=gateway_fee").data(), 1)
	require.Empty(t, r.ok("/ledger/entries?subject=pay_other").data())
	require.Equal(t, 400, r.get("/ledger/entries?subject=other&cursor="+first.page()["nextCursor"].(string)).status)
}

func TestAnAnticipationsLedgerIsSplitOverItsPlan(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("receivable_anticipation_credited_installment.made"))
	r := w.as(t, c, "reader")
	id := "8c2f6d1e-5a34-4a6b-9f0e-2b7d1c9e4f50"
	require.Empty(t, r.ok("/anticipations/" + id + "/ledger").body["invoices"], "its payments have not come")

	for _, n := range []string{"3of3", "1of3", "2of3"} {
		w.deliver(t, c, samples.Event("payment_confirmed_credit_card_installment_"+n+".made"))
	}
	got := r.ok("/anticipations/" + id + "/ledger").body
	require.Equal(
		t,
		[]float64{28905, 1247, 27658, 28905},
		[]float64{amountOf(got["advanced"]), amountOf(got["fee"]), amountOf(got["credited"]), amountOf(got["owed"])},
	)
	var fees, owed []float64
	for _, i := range got["invoices"].([]any) {
		fees, owed = append(fees, amountOf(i.(map[string]any)["fee"])), append(owed, amountOf(i.(map[string]any)["owed"]))
	}
	require.Equal(t, []float64{415, 415, 417}, fees, "the last has the rest")
	require.Equal(t, []float64{9635, 9635, 9635}, owed)
}

// The captured plan of R$ 2.504,15 in two, advanced as a whole.
func TestAnAdvancedPlanOfTwoIsSplitToTheLastCentavo(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	advance, err := samples.Edit{Set: []string{
		"anticipation.installment=76082144-9a5f-43b6-b977-760f9a503fd2", "anticipation.totalValue=2504.15",
		"anticipation.value=2416.29", "anticipation.fee=60.41", "anticipation.netValue=2355.88",
	}}.Apply(samples.Event("receivable_anticipation_credited_installment.made"))
	require.NoError(t, err)
	w.deliver(
		t,
		c,
		advance,
		samples.Event("payment_confirmed_credit_card_installment_2of2.real"),
		samples.Event("payment_confirmed_credit_card_installment_1of2.real"),
	)
	got := w.as(t, c, "reader").ok("/anticipations/8c2f6d1e-5a34-4a6b-9f0e-2b7d1c9e4f50/ledger").body
	var advanced, fees, credited []float64
	for _, i := range got["invoices"].([]any) {
		i := i.(map[string]any)
		advanced, fees, credited = append(advanced, amountOf(i["advanced"])), append(fees, amountOf(i["fee"])),
			append(credited, amountOf(i["credited"]))
	}
	require.Equal(t, []float64{120814, 120815}, advanced, "each its own net value")
	require.Equal(t, []float64{3020, 3021}, fees, "the last has the rest")
	require.Equal(t, []float64{117794, 117794}, credited)
	require.Equal(t, "2.50", got["costPeriod"])
}

func TestThePublishedAnticipationsCost(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(t, c, samples.Event("receivable_anticipation_credited.doc"))
	got := w.as(t, c, "finance").ok("/anticipations/29ad50e9-64ee-427e-a00c-a3999510ca0a/ledger").body
	require.Equal(t, []any{"1.83", "5.17", "2022-09-30"}, []any{got["costPeriod"], got["costMonthly"], got["dueDate"]})
	require.Equal(
		t,
		[]float64{30801, 564, 30237, 30801},
		[]float64{amountOf(got["advanced"]), amountOf(got["fee"]), amountOf(got["credited"]), amountOf(got["owed"])},
	)
}

func TestAStatementEndsInTheBalanceAndItsCellsAreInert(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	evil := strings.ReplaceAll(string(samples.Event("payment_received_pix.real")), "pay_3h08j28ezvwv7s4h", "=1+1;x")
	evil = strings.Replace(evil, "evt_", "evt_0", 1)
	w.deliver(t, c, samples.Event("payment_received_pix.real"), samples.Event("receivable_anticipation_credited.doc"),
		samples.Event("receivable_anticipation_debited.made"), []byte(evil))
	r := w.as(t, c, "finance")
	text, header := r.file("/ledger/statement.csv")
	require.Equal(t, "text/csv; charset=utf-8", header.Get("Content-Type"))
	text, marked := strings.CutPrefix(text, "\ufeff")
	require.True(t, marked, "byte order mark")
	rows := csv.NewReader(strings.NewReader(text))
	rows.Comma = ';'
	all, err := rows.ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"Data", "Descrição", "Referência", "Entrada", "Saída", "Saldo"}, all[0])
	require.Contains(t, text, "Antecipação creditada")
	require.Contains(t, text, ";8,01;;")
	var inert bool
	for _, row := range all[1:] {
		require.NotEqual(t, '=', rune(row[2][0]), "a formula")
		inert = inert || row[2] == "'=1+1;x"
	}
	require.True(t, inert)
	available := amountOf(r.ok("/ledger/balance").body["available"])
	require.InDelta(t, available, centsOf(all[len(all)-1][5]), 0)
}

// centsOf reads "1234,56".
func centsOf(text string) (cents float64) {
	negative := strings.HasPrefix(text, "-")
	for _, r := range text {
		if r >= '0' && r <= '9' {
			cents = cents*10 + float64(r-'0')
		}
	}
	if negative {
		return -cents
	}
	return cents
}
