package problem

import "strings"

// mostAllowed is how many allowed values a sentence names; the member allowed has all of them.
const mostAllowed = 12

// allowed returns the end of a field's sentence: what would be right there.
func (f *Field) allowed(lang language) string {
	list := f.form
	if len(f.Allowed) > 0 {
		list = strings.Join(f.Allowed[:min(len(f.Allowed), mostAllowed)], ", ")
		if len(f.Allowed) > mostAllowed {
			list += ", …"
		}
	}
	if list == "" {
		return ""
	}
	return texts{" Aceito: ", " Allowed: "}[lang] + list
}
