package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *Handler) registerAuth(api huma.API) {
	post := func(path, id, summary string) huma.Operation {
		return rest.NewOperation(http.MethodPost, "/v1/auth/"+path, id, summary, "Auth", "")
	}
	rest.Register(api, post("login", "login", "E-mail and password for an access token, and a refresh cookie"), s.login)
	rest.Register(
		api,
		post("login/factor", "loginFactor", "The second step of a login: a code for the challenge that its answer held"),
		(&factorRoutes{s}).loginFactor,
	)
	rest.Register(api, post("refresh", "refresh", "The refresh cookie for the next access token and cookie"), s.refresh)
	out := post("logout", "logout", "End the session of the refresh cookie")
	out.DefaultStatus = http.StatusNoContent
	rest.Register(api, out, s.logout)
	me := rest.NewOperation(
		http.MethodGet, "/v1/auth/me", "me", "Who the token speaks for, and what they may do", "Auth", "",
	)
	me.Security = []map[string][]string{{rest.Bearer: {}}}
	rest.Register(api, me, s.me)
}

// tokenOutput is a fresh access token in the body and the next refresh token in a cookie,
// which scripts cannot read.
type tokenOutput struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      struct {
		AccessToken string `json:"accessToken" doc:"For Authorization: Bearer; keep it in memory"`
		TokenType   string `json:"tokenType" enum:"Bearer"`
		ExpiresIn   int    `json:"expiresIn" doc:"Seconds" example:"900"`
	}
}

type loginInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Agent  string `header:"User-Agent" hidden:"true"`
	Cookie string `header:"Cookie" hidden:"true"`
	Body   struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" example:"uma-senha-de-exemplo" maxLength:"1024" writeOnly:"true"`
		Link     string `json:"link,omitempty" maxLength:"100" writeOnly:"true" doc:"What stands behind the # of a link that was mailed for logging in; needed when errors[] of a 429 asks for it"`
		Code     string `json:"code,omitempty" example:"123456" maxLength:"64" writeOnly:"true" doc:"A code of the person's second factor, or a recovery code, when it is at hand: it stands in place of the second step, and of the link that a 429 asks for"`
	}
}

func (s *Handler) login(ctx context.Context, in *loginInput) (*tokenOutput, error) {
	if in.Origin != "" && !s.ownOrigin(in.Origin) { // nobody logs our reader in as themselves
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	browser := s.browserOf(in.Cookie)
	who, err := s.Logins.Check(ctx, auth.Attempt{
		Email: in.Body.Email, Password: in.Body.Password,
		Address: rest.CallerOf(ctx).Source, Browser: browser, Link: in.Body.Link,
		Code: in.Body.Code,
	})
	if err != nil {
		return nil, err
	}
	id, _ := domain.ParseUUID("usr", who.ID)
	u, err := people.FindUser(s.DB, ctx, id)
	if err != nil {
		return nil, err
	}
	if !u.StartUntil.IsZero() && !s.Instant().Before(u.StartUntil) { // the start password ended: as good as a wrong one
		return nil, &problem.Error{Code: "wrong_credentials"}
	}
	if in.Body.Link != "" { // it let one login through; one that was not needed holds on
		used := func(tx *tenants.Tx) error {
			return people.UseLink(tx, sha256.Sum256([]byte(in.Body.Link)), s.Instant())
		}
		if err := s.within(u)(ctx, used); err != nil && domain.CodeOf(err) != domain.NotFound {
			return nil, err
		}
	}
	shown := time.Time{}
	if u.HasFactor {
		if shown, err = (&factorRoutes{s}).secondStep(ctx, u, who, in.Body.Code); err != nil {
			return nil, err
		}
	}
	return s.open(ctx, u, in.Agent, browser, shown)
}

// open begins a session of u in a browser, by its User-Agent and the secret that it holds, and returns its tokens;
// shown is when the second factor was. The browser is known from now on, unless the password is one that somebody
// else gave. Who must have a second factor and has none gets a session for setting one up.
func (s *Handler) open(
	ctx context.Context, u people.User, agent, browser string, shown time.Time,
) (*tokenOutput, error) {
	session := tenants.NewID(s.Instant())
	factor := people.SessionFactor{At: shown, Pending: u.MustHaveFactor && !u.HasFactor}
	p := principalOf(u, session, factor.Pending)
	pair, err := s.sign(p, p)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(pair.refresh))
	from := people.Browser{Source: rest.CallerOf(ctx).Source, Agent: agentOf(agent)}
	if err := people.OpenSession(s.DB, ctx, u, session, digest, from, factor, s.Instant()); err != nil {
		return nil, err
	}
	out := s.tokens(pair)
	if u.StartUntil.IsZero() {
		cookie, err := s.knowBrowser(ctx, u, browser)
		if err != nil {
			return nil, err
		}
		out.SetCookie = append(out.SetCookie, cookie)
	}
	return out, nil
}

// pair is an access token and the refresh token that buys the next pair.
type pair struct{ access, refresh string }

// scopesOf returns what a person may do: nothing but choose a password of their own, while
// they have one that somebody else gave, or set a second factor up, in a session that was opened for that.
func scopesOf(u people.User, pending bool) []string {
	if !u.StartUntil.IsZero() {
		return []string{"password:change"} // a token has to name something; no route asks for this
	}
	if pending && !u.HasFactor {
		return []string{factorSetUp}
	}
	return rest.Scopes(u.Role)
}

// factorSetUp stands in a token that is good for setting a second factor up; no route asks for it.
const factorSetUp = "factor:setup"

// principalOf returns whom the tokens of a session speak for; pending: it was opened for setting a second factor up.
func principalOf(u people.User, session domain.UUID, pending bool) auth.Principal {
	return auth.Principal{
		Subject: u.ID.Public("usr"), Tenant: tenantOf(u), Platform: u.Clinic == 0, Role: u.Role,
		Scopes:  scopesOf(u, pending),
		Session: auth.Session(u.SessionVersion, session.Public("ses")), Issuer: auth.Name,
	}
}

// sign returns the tokens of a session. How long the refresh token buys others is up to the session.
func (s *Handler) sign(access, refresh auth.Principal) (p pair, err error) {
	access.Kind, refresh.Kind = auth.Access, auth.Refresh
	var errAccess, errRefresh error
	p.access, errAccess = s.Issuer.Sign(access, auth.AccessLife)
	p.refresh, errRefresh = s.Issuer.Sign(refresh, people.SessionLife)
	return p, errors.Join(errAccess, errRefresh)
}

func (s *Handler) tokens(p pair) *tokenOutput {
	out := &tokenOutput{SetCookie: []string{s.cookie(p.refresh, people.SessionIdle)}}
	out.Body.AccessToken, out.Body.TokenType = p.access, "Bearer"
	out.Body.ExpiresIn = int(auth.AccessLife.Seconds())
	return out
}

// cookie returns the refresh cookie; life 0 takes it away. Only a browser on this machine,
// over plain http in development, gets it without the __Host- prefix and Secure.
func (s *Handler) cookie(value string, life time.Duration) string {
	c := http.Cookie{
		Name:     s.cookieName(),
		Value:    value,
		Path:     "/",
		HttpOnly: true,
		Secure:   s.secure(),
		SameSite: http.SameSiteStrictMode,
		MaxAge:   int(life.Seconds()),
	}
	if life <= 0 {
		c.MaxAge = -1
	}
	return c.String()
}

func (s *Handler) secure() bool { return !strings.HasPrefix(s.PublicURL, "http://") }

func (s *Handler) cookieName() string {
	if s.secure() {
		return "__Host-patapay"
	}
	return "patapay"
}

// ownOrigin tells whether a browser's request came from our own pages (RFC 6454).
func (s *Handler) ownOrigin(origin string) bool {
	own, err := url.Parse(s.PublicURL)
	return err == nil && strings.EqualFold(origin, own.Scheme+"://"+own.Host)
}

type cookieInput struct {
	Origin string `header:"Origin" doc:"Set by the browser; must be our own"`
	Cookie string `header:"Cookie" hidden:"true"`
	Agent  string `header:"User-Agent" hidden:"true"`
}

// refreshToken returns the refresh token of a request of our own pages.
func (s *Handler) refreshToken(in *cookieInput) (string, error) {
	if !s.ownOrigin(in.Origin) {
		return "", domain.Errorf(domain.Forbidden, "")
	}
	cookies, _ := http.ParseCookie(in.Cookie) // a broken one is as good as none
	var found []string
	for _, c := range cookies {
		if c.Name == s.cookieName() {
			found = append(found, c.Value)
		}
	}
	if len(found) != 1 { // two: somebody planted one
		return "", domain.Errorf(domain.Unauthenticated, "")
	}
	return found[0], nil
}

func (s *Handler) refresh(ctx context.Context, in *cookieInput) (*tokenOutput, error) {
	token, err := s.refreshToken(in)
	if err != nil {
		return nil, err
	}
	old, err := s.Authenticator.Verifier.VerifyRefresh(token)
	if err != nil {
		return nil, err
	}
	if err := s.Authenticator.Stands(ctx, old, true); err != nil {
		return nil, err
	}
	return s.rotate(ctx, token, old, in.Agent)
}

// rotate exchanges the refresh token for the next one; the store gives it in exchange only while the session stands.
// The next one is the old one with another id, and a signature by Ed25519 has nothing random (RFC 8032, section
// 5.1.6): so an exchange whose answer was lost on the way is answered again with the same token. What the person may do
// stands in the access token, and is read anew each time.
func (s *Handler) rotate(ctx context.Context, token string, old auth.Principal, agent string) (*tokenOutput, error) {
	id, _ := domain.ParseUUID("usr", old.Subject)
	u, err := people.FindUser(s.DB, ctx, id)
	if err != nil {
		return nil, gone(err)
	}
	_, name, _ := strings.Cut(old.Session, ".")
	session, _ := domain.ParseUUID("ses", name)
	factor, _, err := people.FactorOfSession(s.DB, ctx, id, session)
	if err != nil {
		return nil, gone(err)
	}
	following := old
	following.TokenID = nextTokenID(token)
	next, err := s.sign(principalOf(u, session, factor.Pending), following)
	if err != nil {
		return nil, err
	}
	from := people.Browser{Source: rest.CallerOf(ctx).Source, Agent: agentOf(agent)}
	if err := people.RotateSession(
		s.DB, ctx, sha256.Sum256([]byte(token)), sha256.Sum256([]byte(next.refresh)), from, s.Instant(),
	); err != nil {
		return nil, err
	}
	return s.tokens(next), nil
}

// nextTokenID returns the id of the refresh token that a token is exchanged for.
func nextTokenID(token string) string {
	sum := sha256.Sum256([]byte("next " + token))
	return hex.EncodeToString(sum[:16])
}

// gone makes a user who is not there any more one who is not logged in.
func gone(err error) error {
	if domain.CodeOf(err) == domain.NotFound {
		return domain.Errorf(domain.Unauthenticated, "")
	}
	return err
}

type logoutOutput struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *Handler) logout(ctx context.Context, in *cookieInput) (*logoutOutput, error) {
	token, err := s.refreshToken(in)
	if domain.CodeOf(err) == domain.Unauthenticated { // no session to end: done
		return &logoutOutput{s.cookie("", 0)}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := people.EndSession(s.DB, ctx, sha256.Sum256([]byte(token)), s.Instant()); err != nil {
		return nil, err
	}
	s.Authenticator.Forget() // what the session had opened ends here at once, elsewhere within five seconds
	return &logoutOutput{s.cookie("", 0)}, nil
}
