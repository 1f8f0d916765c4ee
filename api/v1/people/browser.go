package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"

	"patapay/tenants/people"
)

// browserName is the name of the cookie that makes a browser known.
func (s *Handler) browserName() string { return s.cookieName() + "-device" }

// browserOf returns the secret that a browser was given at an earlier login, "" for none and for two.
func (s *Handler) browserOf(cookies string) string {
	parsed, _ := http.ParseCookie(cookies) // a broken one is as good as none
	found := ""
	for _, c := range parsed {
		if c.Name == s.browserName() {
			if found != "" || len(c.Value) > 100 {
				return ""
			}
			found = c.Value
		}
	}
	return found
}

// knowBrowser stores that u logged in with a browser, under a new secret unless theirs is known already, and
// returns the cookie that holds it. A secret that this server did not give is never taken over.
func (s *Handler) knowBrowser(ctx context.Context, u people.User, secret string) (string, error) {
	known := false
	if secret != "" {
		var err error
		if known, err = people.KnowsBrowser(s.DB, ctx, u.Email, sha256.Sum256([]byte(secret)), s.Instant()); err != nil {
			return "", err
		}
	}
	if !known {
		secret = strings.ToLower(rand.Text())
	}
	c := http.Cookie{
		Name: s.browserName(), Value: secret, Path: "/", HttpOnly: true, Secure: s.secure(),
		SameSite: http.SameSiteStrictMode, MaxAge: int(people.BrowserLife.Seconds()),
	}
	return c.String(), people.KnowBrowser(s.DB, ctx, u, sha256.Sum256([]byte(secret)), s.Instant())
}
