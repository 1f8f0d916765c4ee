package gateway

import (
	"fmt"
	"log/slog"
)

// Secret is a text that is never shown: every formatter, JSON and slog print ***. It
// holds its text behind a pointer, because fmt prints the unexported fields of a struct
// without asking their methods. The zero Secret is empty.
type Secret struct{ text *string }

const hidden = "***"

// NewSecret returns text as a secret.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text. Call it where the text leaves the program, and nowhere else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format prints *** for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, hidden) }

// String returns ***.
func (s Secret) String() string { return hidden }

// MarshalText returns ***, for JSON, XML and map keys alike.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue returns ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
