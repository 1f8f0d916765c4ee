package problem

import "slices"

// Kind is a row of the table of errors, for a page that explains it.
type Kind struct {
	Code      string
	Status    int    // HTTP
	Slug      string // of its page, /docs/erros/{slug}
	Retryable bool   // the same request may succeed later
	Title     [2]string
	Detail    [2]string // Portuguese, English
}

// Catalogue returns every kind of error that an answer may be, in the order of their HTTP
// statuses.
func Catalogue() []Kind {
	list := make([]Kind, len(kinds))
	for i, k := range kinds {
		list[i] = Kind{k.code, k.status, k.slug, k.retryable, k.title, k.detail}
	}
	slices.SortStableFunc(list, func(a, b Kind) int { return a.Status - b.Status })
	return list
}

// English tells whether an Accept-Language header prefers English to Portuguese, our users'
// language.
func English(acceptLanguage string) bool { return languageOf(acceptLanguage) == english }
