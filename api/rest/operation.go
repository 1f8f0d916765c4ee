package rest

import (
	"context"
	"errors"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/problem"
	"patapay/domain"
)

// Bearer is the one security scheme.
const Bearer = "bearer"

// maxBody is how many bytes a request may have; the largest is a connection's.
const maxBody = 64 << 10

// The framework refuses a body of as many bytes as it is given: so it is given one more.
//
// NewOperation describes one route. Scope "" leaves the route open to everyone.
func NewOperation(method, path, id, summary, tag, scope string) huma.Operation {
	op := huma.Operation{
		Method:       method,
		Path:         path,
		OperationID:  id,
		Summary:      summary,
		Tags:         []string{tag},
		MaxBodyBytes: maxBody + 1,
	}
	if scope != "" {
		op.Security = []map[string][]string{{Bearer: {scope}}}
	}
	return op
}

// Register registers an operation. Of an error from below only its code is told: the words for
// people are problem.Error's.
func Register[I, O any](api huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	if takesKey(&op) {
		op.Parameters = append(op.Parameters, keyParameter(op))
	}
	if names := membersOf(reflect.TypeFor[I](), reflect.TypeFor[O]()); names != nil {
		if op.Metadata == nil {
			op.Metadata = map[string]any{}
		}
		op.Metadata[members] = names
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		problem.NoteCause(ctx, err)
		return out, WithoutDetail(err)
	})
}

// WithoutDetail drops the words of the store's errors, which are for logs.
func WithoutDetail(err error) error {
	var told *problem.Error
	var plain *domain.Error
	if err == nil || errors.As(err, &told) || !errors.As(err, &plain) {
		return err
	}
	return &domain.Error{Code: plain.Code, Err: err}
}

// DescribeExisting describes the 200 of an operation that makes what may be there already: the same
// answer as its 201.
func DescribeExisting(api huma.API, path string) {
	answers := api.OpenAPI().Paths[path].Post.Responses
	there := *answers["201"]
	there.Description = "OK: it was there"
	answers["200"] = &there
}

// DescribeNullableEnums says of members that are one of some words or null that they are either: a
// validator asks both the type and the words (JSON Schema 2020-12, validation, 6.1), and the
// framework writes null into the type alone.
func DescribeNullableEnums(api huma.API) {
	for _, schema := range api.OpenAPI().Components.Schemas.Map() {
		for _, p := range schema.Properties {
			if !p.Nullable || len(p.Enum) == 0 {
				continue
			}
			p.AnyOf = []*huma.Schema{{Type: p.Type, Enum: p.Enum}, {Type: "null"}}
			p.Type, p.Enum, p.Nullable = "", nil, false
		}
	}
}
