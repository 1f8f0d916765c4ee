package auth

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"patapay/domain"
)

// revocationAge is how long an answer of the store is believed for reads. Writes ask anew.
const revocationAge = 5 * time.Second

// RevocationCheck tells whether what one of our tokens rests on still stands.
type RevocationCheck interface {
	// SessionVersion returns the version that the user's sessions must have, raised to
	// end them all; NotFound for a user who is gone or disabled, and for a session that ended.
	SessionVersion(ctx context.Context, user, session string) (int, error)
	// ServiceToken returns nil for a service token that is registered and not revoked,
	// NotFound for any other.
	ServiceToken(ctx context.Context, id string) error
	// PlatformToken returns nil for a token that the platform signed for a subject unless somebody ended it here,
	// by its id, which may be "", or with all that were issued until an instant; NotFound for one that was.
	PlatformToken(ctx context.Context, subject, id string, issued time.Time) error
	// Factor tells whether the user has a second factor, and when it was last shown in a session; zero: never.
	// NotFound for a session that ended.
	Factor(ctx context.Context, user, session string) (has bool, at time.Time, err error)
}

// FactorIsFresh tells whether what asks for a fresh second factor is open to a principal: to a person who has none, or
// who showed it in this session within life. Programs have none, and whoever signs at the command line holds the key.
func (a *Authenticator) FactorIsFresh(ctx context.Context, p Principal, life time.Duration) (bool, error) {
	_, session, _ := strings.Cut(p.Session, ".")
	if p.Issuer != Name || p.Kind != Access || session == CommandLine {
		return true, nil
	}
	has, at, err := a.RevocationCheck.Factor(ctx, p.Subject, session)
	if domain.CodeOf(err) == domain.NotFound {
		return false, domain.Errorf(domain.Unauthenticated, "")
	}
	return err == nil && (!has || a.Now().Sub(at) < life), err
}

// CommandLine is the session of a token that the command line signed: no login stands behind it, and only
// its user's session version ends it.
const CommandLine = "cli"

// Session returns the sid of a session: the user's session version, and an id.
func Session(version int, id string) string { return strconv.Itoa(version) + "." + id }

// Authenticator tells who makes a request of /v1.
type Authenticator struct {
	Verifier        *Verifier
	RevocationCheck RevocationCheck
	Now             func() time.Time

	asking singleflight.Group // by token
	mu     sync.Mutex
	known  map[tokenKey]time.Time // when a token was last seen not to be revoked
}

// tokenKey names a token: the id does for one of ours; a platform's need not have one.
type tokenKey struct {
	issuer, id, subject string
	issued              time.Time
}

func keyOf(p Principal) tokenKey { return tokenKey{p.Issuer, p.TokenID, p.Subject, p.Issued} }

// Authenticate returns the principal of the request's one Authorization header and puts it
// into the request's context. It fails with Unauthenticated for any header that is not right,
// and with the store's error when the store cannot be asked; the caller writes the answer.
func (a *Authenticator) Authenticate(c *gin.Context) (Principal, error) {
	p, err := a.principal(c)
	if err != nil {
		return Principal{}, err
	}
	c.Request = c.Request.WithContext(With(c.Request.Context(), p))
	return p, nil
}

func (a *Authenticator) principal(c *gin.Context) (Principal, error) {
	headers := c.Request.Header.Values("Authorization")
	if len(headers) != 1 {
		return Principal{}, domain.Errorf(domain.Unauthenticated, "")
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, domain.Errorf(domain.Unauthenticated, "")
	}
	p, err := a.Verifier.Verify(token)
	if err != nil {
		return Principal{}, err
	}
	return p, a.Stands(c.Request.Context(), p, writes(c.Request.Method))
}

// Stands fails with Unauthenticated when the token's session was ended, its user is gone
// or it was revoked; the platform's tokens rest on nothing else of ours. Without fresh, a good
// answer of the last five seconds is enough, and a thousand requests of one token ask once.
func (a *Authenticator) Stands(ctx context.Context, p Principal, fresh bool) error {
	ctx = With(ctx, p) // whose share of the connections it is
	if fresh {
		return a.askAndRemember(ctx, p)
	}
	if a.seen(p) {
		return nil
	}
	_, err, _ := a.asking.Do(fmt.Sprint(keyOf(p)), func() (any, error) {
		return nil, a.askAndRemember(context.WithoutCancel(ctx), p) // others wait for it: who came first may leave
	})
	return err
}

func (a *Authenticator) askAndRemember(ctx context.Context, p Principal) error {
	err := a.ask(ctx, p)
	if domain.CodeOf(err) == domain.NotFound {
		return &domain.Error{Code: domain.Unauthenticated, Err: errors.New("the token was revoked")}
	}
	if err == nil {
		a.remember(p)
	}
	return err
}

func (a *Authenticator) ask(ctx context.Context, p Principal) error {
	if p.Issuer != Name {
		return a.RevocationCheck.PlatformToken(ctx, p.Subject, p.TokenID, p.Issued)
	}
	if p.Kind == Service {
		return a.RevocationCheck.ServiceToken(ctx, p.TokenID)
	}
	of, session, _ := strings.Cut(p.Session, ".")
	version, err := a.RevocationCheck.SessionVersion(ctx, p.Subject, session)
	if err != nil {
		return err
	}
	if of != strconv.Itoa(version) {
		return domain.Errorf(domain.NotFound, "session")
	}
	return nil
}

func (a *Authenticator) seen(p Principal) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, ok := a.known[keyOf(p)]
	return ok && a.Now().Sub(at) < revocationAge
}

// Forget drops every remembered answer of this process: what was just ended opens nothing
// here from now on. Other processes follow within five seconds.
func (a *Authenticator) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known = nil
}

// remember notes a good answer. When ten thousand are noted the old ones go.
func (a *Authenticator) remember(p Principal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil || len(a.known) >= 10_000 {
		fresh := map[tokenKey]time.Time{}
		for id, at := range a.known {
			if a.Now().Sub(at) < revocationAge {
				fresh[id] = at
			}
		}
		a.known = fresh
	}
	a.known[keyOf(p)] = a.Now()
}
