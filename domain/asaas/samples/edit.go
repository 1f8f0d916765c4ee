package samples

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"patapay/domain/asaas"
	"patapay/domain/asaas/jsonobject"
)

// Find returns the name of the sample that what means: a sample's name, with or without
// .json, or the name of an event, for which the newest sample is taken, a real capture
// before a documented and a made one. It fails when there is none.
func Find(what string) (string, error) {
	wanted := strings.TrimSuffix(what, ".json")
	best, bestRank := "", ""
	for _, name := range Names() {
		if name == wanted {
			return name, nil
		}
		sample, err := jsonobject.Parse(Event(name))
		if err != nil || sample.Text("event") != what {
			continue
		}
		if r := Rank(name, sample); r > bestRank {
			best, bestRank = name, r
		}
	}
	if best == "" {
		return "", fmt.Errorf("no sample is called %q, and none is of an event with this name", what)
	}
	return best, nil
}

// Rank orders the samples of one event: by source, then by date.
func Rank(name string, sample *jsonobject.Object) string {
	source := "1" // made here
	switch {
	case strings.HasSuffix(name, ".real"):
		source = "3"
	case strings.HasSuffix(name, ".doc"):
		source = "2"
	}
	return source + sample.Text("dateCreated")
}

// Edit is what to change in a payload before it is sent; the zero value changes nothing.
type Edit struct {
	Fresh   bool              // a new event id, with Counter in it, and Now as its dateCreated
	Counter int64             // number after & of the fresh id
	Now     time.Time         // of the fresh event
	Account string            // the account the envelope names; "" leaves it
	Entity  map[string]string // new id per kind of object: payment, checkout …
	Set     []string          // path=value: payment.value=310; a value that is no JSON is a text
}

// Apply returns body with the edit made; order and literals of everything else stay. An
// edit that changes nothing returns the very same bytes. It fails for a body that is no
// JSON object, and for a Set without `=` or with a path that does not exist.
func (e Edit) Apply(body []byte) ([]byte, error) {
	if !e.Fresh && e.Account == "" && len(e.Entity)+len(e.Set) == 0 {
		return body, nil
	}
	o, err := jsonobject.Parse(body)
	if err != nil {
		return nil, err
	}
	if e.Fresh {
		o.Set("id", asaas.EventID(o.Text("event"), e.Counter))
		o.Set("dateCreated", string(asaas.LocalTimeOf(e.Now)))
	}
	if e.Account != "" {
		o.Set("account", jsonobject.Of("id", e.Account, "ownerId", nil))
	}
	if child, ok := o.Get(EntityOf(o.Text("event"))).(*jsonobject.Object); ok {
		if id := e.Entity[EntityOf(o.Text("event"))]; id != "" {
			child.Set("id", id)
		}
	}
	for _, assignment := range e.Set {
		path, value, ok := strings.Cut(assignment, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not path=value", assignment)
		}
		if err := o.SetPath(path, literal(value)); err != nil {
			return nil, fmt.Errorf("set %s: %w", path, err)
		}
	}
	return o.Bytes(), nil
}

// literal reads a value as JSON, or takes it as a text.
func literal(value string) any {
	if !json.Valid([]byte(value)) {
		return value
	}
	v, err := jsonobject.ParseValue([]byte(value))
	if err != nil {
		return value
	}
	return v
}

// EntityOf returns the word under which an event carries its object, "" when unknown.
func EntityOf(event string) string { return string(asaas.FamilyOf(event)) }

const (
	lowerAlphanumerics = "abcdefghijklmnopqrstuvwxyz0123456789"
	alphanumerics      = lowerAlphanumerics + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// NewEntityID returns a fresh id of a form the gateway gives to that kind of object: charges have
// one of two, at random (docs/gateway.md, identifiers).
func NewEntityID(entity string) string {
	if entity == "payment" {
		b := make([]byte, 18)
		rand.Read(b) // never fails since Go 1.24
		if b[16]%2 == 0 {
			return "pay_" + letters(b[:16], lowerAlphanumerics)
		}
		return fmt.Sprintf("pay_%d_%s", 1+b[17]%9, letters(b[:14], alphanumerics))
	}
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-4%03x-a%03x-%x", b[:4], b[4:6], uint16(b[6])<<4, uint16(b[7])<<4, b[8:14])
}

// letters writes each byte as a character of alphabet.
func letters(b []byte, alphabet string) string {
	text := make([]byte, len(b))
	for i := range b {
		text[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(text)
}

// EventName returns the event that a sample is of, "" when it names none.
func EventName(sample string) string {
	o, err := jsonobject.Parse(Event(sample))
	if err != nil {
		return ""
	}
	return o.Text("event")
}
