package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// AccessLife is how long a person's access token lives; a changed role or an ended
// session is felt at once all the same (Authenticator).
const AccessLife = 15 * time.Minute

// KeyID returns the name of a key in a token's header: a hash of the key, so that it needs
// no bookkeeping.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Issuer signs tokens with our key.
type Issuer struct {
	key ed25519.PrivateKey
	kid string
	now func() time.Time
}

// NewIssuer signs with key by the clock now.
func NewIssuer(key ed25519.PrivateKey, now func() time.Time) *Issuer {
	return &Issuer{key: key, kid: KeyID(key.Public().(ed25519.PublicKey)), now: now}
}

// KeyID returns the name of the key that it signs with.
func (i *Issuer) KeyID() string { return i.kid }

// Sign returns a token that Verify turns back into p, with ttl to live from its Issued on, or from now without one,
// and a fresh TokenID when it has none. It fails for a principal that Verify would not take.
func (i *Issuer) Sign(p Principal, ttl time.Duration) (string, error) {
	now := p.Issued
	if now.IsZero() {
		now = i.now()
	}
	if p.TokenID == "" {
		p.TokenID = strings.ToLower(rand.Text())
	}
	claims := jwt.MapClaims{
		"iss": Name, "aud": Name, "sub": p.Subject, "jti": p.TokenID, "typ": string(p.Kind),
		"iat": float64(now.Unix()), "exp": float64(now.Add(ttl).Unix()), // the type a parsed token has
		"scope": strings.Join(p.Scopes, " "), "role": p.Role, "sid": p.Session,
	}
	if !p.Platform {
		claims["tenant"] = p.Tenant
	}
	if _, err := Ours().read(claims, now); err != nil || ttl <= 0 {
		return "", errors.Join(errors.New("sign a token: the principal is incomplete"), err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = i.kid
	return token.SignedString(i.key)
}
