// Package operations answers the part of /v1 about long work that was answered 202.
package operations

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerOperations(api)
}
