package asaas

import (
	"bytes"
	"slices"
)

// A full card number has no business here: the payer types it into the gateway's own page. One that somebody put into a
// description all the same is hidden before anything is stored, but for its last four digits, as on a receipt.

// numbered are members that hold numbers of the gateway's and of billing's: as long as a card's, and one in ten passes
// its check; without their digits they would name nothing.
var numbered = [][]byte{
	[]byte("nossoNumero"), []byte("invoiceNumber"), []byte("identificationField"), []byte("barCode"),
	[]byte("externalReference"), []byte("cpfCnpj"), []byte("phone"), []byte("mobilePhone"),
}

// HideCards returns a body without full card numbers, and how many it hid; the body itself where there is none. A
// number stands alone or in the groups that are printed on a card, begins like one of an issuer, and passes the check
// of its digits (ISO/IEC 7812-1). What becomes of it depends on the body alone: a copy of a delivery is still one.
func HideCards(body []byte) (clean []byte, hidden int) {
	clean = body
	if !hasLongNumber(body) {
		return clean, 0
	}
	text := jsonText{}
	for at := 0; at < len(body); at++ {
		for !text.escaped && at+1 < len(body) && !significant[body[at]] {
			at++
		}
		text.read(body, at)
		if !isDigit(body[at]) || at > 0 && joins(body[at-1]) {
			continue
		}
		end := at + cardAt(body[at:])
		if end == at || text.of(numbered) {
			for at+1 < len(body) && isDigit(body[at+1]) {
				at++ // the rest of the same run is no beginning
			}
			continue
		}
		if hidden == 0 {
			clean = bytes.Clone(body)
		}
		hidden++
		hide(clean[at:end], text.inside)
		at = end - 1
	}
	return clean, hidden
}

// significant marks the bytes that begin a number or say where in a body one is: the others are passed over.
var significant = func() (t [256]bool) {
	for c := range t {
		t[c] = isDigit(byte(c)) || c == '"' || c == '\\' || c == ':'
	}
	return t
}()

// shortest is how many digits a card number has at least.
const shortest = 13

// hasLongNumber tells whether as many digits as a card has follow each other anywhere, with nothing but separators
// between them: hardly any delivery has that, and only of one that has is every byte read. It asks each 13th byte,
// for a row of 13 holds one of these.
func hasLongNumber(body []byte) bool {
	ofNumber := func(at int) bool { return isDigit(body[at]) || body[at] == ' ' || body[at] == '-' }
	for at := shortest - 1; at < len(body); at += shortest {
		if !ofNumber(at) {
			continue
		}
		digits, from := 0, at
		for from > 0 && ofNumber(from-1) {
			from--
		}
		for at = from; at < len(body) && ofNumber(at); at++ {
			if isDigit(body[at]) {
				digits++
			}
		}
		if digits >= shortest {
			return true
		}
	}
	return false
}

// hide leaves a number its last four digits. Outside of a text what stands for the others has to be a number too.
func hide(number []byte, inText bool) {
	cover := byte('*')
	if !inText {
		cover = '1' // no zero, which may not begin a number
	}
	for i := range number[:len(number)-4] {
		if isDigit(number[i]) {
			number[i] = cover
		}
	}
}

// cardAt returns how many bytes of text a card number takes that begins there; 0: there is none.
func cardAt(text []byte) int {
	var digits []byte
	var groups []int // how many digits stand before each separator
	end := 0
	for i := 0; i < len(text) && len(digits) <= 19; i++ {
		switch c := text[i]; {
		case isDigit(c):
			digits = append(digits, c)
			end = i + 1
			continue
		case (c == ' ' || c == '-') && digits != nil && i+1 < len(text) && isDigit(text[i+1]) && len(groups) < 4:
			groups = append(groups, len(digits))
			continue
		}
		break
	}
	if end < len(text) && joins(text[end]) || !printed(groups, len(digits)) || !issued(digits) || !checks(digits) {
		return 0
	}
	return end
}

// printed tells whether digits are grouped as on a card, or not at all.
func printed(groups []int, digits int) bool {
	return groups == nil || digits == 16 && slices.Equal(groups, []int{4, 8, 12}) ||
		(digits == 15 || digits == 14) && slices.Equal(groups, []int{4, 10})
}

// issued tells whether a number of this length begins like a card's: Visa, Mastercard, Amex, Diners, Elo, Hipercard,
// Discover, JCB, Maestro.
func issued(d []byte) bool {
	if len(d) < shortest || len(d) > 19 {
		return false
	}
	first := func(n int) (v int) {
		for _, c := range d[:n] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	two, four := first(2), first(4)
	switch len(d) {
	case 13:
		return d[0] == '4'
	case 14:
		return two == 36 || two == 38 || two == 39 || four >= 3000 && four <= 3059
	case 15:
		return two == 34 || two == 37
	case 16:
		return d[0] == '4' || two >= 50 && two <= 58 || four >= 2221 && four <= 2720 || two == 35 || two == 60 || two == 62 ||
			two == 63 || two == 64 || two == 65 || two == 67
	}
	return d[0] == '4' && len(d) == 19 || two == 62 && len(d) >= 17 || two == 67
}

// checks tells whether the last of the digits is right (Luhn).
func checks(d []byte) bool {
	sum := 0
	for i, c := range d {
		n := int(c - '0')
		if (len(d)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// joins tells whether a byte beside digits makes them part of an id, a decimal or a word.
func joins(c byte) bool {
	return isDigit(c) || c == '_' || c == '&' || c == '.' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// jsonText follows a body byte by byte: whether one is inside of a text, and of which member.
type jsonText struct {
	inside, escaped bool
	begun           int
	last, member    []byte // the text that ended last; the one before the last colon
}

func (t *jsonText) read(body []byte, at int) {
	switch c := body[at]; {
	case t.escaped:
		t.escaped = false
	case t.inside && c == '\\':
		t.escaped = true
	case c == '"':
		if t.inside {
			t.last = body[t.begun:at]
		}
		t.inside, t.begun = !t.inside, at+1
	case c == ':' && !t.inside:
		t.member = t.last
	}
}

func (t *jsonText) of(names [][]byte) bool {
	return slices.ContainsFunc(names, func(name []byte) bool { return bytes.Equal(name, t.member) })
}
