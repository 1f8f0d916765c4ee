package domain_test

import (
	"testing"

	"patapay/domain"
)

func TestWhatALineOfTheStatementBooks(t *testing.T) {
	for _, c := range []struct {
		name string
		line domain.Line
		want string // "": an entity's events tell of it
	}{
		{"a receipt is told by its payment", domain.Line{Type: "PAYMENT_RECEIVED", Payment: "pay_1", Value: 100}, ""},
		{
			"an advance is told by itself, not by its charge",
			domain.Line{Type: "RECEIVABLE_ANTICIPATION_GROSS_CREDIT", Payment: "pay_1", Anticipation: "ant", Value: 100},
			"",
		},
		{"a receipt of nothing that we could know", domain.Line{Type: "PAYMENT_RECEIVED", Value: 100}, "suspense"},
		{"a transfer goes to the bank", domain.Line{Type: "TRANSFER", Value: -100}, "bank"},
		{"its fee is one", domain.Line{Type: "TRANSFER_FEE", Value: -5}, "transfer_fee"},
		{
			"a message costs a fee",
			domain.Line{Type: "PAYMENT_SMS_NOTIFICATION_FEE", Payment: "pay_1", Value: -5},
			"gateway_fee",
		},
		{"a fee that comes back", domain.Line{Type: "CARD_SALE_ITEM_FEE_REVERSAL", Value: 5}, "gateway_fee"},
		{"a dispute after the credit", domain.Line{Type: "CHARGEBACK", Payment: "pay_1", Value: -100}, "chargeback_clearing"},
		{
			"a dispute that is won",
			domain.Line{Type: "CHARGEBACK_REVERSAL", Payment: "pay_1", Value: 100},
			"chargeback_clearing",
		},
		{"a block stays the clinic's", domain.Line{Type: "BACEN_JUDICIAL_LOCK", Value: -100}, "asaas_blocked"},
		{"between accounts", domain.Line{Type: "INTERNAL_TRANSFER_DEBIT", Value: -100}, "internal_clearing"},
		{"a share of another wallet", domain.Line{Type: "INTERNAL_TRANSFER_DEBIT", Split: "spl", Value: -100}, "split_paid"},
		{"a word that we never met", domain.Line{Type: "BLESSING", Payment: "pay_1", Value: 100}, "suspense"},
	} {
		_, _, told := c.line.Subject()
		if told != (c.want == "") {
			t.Errorf("%s: told %v", c.name, told)
		}
		f := c.line.Fact(c.line.Contra())
		available := domain.Balances([]domain.Fact{f})[domain.AccountAvailable]
		if !told && (string(c.line.Contra()) != c.want || domain.Sum(f.Legs) != 0 || available != c.line.Value) {
			t.Errorf("%s: %v", c.name, f.Legs)
		}
	}
}
