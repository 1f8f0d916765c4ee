package v1_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patapay/domain/asaas/samples"
)

// receivedOn is a Pix of one real more each time, paid on a day; what is delivered last may be the oldest.
func receivedOn(n int, day string) []byte {
	id := "pay_day" + string(rune('a'+n))
	return []byte(strings.NewReplacer("pay_3h08j28ezvwv7s4h", id, "evt_", "evt_"+string(rune('a'+n)), "2026-08-08", day).
		Replace(string(samples.Event("payment_received_pix.real"))))
}

// The statement stood in the order of arrival, without the day's balance, the client or a link; nobody could read a month of it.
func TestAStatementIsReadByItsDaysWithTheBalanceAfterEachLine(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t, c, receivedOn(0, "2026-07-20"), receivedOn(1, "2026-08-05"), receivedOn(2, "2026-07-02"),
		receivedOn(3, "2026-08-01"),
	)
	r := w.as(t, c, "finance")
	const list = "/ledger/entries?account=asaas_available&limit=3"
	first := r.ok(list + "&sort=-effective")
	second := r.ok(list + "&sort=-effective&cursor=" + first.page()["nextCursor"].(string))
	var days []string
	var balances []float64
	for _, e := range append(first.data(), second.data()...) {
		days, balances = append(days, e["effective"].(string)), append(balances, amountOf(e["balanceAfter"]))
		require.Regexp(t, "^ivc_", e["invoice"])
		require.NotNil(t, e["customer"])
	}
	require.Equal(t, []string{"2026-08-05", "2026-08-01", "2026-07-20", "2026-07-02"}, days)
	require.Equal(t, []float64{3204, 2403, 1602, 801}, balances)
	require.Equal(t, 400, r.get(list+"&cursor="+first.page()["nextCursor"].(string)).status, "a cursor of the other order")
	require.Equal(
		t,
		3204.0,
		amountOf(r.ok(list).data()[0]["balanceAfter"]),
		"in the order of booking the newest ends in the balance",
	)

	july := r.ok("/ledger/summary?effective[gte]=2026-07-10&effective[lte]=2026-07-31").body
	require.Equal(t, []float64{801, 1602, 801, 0, 1}, []float64{
		amountOf(july["opening"]),
		amountOf(july["closing"]),
		amountOf(july["in"]),
		amountOf(july["out"]),
		july["lines"].(float64),
	})
	require.Positive(t, amountOf(july["fees"]))
	require.Len(t, r.ok(list+"&effective[lte]=2026-07-31").data(), 2)
	only := r.ok(list + "&sort=-effective&kind=statement,opening").data()
	require.Empty(t, only)
	require.Nil(
		t,
		r.ok(list + "&sort=-effective&kind=payment").data()[0]["balanceAfter"],
		"lines are left out: there is no balance after one",
	)
	require.Equal(t, 422, r.get(list+"&kind=everything").status)
}

// The file of a filter has the lines of the filter, in the page's order turned, and no other.
func TestTheFileOfAStatementHasItsLinesAndBalances(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t, c, receivedOn(0, "2026-07-20"), receivedOn(1, "2026-08-05"), receivedOn(2, "2026-07-02"),
		receivedOn(3, "2026-08-01"),
	)
	r := w.as(t, c, "finance")
	august := r.table(r.made("statement", map[string]string{"account": "asaas_available", "effective[gte]": "2026-08-01"}))
	var cells [][]string
	for _, row := range august {
		cells = append(cells, []string{row["Data"], row["Descrição"], row["Entrada"], row["Saldo"]})
	}
	require.Equal(t, [][]string{
		{"01/08/2026", "Saldo anterior", "", "16,02"},
		{"01/08/2026", "Cobrança recebida", "8,01", "24,03"},
		{"05/08/2026", "Cobrança recebida", "8,01", "32,04"},
	}, cells)
	none := r.table(r.made("statement", map[string]string{"kind": "statement"}))
	require.Empty(t, none)
	require.Len(
		t,
		r.table(r.made("statement", map[string]string{"kind": "payment"})),
		4,
		"without an account it is the balance's",
	)
}
