package asaastest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// object is a JSON object that keeps the order of its keys and the literal form of its
// numbers, as the gateway's payloads must. Values are nil, bool, string, int,
// json.Number, *object and []any.
type object struct{ members []member }

type member struct {
	key   string
	value any
}

// obj returns an object of the given key, value, key, value …
func obj(pairs ...any) *object {
	o := &object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.set(pairs[i].(string), pairs[i+1])
	}
	return o
}

func (o *object) index(key string) int {
	for i, m := range o.members {
		if m.key == key {
			return i
		}
	}
	return -1
}

// get returns the value under key; nil stands for null and for absent.
func (o *object) get(key string) any {
	if i := o.index(key); i >= 0 {
		return o.members[i].value
	}
	return nil
}

// text returns the string under key, "" for anything else.
func (o *object) text(key string) string {
	s, _ := o.get(key).(string)
	return s
}

// set replaces the value under key in its place, or appends it.
func (o *object) set(key string, value any) {
	if i := o.index(key); i >= 0 {
		o.members[i].value = value
		return
	}
	o.members = append(o.members, member{key, value})
}

// drop removes key.
func (o *object) drop(key string) {
	if i := o.index(key); i >= 0 {
		o.members = append(o.members[:i:i], o.members[i+1:]...)
	}
}

// setPath sets a dotted path such as "payment.value" or "payment.refunds.0.value". It
// makes missing objects on the way and fails where the path runs into a plain value.
func (o *object) setPath(path string, value any) error {
	head, rest, nested := strings.Cut(path, ".")
	if head == "" {
		return fmt.Errorf("empty name in path %q", path)
	}
	if !nested {
		o.set(head, value)
		return nil
	}
	switch child := o.get(head).(type) {
	case *object:
		return child.setPath(rest, value)
	case nil:
		made := &object{}
		o.set(head, made)
		return made.setPath(rest, value)
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
	child, ok := list[i].(*object)
	if !ok {
		return fmt.Errorf("item %d is not an object", i)
	}
	return child.setPath(rest, value)
}

// MarshalJSON returns the object in its own order, without HTML escapes: the `&` of an
// event id stays one character, as in real deliveries.
func (o *object) MarshalJSON() ([]byte, error) { return o.bytes(), nil }

func (o *object) bytes() []byte {
	var b bytes.Buffer
	write(&b, o)
	return b.Bytes()
}

func write(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case *object:
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
		panic(fmt.Sprintf("asaastest: %T in an object: %v", value, err))
	}
	b.Truncate(b.Len() - 1) // Encode ends with a line break
}

// parseObject reads one JSON object and nothing behind it.
func parseObject(body []byte) (*object, error) {
	if !json.Valid(body) {
		return nil, fmt.Errorf("not a JSON document")
	}
	value, err := parseValue(body)
	if err != nil {
		return nil, err
	}
	o, ok := value.(*object)
	if !ok {
		return nil, fmt.Errorf("not a JSON object")
	}
	return o, nil
}

// parseValue reads one JSON value, keeping key order and number literals.
func parseValue(body []byte) (any, error) {
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
		o := &object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := readValue(dec)
			if err != nil {
				return nil, err
			}
			o.set(key.(string), value)
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
