// Package jsonobject is JSON whose order of keys and form of numbers stay as they were read or built.
package jsonobject

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Object is a JSON object that keeps the order of its keys and the literal form of its
// numbers, as the gateway's payloads must. Values are nil, bool, string, int,
// json.Number, *object and []any.
type Object struct{ members []member }

type member struct {
	key   string
	value any
}

// Of returns an object of the given key, value, key, value …
func Of(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *Object) index(key string) int {
	for i, m := range o.members {
		if m.key == key {
			return i
		}
	}
	return -1
}

// Get returns the value under key; nil stands for null and for absent.
func (o *Object) Get(key string) any {
	if i := o.index(key); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// Text returns the string under key, "" for anything else.
func (o *Object) Text(key string) string {
	s, _ := o.Get(key).(string)
	return s
}

// Set replaces the value under key in its place, or appends it.
func (o *Object) Set(key string, value any) {
	if i := o.index(key); i >= 0 {
		o.members[i].value = value
		return
	}
	o.members = append(o.members, member{key, value})
}

// Drop removes key.
func (o *Object) Drop(key string) {
	if i := o.index(key); i >= 0 {
		o.members = append(o.members[:i:i], o.members[i+1:]...)
	}
}

// All yields the members in their order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, m := range o.members {
			if !yield(m.key, m.value) {
				return
			}
		}
	}
}

// PlainNumbers rewrites the whole amounts of an object and of the objects in it the way
// older payloads had them: 100, not 100.0. Lists stay as they are.
func (o *Object) PlainNumbers() {
	for i, m := range o.members {
		switch v := m.value.(type) {
		case json.Number:
			o.members[i].value = json.Number(strings.TrimSuffix(v.String(), ".0"))
		case *Object:
			v.PlainNumbers()
		}
	}
}

// SetPath sets a dotted path such as "payment.value" or "payment.refunds.0.value". It
// makes missing objects on the way and fails where the path runs into a plain value.
func (o *Object) SetPath(path string, value any) error {
	head, rest, nested := strings.Cut(path, ".")
	if head == "" {
		return fmt.Errorf("empty name in path %q", path)
	}
	if !nested {
		o.Set(head, value)
		return nil
	}
	switch child := o.Get(head).(type) {
	case *Object:
		return child.SetPath(rest, value)
	case nil:
		made := &Object{}
		o.Set(head, made)
		return made.SetPath(rest, value)
	case []any:
		return setItem(child, rest, value)
	default:
		return fmt.Errorf("%q is not an object", head)
	}
}

func setItem(list []any, path string, value any) error {
	head, rest, nested := strings.Cut(path, ".")
	i, err := strconv.Atoi(head)
	if err != nil || i < 0 || i >= len(list) {
		return fmt.Errorf("no item %q in a list of %d", head, len(list))
	}
	if !nested {
		list[i] = value
		return nil
	}
	child, ok := list[i].(*Object)
	if !ok {
		return fmt.Errorf("item %d is not an object", i)
	}
	return child.SetPath(rest, value)
}

// MarshalJSON returns the object in its own order, without HTML escapes: the `&` of an
// event id stays one character, as in real deliveries.
func (o *Object) MarshalJSON() ([]byte, error) { return o.Bytes(), nil }

// Bytes returns the object as MarshalJSON does.
func (o *Object) Bytes() []byte {
	var b bytes.Buffer
	write(&b, o)
	return b.Bytes()
}

func write(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case *Object:
		b.WriteByte('{')
		for i, m := range v.members {
			if i > 0 {
				b.WriteByte(',')
			}
			writePlain(b, m.key)
			b.WriteByte(':')
			write(b, m.value)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, item)
		}
		b.WriteByte(']')
	default:
		writePlain(b, v)
	}
}

func writePlain(b *bytes.Buffer, value any) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil { // only a value outside object's list can fail
		panic(fmt.Sprintf("jsonobject: %T in an object: %v", value, err))
	}
	b.Truncate(b.Len() - 1) // Encode ends with a line break
}

// Parse reads one JSON object and nothing behind it.
func Parse(body []byte) (*Object, error) {
	if !json.Valid(body) {
		return nil, fmt.Errorf("not a JSON document")
	}
	value, err := ParseValue(body)
	if err != nil {
		return nil, err
	}
	o, ok := value.(*Object)
	if !ok {
		return nil, fmt.Errorf("not a JSON object")
	}
	return o, nil
}

// ParseValue reads one JSON value, keeping key order and number literals.
func ParseValue(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return readValue(dec)
}

func readValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := &Object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := readValue(dec)
			if err != nil {
				return nil, err
			}
			o.Set(key.(string), value)
		}
		_, err := dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			item, err := readValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err := dec.Token()
		return list, err
	}
	return token, nil
}
