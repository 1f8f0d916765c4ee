// Package events answers the part of /v1 about the stored events, what became of them, and their replay.
package events

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/tenants/apply"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Applier *apply.Applier // on the worker's role
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.registerEvents(api)
	s.registerTimeline(api)
	s.registerReplay(api)
}
