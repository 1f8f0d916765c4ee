package domain

import "strings"

// ParseTaxID returns a CPF (11 digits) or CNPJ (14 characters, the first 12 of which may
// be letters since July 2026) without punctuation, in capitals. It fails with Invalid for
// another form and for wrong check digits (Receita Federal, IN RFB 2.229/2024, annex XV).
func ParseTaxID(text string) (string, error) {
	id := strings.ToUpper(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ./-", r) {
			return -1
		}
		return r
	}, text))
	if len(id) == 11 && cpfHolds(id) || len(id) == 14 && cnpjHolds(id) {
		return id, nil
	}
	return "", Errorf(Invalid, "CPF ou CNPJ inválido.")
}

func cpfHolds(id string) bool {
	if !digits(id) || id == strings.Repeat(id[:1], 11) { // 111.111.111-11 has the right digits and is nobody's
		return false
	}
	return id[9] == checkDigit(id[:9], 11) && id[10] == checkDigit(id[:10], 11)
}

func cnpjHolds(id string) bool {
	if !digits(id[12:]) || id == strings.Repeat("0", 14) {
		return false
	}
	for _, c := range []byte(id[:12]) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return id[12] == checkDigit(id[:12], 9) && id[13] == checkDigit(id[:13], 9)
}

// checkDigit returns the modulo 11 digit of what stands before it. Weights grow from 2 at
// the right and start over after top; a letter counts as its ASCII code less 48.
func checkDigit(before string, top int) byte {
	sum, weight := 0, 2
	for i := len(before) - 1; i >= 0; i-- {
		sum += int(before[i]-'0') * weight
		if weight++; weight > top {
			weight = 2
		}
	}
	if rest := sum % 11; rest >= 2 {
		return byte('0' + 11 - rest)
	}
	return '0'
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
