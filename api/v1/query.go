package v1

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"patapay/domain"
	"patapay/tenants/query"
)

// given is a query parameter whose zero value is a value: it knows whether it was there.
type given[T any] struct {
	V  T
	OK bool
}

// Receiver lets huma parse into the value.
func (g *given[T]) Receiver() reflect.Value { return reflect.ValueOf(g).Elem().Field(0) }

// OnParamSet notes whether the parameter was there.
func (g *given[T]) OnParamSet(isSet bool, _ any) { g.OK = isSet }

// Schema is the value's own.
func (g given[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// ptr returns the value, or nil when it was not given.
func (g given[T]) ptr() *T {
	if !g.OK {
		return nil
	}
	return &g.V
}

// span returns a range of values given as query parameters.
func span[P, T any](from, to given[P], as func(P) T) (r query.Range[T]) {
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

// same and cents are what span makes of values that are the store's own, and of centavos.
func same[T any](v T) T { return v }

func cents(n int64) domain.Money { return domain.Money(n) }

// day is a date in a query.
type day string

// Schema is a date's.
func (day) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "string", Format: "date"} }

func (d day) domain() domain.Day { return domain.Day(d) }
