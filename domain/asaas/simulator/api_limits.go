package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// admit counts a request against the account's limits (docs/gateway.md, limits): 50
// GETs at once and the quota of 12 hours. done must be called when the request ends.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, a *books) (done func(), limited bool) {
	s.world.Lock()
	defer s.world.Unlock()
	now := s.world.clock.Now()
	if now.Sub(a.window) >= 12*time.Hour {
		a.window, a.used = now, 0
	}
	done = func() {}
	if a.used++; a.used > s.quota {
		limit(w, s.quota, a.window.Add(12*time.Hour).Sub(now))
		return done, true
	}
	if r.Method != http.MethodGet {
		return done, false
	}
	if a.reading >= maxReads {
		limit(w, maxReads, time.Second)
		return done, true
	}
	a.reading++
	return func() {
		s.world.Lock()
		defer s.world.Unlock()
		a.reading--
	}, false
}

// maxReads is how many GETs of one account may be under way.
const maxReads = 50

// limit sets the headers of a limit that is used up for wait.
func limit(w http.ResponseWriter, of int, wait time.Duration) {
	w.Header().Set("RateLimit-Limit", strconv.Itoa(of))
	w.Header().Set("RateLimit-Remaining", "0")
	w.Header().Set("RateLimit-Reset", strconv.Itoa(int(wait.Seconds())))
}
