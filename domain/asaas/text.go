package asaas

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// clean returns raw bytes as text that Postgres takes.
func clean(b []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}

// bounded returns s, or when it is too long its start and a digest of all of it, so that
// two long texts never become one.
func bounded(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	tail := "~" + hex.EncodeToString(sum[:8])
	return strings.ToValidUTF8(s[:limit-len(tail)], "") + tail
}

// hex4 returns the number of four hex digits, -1 for anything else.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// text returns what a string's raw bytes say, fit for Postgres: NUL, lone surrogates and
// bytes that are no UTF-8 become U+FFFD, and clean is false. Replacing, unlike dropping,
// keeps a spoilt id from becoming another event's.
func text(raw []byte, plain bool) (s string, clean bool) {
	if plain && utf8.Valid(raw) {
		return string(raw), true
	}
	return unescape(raw)
}

func unescape(raw []byte) (string, bool) { return unescapeFirst(raw, math.MaxInt) }

// unescapeFirst is unescape of as much of raw as more than so many bytes come from, so that of a mebibyte whose
// beginning is kept the rest is not read.
func unescapeFirst(raw []byte, most int) (string, bool) {
	out, clean := make([]byte, 0, min(len(raw), most)), true
	for i := 0; i < len(raw) && len(out) <= most; {
		r, n := utf8.RuneError, 1
		switch c := raw[i]; {
		case c == '\\' && i+1 < len(raw):
			r, n = unescapeOne(raw[i:])
		case c < utf8.RuneSelf:
			r = rune(c)
		default:
			r, n = utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && n == 1 {
				r = -1
			}
		}
		if r <= 0 {
			r, clean = utf8.RuneError, false
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return string(out), clean
}

// unescapeOne returns the rune of the escape that b starts with and the escape's length;
// -1 for a lone surrogate.
func unescapeOne(b []byte) (rune, int) {
	switch b[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return unescapeHex(b)
	}
	return rune(b[1]), 2
}

func unescapeHex(b []byte) (rune, int) {
	r := hex4(b[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(b[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return -1, 6
}
