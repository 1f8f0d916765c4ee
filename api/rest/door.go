package rest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/api/problem"
)

// Middleware stands before every operation: headers that every answer has, who asks, whether
// they may, how often, and no parameter that the operation does not know.
func (s *Service) Middleware(ctx huma.Context, next func(huma.Context)) {
	ctx.SetHeader("Cache-Control", "private, no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	c := humagin.Unwrap(ctx)
	if err := s.admit(ctx, c); err != nil {
		problem.Write(c, WithoutDetail(err))
		return
	}
	if err := s.idempotent(ctx, func() { next(ctx) }); err != nil {
		problem.Write(c, WithoutDetail(err))
	}
}

func (s *Service) admit(ctx huma.Context, c *gin.Context) error {
	if err := s.authenticate(ctx.Operation(), c); err != nil {
		return err
	}
	if err := s.Limit.allow(c); err != nil {
		return err
	}
	if err := knownParameters(ctx.Operation(), c); err != nil {
		return err
	}
	return knownMembers(ctx.Operation(), c)
}

// knownParameters fails with unknown_parameter for a query parameter that the operation
// does not have: a mistyped filter must not answer everything. For the same reason it
// refuses a query that cannot be read whole, and a parameter that is there twice.
func knownParameters(op *huma.Operation, c *gin.Context) error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return &problem.Error{Code: "malformed"} // err would repeat the value
	}
	var unknown []problem.Field
	names := queryNames(op)
	for name, values := range query {
		if !slices.Contains(names, name) {
			unknown = append(unknown, problem.Field{Parameter: PrintableName(name), Code: "unknown_parameter", Allowed: names})
		} else if len(values) > 1 {
			return &problem.Error{Code: "malformed", Fields: []problem.Field{{Parameter: name, Code: "invalid"}}}
		}
	}
	if unknown == nil {
		return nil
	}
	return &problem.Error{Code: "unknown_parameter", Fields: unknown}
}

// queryNames returns the query parameters that an operation has, sorted.
func queryNames(op *huma.Operation) (names []string) {
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// PrintableName returns a parameter's name, or "" for one that might be a pasted secret.
func PrintableName(name string) string {
	if len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_[]") != "" {
		return ""
	}
	return name
}
