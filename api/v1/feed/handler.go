// Package feed answers the part of /v1 about the change feed, in pages and as a stream.
package feed

import (
	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Changes Changes         // tells readers when something came; nil: they ask each second
	Closing <-chan struct{} // closed when the process stops taking requests: ends what waits

	streams, polls *places
	catchUps       *catchUps
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	s.streams = newPlaces(streamsOfToken, streamsOfClinic, streamsOfAll)
	s.polls = newPlaces(pollsOfToken, pollsOfClinic, pollsOfAll)
	s.catchUps = newCatchUps()
	s.registerFeed(api)
	s.registerStreams(api)
}
