// Package ptbr writes money, dates and numbers as people in Brazil read them. It is the
// programs' side of one rule; the pages' side is web/src/lib/format.ts, and
// web/src/lib/golden.json holds both to the same cases.
package ptbr

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const minus = "\u2212"

// Money returns centavos as "R$ 1.234,56", with a no-break space and a true minus.
func Money(cents int64) string {
	sign, n := magnitude(cents)
	text := "00" + strconv.FormatUint(n, 10)
	whole := strings.TrimLeft(text[:len(text)-2], "0")
	if whole == "" {
		whole = "0"
	}
	return sign + "R$\u00a0" + grouped(whole) + "," + text[len(text)-2:]
}

// Count returns n with points between the thousands.
func Count(n int64) string {
	sign, size := magnitude(n)
	return sign + grouped(strconv.FormatUint(size, 10))
}

// Percent returns a share, 0.0516940, as "5,17%".
func Percent(share float64) string {
	sign := ""
	if share < 0 {
		sign = minus
	}
	return sign + strings.Replace(strconv.FormatFloat(math.Abs(100*share), 'f', 2, 64), ".", ",", 1) + "%"
}

// Day returns a date YYYY-MM-DD as dd/mm/aaaa; anything else as it is.
func Day(date string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return d.Format("02/01/2006")
}

// Instant returns t as "22/11/2026 às 14:05:09" in zone.
func Instant(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("02/01/2006 às 15:04:05")
}

// TaxID returns a CNPJ, letters allowed, or a CPF with its punctuation; anything else as
// it is.
func TaxID(id string) string {
	switch len(id) {
	case 14:
		return id[:2] + "." + id[2:5] + "." + id[5:8] + "/" + id[8:12] + "-" + id[12:]
	case 11:
		return id[:3] + "." + id[3:6] + "." + id[6:9] + "-" + id[9:]
	}
	return id
}

func magnitude(n int64) (sign string, size uint64) {
	if n < 0 {
		return minus, -uint64(n)
	}
	return "", uint64(n)
}

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return digits
}
