package domain

import (
	"encoding/json"
	"slices"
)

// Opt is a member of a snapshot: absent, null or a value. An absent member changes
// nothing when snapshots are merged; a null one clears.
type Opt[T any] struct {
	Set  bool // the key was there
	Null bool // its value was null
	V    T
}

// Some returns a member with the value v.
func Some[T any](v T) Opt[T] { return Opt[T]{Set: true, V: v} }

// Null returns a member that was there and null.
func Null[T any]() Opt[T] { return Opt[T]{Set: true, Null: true} }

// Over returns o merged over old: o when it was there, else old.
func (o Opt[T]) Over(old Opt[T]) Opt[T] {
	if o.Set {
		return o
	}
	return old
}

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.V, o.Set && !o.Null }

// Ptr returns the value, or nil when there is none: the form that SQL and JSON like.
func (o Opt[T]) Ptr() *T {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}

// plain returns o with absent and null made one: a projection does not tell them apart.
func (o Opt[T]) plain() Opt[T] {
	if v, ok := o.Get(); ok {
		return Some(v)
	}
	return Opt[T]{}
}

// change says what laying a snapshot over the state did.
type change uint8

const (
	unchanged change = 0
	amended   change = 1 // a member that matters
	viewed    change = 2 // only when the payer looked
	moved     change = 4 // the status
)

// merge puts next over *old and tells whether the value changed.
func merge[T comparable](old *Opt[T], next Opt[T]) change {
	if !next.Set {
		return unchanged
	}
	was, had := old.Get()
	is, has := next.Get()
	*old = next
	if had == has && (!has || was == is) {
		return unchanged
	}
	return amended
}

// mergeList is merge for lists, which are replaced as a whole.
func mergeList[T comparable](old *Opt[[]T], next Opt[[]T]) change {
	if !next.Set {
		return unchanged
	}
	same := slices.Equal(old.V, next.V)
	*old = next
	if same {
		return unchanged
	}
	return amended
}

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
