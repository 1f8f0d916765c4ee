package auth

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"patapay/domain"
)

const (
	// Name is our own issuer's name, and the audience of every token we believe.
	Name = "patapay"

	maxToken = 8 << 10          // bytes; more is refused unread (CVE-2025-30204)
	leeway   = 30 * time.Second // between our clock and the issuer's; 60 s at most
)

// Keys finds a public key by its id and the algorithm it is to verify: two keys of a set may
// share an id. It answers from memory: a token decides no I/O.
type Keys interface {
	Key(kid, alg string) (key any, ok bool)
}

// Trust is an issuer whose tokens are believed, and how far.
type Trust struct {
	Issuer     string        // iss
	Algorithms []string      // of EdDSA, RS256, ES256
	Keys       Keys          // by kid
	Roles      []string      // it may say
	MaxLife    time.Duration // exp is at most so far ahead; 0: any
	Own        bool          // ours: typ and jti must be there; else typ may be absent or "Bearer"
}

// Ours is the trust in tokens that this program signed, with the present key and, while
// their tokens live, with older ones.
func Ours(keys ...ed25519.PublicKey) Trust {
	fixed := fixedKeys{}
	for _, key := range keys {
		if key != nil {
			fixed[KeyID(key)] = key
		}
	}
	return Trust{Issuer: Name, Algorithms: []string{"EdDSA"}, Keys: fixed, Roles: allRoles, Own: true}
}

// Platform is the trust in the platform's own tokens. It may speak for clinics and for
// services, not for operators, and a token of it lives at most a day.
func Platform(issuer string, algorithms []string, keys Keys) Trust {
	return Trust{Issuer: issuer, Algorithms: algorithms, Keys: keys, Roles: platformRoles, MaxLife: 24 * time.Hour}
}

// fixedKeys are keys that do not change while the program runs.
type fixedKeys map[string]ed25519.PublicKey

func (k fixedKeys) Key(kid, _ string) (any, bool) {
	key, ok := k[kid]
	return key, ok
}

// Verifier checks tokens. The zero value believes nobody.
type Verifier struct {
	trusts map[string]Trust
	now    func() time.Time
}

// NewVerifier believes the given issuers by the clock now. It panics when two have one
// name or one allows an algorithm that is not believed.
func NewVerifier(now func() time.Time, trusts ...Trust) *Verifier {
	knowEd25519()
	v := &Verifier{trusts: map[string]Trust{}, now: now}
	for _, t := range trusts {
		if _, twice := v.trusts[t.Issuer]; twice || t.Issuer == "" || len(t.Algorithms) == 0 {
			panic("auth: issuer without a name of its own or without algorithms: " + t.Issuer)
		}
		for _, alg := range t.Algorithms {
			if !slices.Contains(believed, alg) {
				panic("auth: algorithm " + alg + " is never believed")
			}
		}
		v.trusts[t.Issuer] = t
	}
	return v
}

// Verify returns the principal of an access or service token. It fails with
// Unauthenticated, whose cause, for the log only, is why.
func (v *Verifier) Verify(token string) (Principal, error) {
	return v.verify(token, Access, Service)
}

// VerifyRefresh returns the principal of a refresh token of our own.
func (v *Verifier) VerifyRefresh(token string) (Principal, error) {
	return v.verify(token, Refresh)
}

func (v *Verifier) verify(token string, kinds ...Kind) (Principal, error) {
	p, err := v.principal(token)
	if err == nil && !slices.Contains(kinds, p.Kind) {
		err = fmt.Errorf("a token of kind %q does not open this", p.Kind)
	}
	if err != nil {
		return Principal{}, &domain.Error{Code: domain.Unauthenticated, Err: err}
	}
	return p, nil
}

// plainToken is the compact form (RFC 7515, 7.1). Go's base64 skips line breaks, so that
// one token would have many spellings.
var plainToken = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

func (v *Verifier) principal(token string) (Principal, error) {
	if len(token) > maxToken || !plainToken.MatchString(token) {
		return Principal{}, errors.New("not a token, or too long")
	}
	// Whose is it? Unverified, this only picks the rules to verify it by.
	unverified := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, unverified); err != nil {
		return Principal{}, err
	}
	issuer, _ := unverified["iss"].(string)
	trust, known := v.trusts[issuer]
	if !known {
		return Principal{}, errors.New("unknown issuer")
	}
	claims := jwt.MapClaims{}
	_, err := v.parser(trust).ParseWithClaims(token, claims, trust.key)
	if err != nil {
		return Principal{}, err
	}
	return trust.read(claims, v.now())
}

// parser checks signature, time, issuer and audience; what v5 leaves optional is required.
func (v *Verifier) parser(t Trust) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods(allowed(t.Algorithms)), jwt.WithIssuer(t.Issuer), jwt.WithAudience(Name),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(v.now))
}

var plainKid = regexp.MustCompile(`^[A-Za-z0-9_.:=+-]{1,128}$`)

// key finds the key a token names. The kid is an index and nothing else; jku, x5u, jwk
// and x5c are not looked at, and crit, which we do not understand, refuses the token
// (RFC 7515, 4.1.11).
func (t Trust) key(token *jwt.Token) (any, error) {
	if _, crit := token.Header["crit"]; crit {
		return nil, errors.New("crit header")
	}
	kid, _ := token.Header["kid"].(string)
	if !plainKid.MatchString(kid) {
		return nil, errors.New("no plain kid")
	}
	key, ok := t.Keys.Key(kid, token.Method.Alg())
	if !ok {
		return nil, errors.New("unknown kid")
	}
	if !fits(token.Method.Alg(), key) {
		return nil, errors.New("the key is not of the token's algorithm")
	}
	return key, nil
}

// read makes a principal of verified claims: each has its type, none is guessed.
func (t Trust) read(claims jwt.MapClaims, now time.Time) (Principal, error) {
	r := reader{claims: claims}
	p := Principal{
		Issuer: t.Issuer, Subject: r.text("sub"), Role: r.text("role"), Session: r.text("sid"),
		Scopes: strings.Fields(r.text("scope")), TokenID: r.optional("jti"), Tenant: r.optional("tenant"),
	}
	_, hasTenant := claims["tenant"]
	p.Platform = !hasTenant
	p.Kind = t.kind(claims, &r)
	if audience, _ := claims.GetAudience(); len(audience) != 1 {
		r.fail("aud") // a token for others too could come from any of them
	}
	exp, err := claims.GetExpirationTime()
	if err != nil || exp == nil || t.MaxLife > 0 && exp.After(now.Add(t.MaxLife+leeway)) {
		r.fail("exp")
	} else {
		p.Expires = exp.UTC()
	}
	if issued, err := claims.GetIssuedAt(); err != nil {
		r.fail("iat")
	} else if issued != nil {
		p.Issued = issued.UTC()
	}
	if t.Own && p.TokenID == "" {
		r.fail("jti")
	}
	if !slices.Contains(t.Roles, p.Role) || !p.consistent() {
		r.fail("role or tenant")
	}
	if (p.Kind == Service) != (p.Role == RoleService) {
		r.fail("typ and role")
	}
	return p, r.err
}

// kind reads typ. The platform's issuer may leave it out, or say Bearer as Keycloak does;
// what the role is then decides. An identity or refresh token of its says something else.
func (t Trust) kind(claims jwt.MapClaims, r *reader) Kind {
	text := r.optional("typ")
	if t.Own {
		text = r.text("typ")
	}
	switch {
	case t.Own && slices.Contains(Kinds(), Kind(text)),
		!t.Own && slices.Contains([]Kind{Access, Service}, Kind(text)):
		return Kind(text)
	case !t.Own && (text == "" || text == "Bearer"):
		if claims["role"] == RoleService {
			return Service
		}
		return Access
	}
	r.fail("typ")
	return ""
}

// reader takes claims and keeps the first thing wrong with them.
type reader struct {
	claims jwt.MapClaims
	err    error
}

func (r *reader) fail(claim string) {
	if r.err == nil {
		r.err = fmt.Errorf("claim %s is missing or wrong", claim)
	}
}

// text returns a claim that must be a string of 1 to 2048 bytes.
func (r *reader) text(claim string) string {
	value, ok := r.claims[claim].(string)
	if !ok || strings.TrimSpace(value) == "" || len(value) > 2048 {
		r.fail(claim)
	}
	return value
}

// optional is text for a claim that may be absent; null and "" are not absent.
func (r *reader) optional(claim string) string {
	if _, there := r.claims[claim]; !there {
		return ""
	}
	return r.text(claim)
}
