package api

import (
	"net/http"
	"strconv"
	"time"

	"patapay/domain/asaas/simulator/accounts"
)

// admit counts a request against the account's limits (docs/gateway.md, limits): 50
// GETs at once and the quota of 12 hours. done must be called when the request ends.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, a *accounts.Books) (done func(), limited bool) {
	s.world.Lock()
	defer s.world.Unlock()
	now := s.world.Clock.Now()
	if now.Sub(a.Window) >= 12*time.Hour {
		a.Window, a.Used = now, 0
	}
	done = func() {}
	if a.Used++; a.Used > s.quota {
		limit(w, s.quota, a.Window.Add(12*time.Hour).Sub(now))
		return done, true
	}
	if r.Method != http.MethodGet {
		return done, false
	}
	if a.Reading >= maxReads {
		limit(w, maxReads, time.Second)
		return done, true
	}
	a.Reading++
	return func() {
		s.world.Lock()
		defer s.world.Unlock()
		a.Reading--
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
