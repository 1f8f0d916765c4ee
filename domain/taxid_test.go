package domain

import "testing"

func TestATaxIDHasItsCheckDigits(t *testing.T) {
	for _, row := range []struct{ rule, text, want string }{
		{"a CNPJ", "66625514000140", "66625514000140"},
		{"a CNPJ with punctuation", "11.222.333/0001-81", "11222333000181"},
		{"a CNPJ with letters (the Receita's own example)", "12.ABC.345/01DE-35", "12ABC34501DE35"},
		{"the same in small letters", "12.abc.345/01de-35", "12ABC34501DE35"},
		{"a CPF", "529.982.247-25", "52998224725"},
		{"a CPF whose first digit is the remainder's zero", "123.456.789-09", "12345678909"},
		{"a CNPJ with a wrong first digit", "66625514000150", ""},
		{"a CNPJ with a wrong second digit", "66625514000141", ""},
		{"a CNPJ with a letter changed", "12.ABD.345/01DE-35", ""},
		{"letters in place of check digits", "12ABC34501DE3A", ""},
		{"a CPF with a wrong digit", "52998224724", ""},
		{"a CPF of one digit only", "11111111111", ""},
		{"a CNPJ of zeros", "00000000000000", ""},
		{"too short", "5299822472", ""},
		{"letters in a CPF", "5299822472A", ""},
		{"letters beyond A to Z", "66625514ÇÇ40", ""},
		{"nothing", "", ""},
	} {
		got, err := ParseTaxID(row.text)
		if got != row.want || (err == nil) != (row.want != "") || err != nil && CodeOf(err) != Invalid {
			t.Errorf("%s: %q, %v, want %q", row.rule, got, err, row.want)
		}
	}
}
