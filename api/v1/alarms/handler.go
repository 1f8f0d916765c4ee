// Package alarms answers the part of /v1 about the alarms, and the mails that were sent about them.
package alarms

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
	s.registerAlarms(api)
	s.registerMails(api)
	s.registerShapes(api)
}
