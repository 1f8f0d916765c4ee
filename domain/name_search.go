package domain

import (
	"slices"
	"strings"
	"unicode"
)

// What a name is found by. A beginning of less than three letters finds half a clinic.
const (
	LeastNameLetters = 3
	mostNameLetters  = 20 // of a word: longer ones are found by these
	mostNameWords    = 12 // of a name
)

// apostrophes are what people and keyboards make of one.
const apostrophes = "'’‘`´"

// NameWords returns the words of a name as people look for them, each once: lower case,
// without accents, an apostrophe joining (D'Ávila is davila), everything else that is
// neither letter nor digit parting; long words and names are cut.
func NameWords(name string) (words []string) {
	var plain strings.Builder
	for _, r := range name {
		switch {
		case strings.ContainsRune(apostrophes, r),
			unicode.Is(unicode.Mn, r),
			unicode.Is(unicode.Cf, r): // accents that stand alone, and what nobody sees
		case unicode.IsLetter(r), unicode.IsDigit(r):
			plain.WriteString(unaccented(unicode.ToLower(r)))
		default:
			plain.WriteByte(' ')
		}
	}
	for word := range strings.FieldsSeq(plain.String()) {
		if letters := []rune(word); len(letters) > mostNameLetters {
			word = string(letters[:mostNameLetters])
		}
		if !slices.Contains(words, word) && len(words) < mostNameWords {
			words = append(words, word)
		}
	}
	return words
}

// NameKeys returns what a name is filed under: the words of it, and each beginning of three
// letters and more of them. A word after an apostrophe counts too: Ávila finds D'Ávila.
func NameKeys(name string) (keys []string) {
	parted := strings.Map(func(r rune) rune {
		if strings.ContainsRune(apostrophes, r) {
			return ' '
		}
		return r
	}, name)
	for _, word := range append(NameWords(name), NameWords(parted)...) {
		letters := []rune(word)
		for n := LeastNameLetters; n <= len(letters); n++ {
			keys = append(keys, string(letters[:n]))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// SearchedName returns the keys that a name must all be filed under to be what a person
// typed. Shorter words, such as “da”, say nothing; none of three letters: nil.
func SearchedName(typed string) (keys []string) {
	for _, word := range NameWords(typed) {
		if len([]rune(word)) >= LeastNameLetters {
			keys = append(keys, word)
		}
	}
	return keys
}

// Worded tells whether a typed text may be a person's name and hardly anything else: it has words to look for, and
// neither a digit nor a low line, as the ids and numbers of the gateway have.
func Worded(typed string) bool {
	plain := !strings.ContainsFunc(typed, func(r rune) bool { return r >= '0' && r <= '9' || r == '_' })
	return plain && SearchedName(typed) != nil
}

// unaccented returns a lower-case letter as one writes it without accents.
func unaccented(r rune) string {
	for _, row := range accents {
		if strings.ContainsRune(row.with, r) {
			return row.without
		}
	}
	return string(r)
}

// accents are the letters of Brazil's names, and of those of its immigrants.
var accents = []struct{ without, with string }{
	{"a", "áàâãäåāăą"},
	{"c", "çćčĉ"},
	{"d", "ďđð"},
	{"e", "éèêëēėęě"},
	{"g", "ğĝģ"},
	{"h", "ĥħ"},
	{"i", "íìîïīįı"},
	{"j", "ĵ"},
	{"k", "ķ"},
	{"l", "łľĺļ"},
	{"n", "ñńňņ"},
	{"o", "óòôõöøōő"},
	{"r", "řŕ"},
	{"s", "śšşșŝ"},
	{"t", "ťţțŧ"},
	{"u", "úùûüūůűųũ"},
	{"w", "ŵ"},
	{"y", "ýÿŷ"},
	{"z", "źžż"},
	{"ss", "ß"},
	{"ae", "æ"},
	{"oe", "œ"},
	{"th", "þ"},
}
