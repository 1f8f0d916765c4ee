package auth

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"patapay/api/problem"
	"patapay/domain"
)

// standingAge is how long an answer of the store is believed for reads. Writes ask anew.
const standingAge = 5 * time.Second

// Standing tells whether what one of our tokens rests on still stands.
type Standing interface {
	// SessionVersion returns the version that the user's sessions must have, raised to
	// end them all; NotFound for a user who is gone or disabled.
	SessionVersion(ctx context.Context, user string) (int, error)
	// ServiceToken returns nil for a service token that is registered and not revoked,
	// NotFound for any other.
	ServiceToken(ctx context.Context, id string) error
}

// Session returns the sid of a session: the user's session version, and an id.
func Session(version int, id string) string { return strconv.Itoa(version) + "." + id }

// Keeper stands at the door of /v1.
type Keeper struct {
	Verifier *Verifier
	Standing Standing
	Now      func() time.Time

	mu    sync.Mutex
	known map[string]time.Time // when a token's standing was last seen to be good
}

// Authenticate puts the principal of the request's one Authorization header into its
// context. It answers 401 for any header that is not right, 503 when the store cannot be
// asked.
func (k *Keeper) Authenticate(c *gin.Context) {
	p, err := k.principal(c)
	if err != nil {
		problem.Write(c, err)
		return
	}
	c.Request = c.Request.WithContext(With(c.Request.Context(), p))
}

func (k *Keeper) principal(c *gin.Context) (Principal, error) {
	headers := c.Request.Header.Values("Authorization")
	if len(headers) != 1 {
		return Principal{}, domain.Errorf(domain.Unauthenticated, "")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, domain.Errorf(domain.Unauthenticated, "")
	}
	p, err := k.Verifier.Verify(token)
	if err != nil {
		return Principal{}, err
	}
	return p, k.Stands(c.Request.Context(), p, writes(c.Request.Method))
}

// Stands fails with Unauthenticated when the token's session was ended, its user is gone
// or it was revoked; the platform's tokens rest on nothing of ours. Without fresh, a good
// answer of the last five seconds is enough.
func (k *Keeper) Stands(ctx context.Context, p Principal, fresh bool) error {
	if p.Issuer != Name || !fresh && k.seen(p) {
		return nil
	}
	err := k.ask(ctx, p)
	if domain.CodeOf(err) == domain.NotFound {
		return &domain.Error{Code: domain.Unauthenticated, Err: errors.New("the token was revoked")}
	}
	if err != nil {
		return err
	}
	k.remember(p)
	return nil
}

func (k *Keeper) ask(ctx context.Context, p Principal) error {
	if p.Kind == Service {
		return k.Standing.ServiceToken(ctx, p.TokenID)
	}
	version, err := k.Standing.SessionVersion(ctx, p.Subject)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(p.Session, strconv.Itoa(version)+".") {
		return domain.Errorf(domain.NotFound, "session")
	}
	return nil
}

func (k *Keeper) seen(p Principal) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, ok := k.known[p.TokenID]
	return ok && k.Now().Sub(at) < standingAge
}

// Forget drops every remembered answer of this process: what was just ended opens nothing
// here from now on. Other processes follow within five seconds.
func (k *Keeper) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known = nil
}

// remember notes a good answer. When ten thousand are noted the old ones go.
func (k *Keeper) remember(p Principal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil || len(k.known) >= 10_000 {
		fresh := map[string]time.Time{}
		for id, at := range k.known {
			if k.Now().Sub(at) < standingAge {
				fresh[id] = at
			}
		}
		k.known = fresh
	}
	k.known[p.TokenID] = k.Now()
}
