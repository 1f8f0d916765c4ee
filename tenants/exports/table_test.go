package exports

import (
	"math/rand/v2"
	"strings"
	"testing"

	"patapay/domain"
	"patapay/tenants/ledger"

	"github.com/stretchr/testify/require"
)

// A cell that is a number stays one, whatever its sign: with a quote in front of it a
// spreadsheet's sum leaves it out. A text that a spreadsheet would run stays a text.
func TestANegativeAmountStaysANumber(t *testing.T) {
	require.Equal(t, "-0,99", Inert(Reais(-99)))
	rng := rand.New(rand.NewPCG(3, 9))
	for range 10_000 {
		amount := Reais(domain.Money(rng.Int64N(2_000_000_000_000) - 1_000_000_000_000))
		require.Equal(t, amount, Inert(amount))
	}
	for _, text := range []string{
		"=1+1", "+1", "-1+1", "-0,99)", "-", "--1", "-1-1", "@x", "\t=1",
		"\r=1", "-A1", "-1,2,3", "-1;2", "-1\n", "-1 =x", "-1e5", "-1,0%",
	} {
		require.Equal(t, "'"+text, Inert(text), "%q", text)
	}
}

// What a file calls a thing is Portuguese, whatever the program calls it.
func TestAFileSpeaksPortuguese(t *testing.T) {
	for _, a := range domain.Accounts {
		require.NotEqual(t, string(a), word(accountWords, string(a)), a)
	}
	for _, m := range []string{"PIX", "BOLETO", "CREDIT_CARD", "DEBIT_CARD", "UNDEFINED", "TRANSFER", "DEPOSIT"} {
		require.NotContains(t, word(methodWords, m), "_")
		require.NotEqual(t, strings.ToLower(m), word(methodWords, m))
	}
	lines := bookingLines(ledger.Booking{Kind: domain.KindPayment, Fact: domain.Fact{
		Key: domain.FactKey{Subject: "pay_1", Name: domain.FactCredit, Cycle: 1}, At: "2026-11-29 12:00:00",
		Legs: []domain.Leg{{Account: domain.AccountAvailable, Amount: 100}, {Account: domain.AccountSales, Amount: -100}},
	}})
	require.Equal(t, []string{"Saldo no Asaas", "Vendas"}, []string{lines[0][4], lines[1][4]})
}

// Readers undo an escape of OFX in different ways, and some not at all: no text needs one.
func TestNoTextOfAnOFXFileNeedsAnEscape(t *testing.T) {
	for text, want := range map[string]string{
		"Ana & Bia":       "Ana e Bia",
		"Ana&Bia":         "Ana e Bia",
		"</NAME> <b>Ana":  "\x8b/NAME\x9b \x8bb\x9bAna",
		"Caf\u00e9 a\nb":  "Caf\xe9 a b",
		"\u4e2d\u6587 \t": "??",
	} {
		var d ofxDocument
		d.tag("NAME", text)
		require.Equal(t, "<NAME>"+want+"\r\n", d.out.String())
	}
}
