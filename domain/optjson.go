package domain

import "encoding/json"

// MarshalJSON writes the value, or null when there is none.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if v, ok := o.Get(); ok {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*o = Null[T]()
		return nil
	}
	o.Set, o.Null = true, false
	return json.Unmarshal(b, &o.V)
}
