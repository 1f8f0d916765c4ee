package v1_test

import (
	"html"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"

	"patapay/domain/asaas/samples"
)

// receivedOn is a Pix of one real more each time, paid on a day; what is delivered last may be the oldest.
func receivedOn(n int, day string) []byte {
	id := "pay_day" + string(rune('a'+n))
	return []byte(strings.NewReplacer("pay_3h08j28ezvwv7s4h", id, "evt_", "evt_"+string(rune('a'+n)), "2026-08-08", day).
		Replace(string(samples.Event("payment_received_pix.real"))))
}

// The statement stood in the order of arrival, without the day's balance, the client or a
// link; nobody could read a month of it.
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

// ofxTags reads what a program that imports an OFX file reads: the values of each tag, in their order. It fails for
// what is not Windows-1252 of SGML with one value a line.
func ofxTags(t *testing.T, file string) map[string][]string {
	t.Helper()
	head, body, ok := strings.Cut(file, "\r\n\r\n")
	require.True(t, ok)
	require.Equal(t, "OFXHEADER:100 DATA:OFXSGML VERSION:102", strings.Join(strings.Split(head, "\r\n")[:3], " "))
	require.Contains(t, head, "CHARSET:1252")
	text, err := charmap.Windows1252.NewDecoder().String(body)
	require.NoError(t, err)
	tags, open := map[string][]string{}, []string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		for _, part := range strings.SplitAfter(line, ">") {
			if name, closes := strings.CutPrefix(part, "</"); closes {
				require.Equal(t, open[len(open)-1], strings.TrimSuffix(name, ">"))
				open = open[:len(open)-1]
			} else if name, opens := strings.CutPrefix(part, "<"); opens {
				open = append(open, strings.TrimSuffix(name, ">"))
			} else if part != "" {
				name := open[len(open)-1]
				tags[name], open = append(tags[name], html.UnescapeString(part)), open[:len(open)-1]
			}
		}
	}
	require.Empty(t, open, "what is open is closed")
	return tags
}

func centavosOf(t *testing.T, amounts ...string) (sum float64) {
	t.Helper()
	for _, amount := range amounts {
		n, err := strconv.Atoi(strings.Replace(amount, ".", "", 1))
		require.NoError(t, err)
		sum += float64(n)
	}
	return sum
}

// An accountant imported the statement by typing it: there was no file that their program reads.
func TestAStatementIsImportedAsOFXAndTwiceAddsNothing(t *testing.T) {
	t.Parallel()
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	w.deliver(
		t, c, receivedOn(0, "2026-07-20"), receivedOn(1, "2026-08-05"), receivedOn(2, "2026-07-02"),
		receivedOn(3, "2026-08-01"), samples.Event("receivable_anticipation_credited.doc"),
	)
	r := w.as(t, c, "finance")
	imported := func(filter map[string]string) map[string][]string {
		export := r.finished(r.post("/exports", map[string]any{"kind": "statement", "format": "ofx", "filter": filter}))
		require.Equal(t, "ofx", export["format"])
		text, header := r.file(strings.TrimPrefix(export["links"].(map[string]any)["file"].(string), r.base))
		require.Equal(t, "application/x-ofx", header.Get("Content-Type"))
		require.Contains(t, header.Get("Content-Disposition"), `"extrato.ofx"`)
		tags := ofxTags(t, text)
		require.EqualValues(t, len(tags["FITID"]), export["rows"])
		return tags
	}
	whole := imported(nil)
	page := r.ok("/ledger/summary").body
	require.Equal(t, []string{"BRL", "461"}, []string{whole["CURDEF"][0], whole["BANKID"][0]})
	require.Len(t, whole["FITID"], int(page["lines"].(float64)))
	require.Equal(t, amountOf(page["closing"]), centavosOf(t, whole["TRNAMT"]...), "the lines come to the balance")
	require.Equal(t, amountOf(page["closing"]), centavosOf(t, whole["BALAMT"]...))
	require.Equal(t, "20260702120000[-3:BRT]", whole["DTPOSTED"][1], "a day is its noon in São Paulo")
	require.Equal(t, whole["DTPOSTED"][0], whole["DTSTART"][0])
	require.Contains(t, whole["MEMO"][1], "Cobrança recebida - ")
	seen := map[string]bool{}
	for _, id := range whole["FITID"] {
		require.False(t, seen[id], "two lines of one name: the second would not be imported")
		seen[id] = true
	}

	august := imported(map[string]string{"effective[gte]": "2026-08-01", "effective[lte]": "2026-08-04"})
	days := r.ok("/ledger/summary?effective[gte]=2026-08-01&effective[lte]=2026-08-04").body
	require.Equal(
		t, amountOf(days["closing"]), amountOf(days["opening"])+centavosOf(t, august["TRNAMT"]...),
	)
	require.Equal(t, amountOf(days["closing"]), centavosOf(t, august["BALAMT"]...))
	require.Equal(t, "20260804120000[-3:BRT]", august["DTASOF"][0])
	require.Len(t, august["FITID"], 1)
	require.True(t, seen[august["FITID"][0]], "a line has one name in every file")

	none := imported(map[string]string{"kind": "statement"})
	require.Empty(t, none["FITID"])
	require.Equal(t, whole["BALAMT"], none["BALAMT"], "what a filter leaves out is on the account all the same")

	refused := r.post("/exports", map[string]any{"kind": "invoices", "format": "ofx"})
	require.Equal(t, 422, refused.status)
	require.Contains(t, refused.text, `"/format"`)
	refused = r.post("/exports", map[string]any{
		"kind": "statement", "format": "ofx", "filter": map[string]string{"account": "gateway_fees"},
	})
	require.Contains(t, refused.text, `"/filter/account"`)
}
