package domain

import (
	"net/mail"
	"strings"
)

// ParseEmail returns the address that a text is, in lower case, without the blanks around it. It is false for
// whatever is no bare address: a display name, brackets, a comment, quotes, a line break.
func ParseEmail(text string) (string, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) > 254 || strings.ContainsAny(text, "\r\n\"<>()") {
		return "", false
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Name != "" || parsed.Address != text {
		return "", false
	}
	return text, true
}
