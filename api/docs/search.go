package docs

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// found is what a search came upon, by kind.
type found struct {
	Operations []operation
	Events     []event
	Errors     []errorPage
}

// search finds the operations, events and errors in which every word of q stands, whatever
// its accents and case.
func (s *site) search(q string) (f found) {
	words := strings.Fields(plain(q))
	for _, g := range s.contract.groups {
		for _, op := range g.Operations {
			if has(words, op.ID, op.Method, op.Path, op.Summary, g.Tag, g.Name, op.Scope) {
				f.Operations = append(f.Operations, op)
			}
		}
	}
	for _, e := range s.events {
		if has(words, e.Type, e.Name, e.Family) {
			f.Events = append(f.Events, e)
		}
	}
	for _, e := range s.errors {
		if has(words, e.Code, e.Slug, e.Title[0], e.Title[1], e.Detail[0], e.Detail[1]) {
			f.Errors = append(f.Errors, e)
		}
	}
	return f
}

func has(words []string, texts ...string) bool {
	all := plain(strings.Join(texts, " "))
	for _, w := range words {
		if !strings.Contains(all, w) {
			return false
		}
	}
	return true
}

// plain drops accents and case.
func plain(text string) string {
	folded, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		folded = text
	}
	return strings.ToLower(folded)
}
