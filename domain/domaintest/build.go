package domaintest

import (
	"strconv"
	"time"

	"patapay/domain"
	"patapay/domain/asaas"
)

// build fills a snapshot and, when asked to, writes the gateway's JSON of the same
// members, so that both come from one place.
type build struct {
	json    []byte
	writing bool
}

func (b *build) key(name string) {
	if len(b.json) > 0 && b.json[len(b.json)-1] != '{' {
		b.json = append(b.json, ',')
	}
	b.json = append(strconv.AppendQuote(b.json, name), ':')
}

func (b *build) literal(name, v string) {
	if b.writing {
		b.key(name)
		b.json = append(b.json, v...)
	}
}

// opt sets a member: absent, null or v, whose JSON is literal.
func opt[T any](b *build, name string, dst *domain.Opt[T], how presence, v T, literal func(T) string) {
	switch how {
	case absent:
		return
	case null:
		*dst = domain.Null[T]()
		b.literal(name, "null")
		return
	}
	*dst = domain.Some(v)
	if b.writing {
		b.literal(name, literal(v))
	}
}

// presence of a member in a payload.
type presence uint8

const (
	given presence = iota
	null
	absent
)

// orNull is given for a value, else null; orAbsent likewise.
func orNull[T comparable](v T) presence {
	if v == *new(T) {
		return null
	}
	return given
}

func orAbsent[T comparable](v T) presence {
	if v == *new(T) {
		return absent
	}
	return given
}

func (b *build) word(name string, dst *domain.Opt[string], how presence, v string) {
	opt(b, name, dst, how, v, strconv.Quote)
}

func (b *build) day(name string, dst *domain.Opt[domain.Day], how presence, v domain.Day) {
	opt(b, name, dst, how, v, func(d domain.Day) string { return strconv.Quote(string(d)) })
}

func (b *build) flag(name string, dst *domain.Opt[bool], how presence, v bool) {
	opt(b, name, dst, how, v, strconv.FormatBool)
}

func (b *build) count(name string, dst *domain.Opt[int], how presence, v int) {
	opt(b, name, dst, how, v, strconv.Itoa)
}

func (b *build) instant(name string, dst *domain.Opt[time.Time], how presence, v time.Time) {
	opt(b, name, dst, how, v, func(t time.Time) string { return strconv.Quote(t.Format(time.RFC3339)) })
}

// money writes amounts in the forms that the gateway mixes: 100, 100.0, 29.9, 29.90.
func (b *build) money(name string, dst *domain.Opt[domain.Money], how presence, v domain.Money) {
	opt(b, name, dst, how, v, amount)
}

func amount(v domain.Money) string {
	text := v.String()
	switch {
	case v%100 == 0 && v%300 == 0:
		return text[:len(text)-3]
	case v%10 == 0:
		return text[:len(text)-1]
	}
	return text
}

// dayOf returns the day of t in São Paulo, n days later.
func dayOf(t time.Time, n int) domain.Day {
	return domain.Day(asaas.LocalTimeOf(t.AddDate(0, 0, n))[:10])
}
