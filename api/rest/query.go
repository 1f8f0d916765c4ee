package rest

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants/query"
)

// Given is a query parameter whose zero value is a value: it knows whether it was there.
type Given[T any] struct {
	V  T
	OK bool
}

// Receiver lets huma parse into the value.
func (g *Given[T]) Receiver() reflect.Value { return reflect.ValueOf(g).Elem().Field(0) }

// OnParamSet notes whether the parameter was there.
func (g *Given[T]) OnParamSet(isSet bool, _ any) { g.OK = isSet }

// Schema is the value's own.
func (g Given[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// ptr returns the value, or nil when it was not given.
func (g Given[T]) ptr() *T {
	if !g.OK {
		return nil
	}
	return &g.V
}

// RangeOf returns a range of values given as query parameters.
func RangeOf[P, T any](from, to Given[P], as func(P) T) (r query.Range[T]) {
	if p := from.ptr(); p != nil {
		v := as(*p)
		r.From = &v
	}
	if p := to.ptr(); p != nil {
		v := as(*p)
		r.To = &v
	}
	return r
}

// Same and cents are what span makes of values that are the store's own, and of centavos.
func Same[T any](v T) T { return v }

// Cents is what RangeOf makes of centavos.
func Cents(n int64) domain.Money { return domain.Money(n) }

// DayText is a date in a query.
type DayText string

// Schema is a date's.
func (DayText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date"}
}

// Domain returns the day as the rules have it.
func (d DayText) Domain() domain.Day { return domain.Day(d) }
