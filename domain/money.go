package domain

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Money is an amount of Brazilian real in centavos: R$ 129.90 is Money(12990).
// Being an integer it adds exactly; a float64 never touches it.
type Money int64

// MaxMoney bounds every amount that is accepted, in centavos: a hundred thousand million
// reais, far above any clinic and far below overflow.
const MaxMoney Money = 1e13

// maxMoneyText bounds the literal itself, so that a hostile one costs nothing.
const maxMoneyText = 64

// ParseMoney returns the amount that a JSON number literal in reais stands for, exactly:
// 100, 100.0, 29.9, 0.00, 1e2 and -12.5 are amounts. It fails with Invalid for anything
// that is no JSON number, for a fraction of a centavo and beyond ±MaxMoney.
func ParseMoney(text string) (Money, error) {
	if len(text) > maxMoneyText {
		return 0, Errorf(Invalid, "amount of %d characters", len(text))
	}
	n, ok := splitNumber(text)
	if !ok {
		return 0, Errorf(Invalid, "not an amount: %q", text)
	}
	digits, exp := strings.TrimLeft(n.digits, "0"), n.exp
	for strings.HasSuffix(digits, "0") {
		digits, exp = digits[:len(digits)-1], exp+1
	}
	switch {
	case digits == "":
		return 0, nil
	case exp < -2:
		return 0, Errorf(Invalid, "fraction of a centavo: %q", text)
	case len(digits)+exp+2 > 14: // MaxMoney has 14 digits
		return 0, Errorf(Invalid, "amount out of range: %q", text)
	}
	v, _ := strconv.ParseInt(digits+"0000000000000000"[:exp+2], 10, 64)
	if Money(v) > MaxMoney {
		return 0, Errorf(Invalid, "amount out of range: %q", text)
	}
	if n.negative {
		v = -v
	}
	return Money(v), nil
}

// number is a JSON number literal taken apart: digits × 10^exp.
type number struct {
	negative bool
	digits   string
	exp      int
}

// splitNumber takes a literal of the JSON grammar apart, and tells whether it is one.
func splitNumber(text string) (number, bool) {
	var n number
	text, n.negative = strings.CutPrefix(text, "-")
	mantissa, exponent, scientific := cutExponent(text)
	if scientific {
		e, ok := parseExponent(exponent)
		if !ok {
			return n, false
		}
		n.exp = e
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if !allDigits(whole) || len(whole) > 1 && whole[0] == '0' || dotted && !allDigits(fraction) {
		return n, false
	}
	n.digits = whole + fraction
	n.exp -= len(fraction)
	return n, true
}

func cutExponent(text string) (mantissa, exponent string, found bool) {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

// parseExponent reads an exponent and clips it: beyond ±1000 every amount but zero is out
// of range whatever the rest says.
func parseExponent(text string) (int, bool) {
	sign := 1
	switch {
	case strings.HasPrefix(text, "-"):
		sign, text = -1, text[1:]
	case strings.HasPrefix(text, "+"):
		text = text[1:]
	}
	if !allDigits(text) {
		return 0, false
	}
	text = strings.TrimLeft(text, "0")
	if len(text) > 3 {
		return sign * 1000, true
	}
	e, _ := strconv.Atoi("0" + text)
	return sign * e, true
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String returns the amount in reais with two decimals and a point, "129.90", for logs.
func (m Money) String() string {
	sign, v := "", uint64(m)
	if m < 0 {
		sign, v = "-", -uint64(m)
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}

// Decimal is a number that is no amount, a percentage for instance, in the shortest
// decimal text: "2", "10.5", "". "" is none.
type Decimal string

// ParseDecimal returns a JSON number literal as a Decimal. It fails with Invalid for
// anything else, and beyond twelve digits before or after the point.
func ParseDecimal(text string) (Decimal, error) {
	n, ok := splitNumber(text)
	if !ok || len(text) > maxMoneyText {
		return "", Errorf(Invalid, "not a number of ours")
	}
	digits := strings.TrimLeft(n.digits, "0")
	for strings.HasSuffix(digits, "0") {
		digits, n.exp = digits[:len(digits)-1], n.exp+1
	}
	if digits == "" {
		return "0", nil
	}
	if n.exp < -12 || len(digits)+n.exp > 12 {
		return "", Errorf(Invalid, "number out of range: %q", text)
	}
	return n.decimal(digits), nil
}

// decimal writes digits × 10^exp, both within twelve places of the point.
func (n number) decimal(digits string) Decimal {
	sign := ""
	if n.negative {
		sign = "-"
	}
	if n.exp >= 0 {
		return Decimal(sign + digits + strings.Repeat("0", n.exp))
	}
	if pad := -n.exp - len(digits) + 1; pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	point := len(digits) + n.exp
	return Decimal(sign + digits[:point] + "." + digits[point:])
}

// hundredths returns d as a count of hundredths, without what is below, and whether it is a
// number within a payment's bounds.
func (d Decimal) hundredths() (Money, bool) {
	whole, rest, _ := strings.Cut(string(d), ".")
	if len(whole) > 10 {
		return 0, false
	}
	m, err := ParseMoney(whole + "." + (rest + "00")[:2])
	return m, err == nil
}

// mulDiv returns a × b ÷ c rounded towards zero, exact beyond 64 bits.
func mulDiv(a, b, c Money) Money {
	negative := (a < 0) != (b < 0) != (c < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	q, _ := bits.Div64(hi, lo, magnitude(c))
	if negative {
		return -Money(q)
	}
	return Money(q)
}

func magnitude(m Money) uint64 {
	if m < 0 {
		return -uint64(m)
	}
	return uint64(m)
}
