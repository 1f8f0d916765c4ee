package asaas

import "strings"

// QuickAndKnown tells whether the quick look takes a text of a member, and whether the tables of forms do.
func QuickAndKnown(path, text string) (quick, known bool) {
	b := []byte(text)
	switch {
	case strings.HasSuffix(path, ".id"):
		return isUUID(b) || isNamed(b), identifiers.Match(b)
	case strings.HasSuffix(path, "Url"):
		return isAddress(b), addresses.MatchString(addressForm(b))
	}
	return isDay(b) || isStamp(b), knownDates[dateForm(b)]
}
