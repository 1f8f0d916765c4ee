package asaas

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth is how deep a document may be nested, as in encoding/json.
const maxDepth = 10000

// Why a document cannot be read.
const (
	faultSyntax    = "not_json"
	faultTruncated = "truncated"
	faultTrailing  = "trailing_bytes"
	faultDepth     = "nested_too_deep"
)

// scanner reads one JSON document strictly (RFC 8259), in one pass and without
// allocation. After a fault every method is a no-op, so callers check fault once.
type scanner struct {
	b     []byte
	i     int
	depth int
	fault string
}

func (s *scanner) fail(reason string) {
	if s.fault == "" {
		s.fault = reason
	}
	s.i = len(s.b)
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// enter consumes the bracket c and tells whether it was there.
func (s *scanner) enter(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	if s.depth++; s.depth > maxDepth {
		s.fail(faultDepth)
		return false
	}
	return true
}

// more tells whether another member follows inside a bracket that closing ends, and
// consumes the comma or the closing bracket.
func (s *scanner) more(closing byte, first *bool) bool {
	c := s.peek()
	switch {
	case s.fault != "":
		return false
	case c == closing:
		s.i++
		s.depth--
		return false
	case *first && c != 0:
		*first = false
		return true
	case c == ',' && !*first:
		s.i++
		if s.peek() != closing {
			return true
		}
	}
	s.fail(s.reason(c))
	return false
}

func (s *scanner) reason(c byte) string {
	if c == 0 && s.i >= len(s.b) {
		return faultTruncated
	}
	return faultSyntax
}

// key reads a member's name and its colon. The name is unescaped; it may alias the
// document.
func (s *scanner) key() []byte {
	raw, plain := s.str()
	if s.peek() != ':' {
		s.fail(s.reason(s.peek()))
		return nil
	}
	s.i++
	if !plain {
		text, _ := unescape(raw)
		return []byte(text)
	}
	return raw
}

// stop marks the bytes that end the fast path of a string.
var stop = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// Every byte of a word is 1, and every byte's highest bit.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainEnd returns where from i on the first byte stands that ends the fast path, or the end. Eight bytes are looked
// at as one word; the lowest bit of each mask is right, and what a borrow adds stands above it.
func plainEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^ones*'"', w^ones*'\\'
		ends := ((w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
		if ends != 0 {
			return i + bits.TrailingZeros64(ends)/8
		}
	}
	for i < len(b) && !stop[b[i]] {
		i++
	}
	return i
}

// str reads a string and returns what stands between its quotes, and whether that is free
// of escapes. UTF-8 is not checked here.
func (s *scanner) str() (raw []byte, plain bool) {
	if s.peek() != '"' {
		s.fail(s.reason(s.peek()))
		return nil, true
	}
	s.i++
	start, plain := s.i, true
	for s.i = plainEnd(s.b, s.i); s.i < len(s.b); s.i = plainEnd(s.b, s.i) {
		switch s.b[s.i] {
		case '"':
			s.i++
			return s.b[start : s.i-1], plain
		case '\\':
			plain = false
			s.escape()
		default:
			s.fail(faultSyntax)
		}
	}
	s.fail(faultTruncated)
	return nil, true
}

// escape reads one escape sequence.
func (s *scanner) escape() {
	if s.i+1 >= len(s.b) {
		s.fail(faultTruncated)
		return
	}
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
	case 'u':
		if s.i+6 > len(s.b) {
			s.fail(faultTruncated)
		} else if hex4(s.b[s.i+2:s.i+6]) < 0 {
			s.fail(faultSyntax)
		} else {
			s.i += 6
		}
	default:
		s.fail(faultSyntax)
	}
}

// skip reads any value and returns its bytes.
func (s *scanner) skip() []byte {
	c := s.peek()
	start := s.i
	switch {
	case c == '"':
		s.str()
	case c == '{':
		s.enter('{')
		for first := true; s.more('}', &first); {
			s.str()
			s.colon()
			s.skip()
		}
	case c == '[':
		s.enter('[')
		for first := true; s.more(']', &first); {
			s.skip()
		}
	case c == '-' || c >= '0' && c <= '9':
		s.number()
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	default:
		s.fail(s.reason(c))
	}
	if s.fault != "" {
		return nil
	}
	return s.b[start:s.i]
}

func (s *scanner) colon() {
	if s.peek() != ':' {
		s.fail(s.reason(s.peek()))
		return
	}
	s.i++
}

func (s *scanner) literal(word string) {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		s.fail(faultSyntax)
		return
	}
	s.i += len(word)
}

// number reads a number of the JSON grammar.
func (s *scanner) number() {
	if s.b[s.i] == '-' {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '0' {
		s.i++
	} else {
		s.digits()
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		s.digits()
	}
	if s.i < len(s.b) && s.b[s.i]|0x20 == 'e' {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		s.digits()
	}
}

// digits reads one digit or more.
func (s *scanner) digits() {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	if s.i == start {
		s.fail(faultSyntax)
	}
}

// end checks that nothing but white space follows the document.
func (s *scanner) end() {
	if s.fault == "" && (s.peek() != 0 || s.i < len(s.b)) {
		s.fail(faultTrailing)
	}
}
