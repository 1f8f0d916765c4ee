package asaas

import (
	"strconv"
	"strings"
	"time"

	"patapay/domain"
)

// Decode returns what a record of Extract says, and flags for what in it is odd, each
// "<anomaly code>:<what>": members that could not be read, which are then absent, and
// amounts that cannot be right. It fails with Invalid for bytes that are no record.
func Decode(kind domain.Kind, record []byte) (domain.Snapshot, []string, error) {
	d := decoder{scanner: scanner{b: record}, doc: string(record)}
	var snap domain.Snapshot
	switch kind {
	case domain.KindPayment:
		snap.Payment = d.payment()
	case domain.KindCheckout:
		snap.Checkout = d.checkout()
	case domain.KindAnticipation:
		snap.Anticipation = d.anticipation()
	default:
		return snap, nil, domain.Errorf(domain.Invalid, "no records of kind %q", string(kind))
	}
	d.end()
	if d.fault != "" {
		return domain.Snapshot{}, nil, domain.Errorf(domain.Invalid, "record of a %s: %s", kind, d.fault)
	}
	if why := snap.OddAmounts(); why != "" {
		d.flags = append(d.flags, domain.AnomalyAmounts+":"+why)
	}
	return snap, d.flags, nil
}

// decoder reads a record. Its strings are parts of doc, so that they cost nothing.
type decoder struct {
	scanner
	doc   string
	flags []string
}

// object calls read with each key of the object that follows, and tells whether it was
// one; null is none.
func (d *decoder) object(read func(key string)) bool {
	if !d.enter('{') {
		d.skip()
		return false
	}
	for first := true; d.more('}', &first); {
		read(d.name())
	}
	return true
}

// name reads a key. Extract writes keys without escapes.
func (d *decoder) name() string {
	raw, _ := d.str()
	end := d.i - 1
	d.colon()
	if d.fault != "" {
		return ""
	}
	return d.doc[end-len(raw) : end]
}

// raw reads any value and returns its literal; "" for null.
func (d *decoder) raw() string {
	v := d.skip()
	if len(v) == 0 || string(v) == "null" {
		return ""
	}
	return d.doc[d.i-len(v) : d.i]
}

func (d *decoder) bad(name string) {
	d.flags = append(d.flags, domain.AnomalyBadField+":"+name)
}

// badList reads the record's own list of members that Extract could not take over.
func (d *decoder) badList() {
	for _, path := range d.strings() {
		d.bad(path)
	}
}

// text reads a string; null and other types are none.
func (d *decoder) text() string {
	v := d.raw()
	if len(v) < 2 || v[0] != '"' {
		return ""
	}
	v = v[1 : len(v)-1]
	if strings.IndexByte(v, '\\') >= 0 {
		v, _ = unescape([]byte(v))
	}
	return v
}

// word reads a member that is a string.
func (d *decoder) word() domain.Opt[string] {
	if d.peek() != '"' {
		d.skip()
		return domain.Null[string]()
	}
	return domain.Some(d.text())
}

// valueOf reads a member through parse; one that parse refuses is absent and bad, since
// null would clear what is known.
func valueOf[T any](d *decoder, name string, parse func(string) (T, bool)) domain.Opt[T] {
	v := d.raw()
	if v == "" || v == `""` { // some payloads write none so
		return domain.Null[T]()
	}
	if v[0] == '"' {
		v = v[1 : len(v)-1]
	}
	t, ok := parse(v)
	if !ok {
		d.bad(name)
		return domain.Opt[T]{}
	}
	return domain.Some(t)
}

func (d *decoder) money(name string) domain.Opt[domain.Money] {
	return valueOf(d, name, func(s string) (domain.Money, bool) {
		m, err := domain.ParseMoney(s)
		return m, err == nil
	})
}

func (d *decoder) decimal(name string) domain.Decimal {
	return valueOf(d, name, func(s string) (domain.Decimal, bool) {
		n, err := domain.ParseDecimal(s)
		return n, err == nil
	}).V
}

func (d *decoder) count(name string) domain.Opt[int] { return valueOf(d, name, parseCount) }

func (d *decoder) flag() domain.Opt[bool] {
	switch d.raw() {
	case "true":
		return domain.Some(true)
	case "false":
		return domain.Some(false)
	}
	return domain.Null[bool]()
}

func (d *decoder) day(name string) domain.Opt[domain.Day] { return valueOf(d, name, parseDay) }

func (d *decoder) local(name string) domain.LocalTime { return valueOf(d, name, parseLocal).V }

func (d *decoder) instant(name string) domain.Opt[time.Time] {
	return valueOf(d, name, parseInstant)
}

// strings reads a list of strings.
func (d *decoder) strings() []string {
	var all []string
	if !d.enter('[') {
		d.skip()
		return nil
	}
	for first := true; d.more(']', &first); {
		all = append(all, d.text())
	}
	return all
}

// words reads a member that is a list of strings.
func (d *decoder) words() domain.Opt[[]string] {
	if d.peek() != '[' {
		d.skip()
		return domain.Null[[]string]()
	}
	return domain.Some(d.strings())
}

// listOf reads a member that is a list of objects. An empty list is none, as null is.
func listOf[T any](d *decoder, read func(d *decoder) T) domain.Opt[[]T] {
	if !d.enter('[') {
		d.skip()
		return domain.Null[[]T]()
	}
	var all []T
	for first := true; d.more(']', &first); {
		all = append(all, read(d))
	}
	if all == nil {
		return domain.Null[[]T]()
	}
	return domain.Some(all)
}

// objectOf reads a member that is an object.
func objectOf[T any](d *decoder, read func(d *decoder) T) domain.Opt[T] {
	if d.peek() != '{' {
		d.skip()
		return domain.Null[T]()
	}
	return domain.Some(read(d))
}

// parseCount reads a whole number, which may be written 0.0.
func parseCount(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= -1e9 && n <= 1e9
	}
	n, err := domain.ParseDecimal(s)
	if err != nil {
		return 0, false
	}
	whole, err := strconv.Atoi(string(n))
	return whole, err == nil && whole >= -1e9 && whole <= 1e9
}
