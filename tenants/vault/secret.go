package vault

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Secret is a text that is never shown: every formatter, JSON and slog print ***. It
// holds its text behind a pointer, because fmt prints the unexported fields of a struct
// without asking their methods. The zero Secret is empty.
type Secret struct {
	_    [0]func() // two secrets are compared by Equal: == would compare where they stand
	text *string
}

const hidden = "***"

// NewSecret returns text as a secret.
func NewSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the text. Call it where the text leaves the program, and nowhere else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty tells whether there is no text.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Equal tells whether two secrets are the same text, in a time that does not depend on where
// they differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// UnmarshalText takes the text of a setting or of a JSON member.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}

// Format prints *** for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// String returns ***.
func (s Secret) String() string { return hidden }

// MarshalText returns ***, for JSON, XML and map keys alike.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
