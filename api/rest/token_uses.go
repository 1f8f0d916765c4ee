package rest

import (
	"context"
	"sync"
	"time"

	"patapay/api/auth"
	"patapay/tenants"
	"patapay/tenants/people"
)

const (
	useEvery = time.Minute // a token's use is written at most so often by a process
	useDelay = time.Second // uses wait so long for others, to be written together
)

// tokenUses gathers which service tokens were used, and writes it apart from the requests: who
// asks often must not write often. What waits when the process ends is lost; the next use
// tells it.
type tokenUses struct {
	mu      sync.Mutex
	written map[string]time.Time // when a token's use was last written
	waiting map[string]time.Time // uses to write
}

// noteUse remembers that one of our service tokens was used now.
func (s *Service) noteUse(p auth.Principal) {
	u := &s.uses
	if p.Kind != auth.Service || p.Issuer != auth.Name {
		return
	}
	now := s.Instant()
	u.mu.Lock()
	defer u.mu.Unlock()
	if at, known := u.written[p.TokenID]; known && now.Sub(at) < useEvery {
		return
	}
	if u.written == nil || len(u.written) >= 10_000 {
		u.written = map[string]time.Time{}
	}
	u.written[p.TokenID] = now
	if u.waiting == nil {
		u.waiting = map[string]time.Time{}
		time.AfterFunc(useDelay, func() { s.writeUses() })
	}
	u.waiting[p.TokenID] = now
}

// writeUses stores the uses that wait, in one statement.
func (s *Service) writeUses() {
	u := &s.uses
	u.mu.Lock()
	waiting := u.waiting
	u.waiting = nil
	u.mu.Unlock()
	var ids []string
	var at []time.Time
	for id, when := range waiting {
		ids, at = append(ids, id), append(at, when)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := people.UsedServiceTokens(s.DB, tenants.RecordingAccess(ctx), ids, at); err != nil {
		s.Log.DebugContext(ctx, "last use of service tokens not written", "tokens", len(ids), "err", err)
	}
}
