package inbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"patapay/tenants"
)

const (
	tokenMemory = 5 * time.Second // an answer counts no longer, so a revoked token counts as wrong soon

	renewFrom  = 2500 * time.Millisecond // an answer of this age may be asked for again beside others
	renewAt    = 3500 * time.Millisecond // one of this age, and up to renewSpan more, has its batch asked for
	renewSpan  = time.Second             // so that those asked for at one instant part
	renewMost  = 64                      // tokens of one statement
	renewLimit = 2 * time.Second         // of one statement; those that it fails lapse, and are asked for one by one
)

// tokenMemoryOf is what a TokenResolver remembers. An answer that is used is asked for again before it lapses, many in
// one statement and behind the deliveries' backs; one that nobody used is forgotten.
type tokenMemoryOf struct {
	known sync.Map // [32]byte → *remembered

	mu       sync.Mutex
	order    []*remembered // by when they were asked for, the first first
	renewing bool
	group    sync.WaitGroup // of the renewal under way
}

type remembered struct {
	digest [32]byte
	owner  *Owner
	asked  time.Time   // before Postgres was
	renew  time.Time   // from when on a use has it asked for again
	used   atomic.Bool // since then
}

// put remembers an answer, in the place of was or of none. An answer that somebody has asked for in between stays.
func (m *tokenMemoryOf) put(digest [32]byte, owner *Owner, asked time.Time, was *remembered) {
	r := &remembered{digest: digest, owner: owner, asked: asked, renew: asked.Add(renewAt + rand.N(renewSpan))}
	if was != nil && !m.known.CompareAndSwap(digest, was, r) {
		return
	}
	if was == nil {
		m.known.Store(digest, r)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(m.order, r)
}

// get returns a remembered answer that counts at instant now, and has it asked for again when it is time; nil: none.
func (p *TokenResolver) get(digest [32]byte, now time.Time) *remembered {
	v, ok := p.memory.known.Load(digest)
	if !ok {
		return nil
	}
	r := v.(*remembered)
	if !now.Before(r.asked.Add(tokenMemory)) {
		return nil
	}
	if !r.used.Load() {
		r.used.Store(true)
	}
	if !now.Before(r.renew) {
		p.renewSoon()
	}
	return r
}

// renewSoon starts a renewal unless one is under way.
func (p *TokenResolver) renewSoon() {
	m := &p.memory
	if !m.mu.TryLock() {
		return // somebody is at it; the next delivery asks again
	}
	defer m.mu.Unlock()
	if m.renewing {
		return
	}
	m.renewing = true
	m.group.Go(func() {
		for batch := p.memory.old(p.Now()); len(batch) > 0; batch = p.memory.old(p.Now()) {
			p.renew(batch)
		}
	})
}

// old takes the next answers that are used and old enough, and forgets those that are not used. Without any the renewal
// is over.
func (m *tokenMemoryOf) old(now time.Time) (batch []*remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.order) > 0 && len(batch) < renewMost {
		r := m.order[0]
		if now.Before(r.asked.Add(renewFrom)) {
			break
		}
		m.order[0], m.order = nil, m.order[1:]
		if !r.used.Load() {
			m.known.CompareAndDelete(r.digest, r)
		} else if held, ok := m.known.Load(r.digest); ok && held == r {
			batch = append(batch, r)
		}
	}
	m.renewing = len(batch) > 0
	return batch
}

// renew asks for the owners of the batch. A token that is nobody's any more is forgotten at once.
func (p *TokenResolver) renew(batch []*remembered) {
	ctx, cancel := context.WithTimeout(context.Background(), renewLimit)
	defer cancel()
	asked, digests, was := p.Now(), make([][]byte, len(batch)), map[[32]byte]*remembered{}
	for i, r := range batch {
		digests[i], was[r.digest] = r.digest[:], r
	}
	rows, err := p.db.Pool().Query(ctx, `SELECT digest, `+ownerColumns+` FROM token_owners($1)`, digests)
	if err != nil {
		return
	}
	owners := map[[32]byte]*Owner{}
	var digest []byte
	var row ownerRow
	if _, err = pgx.ForEachRow(rows, append([]any{&digest}, row.dest()...), func() error {
		owner, err := p.ownerOf(&row)
		if err == nil {
			owners[[32]byte(digest)] = owner
		}
		return err
	}); tenants.Translate(err, "tokens") != nil {
		return
	}
	for digest, r := range was {
		if owner := owners[digest]; owner != nil {
			p.memory.put(digest, owner, asked, r)
		} else {
			p.memory.known.CompareAndDelete(digest, r)
		}
	}
}
