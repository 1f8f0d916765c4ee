// Package people answers the part of /v1 about who may enter: log-in, users, service tokens, and what people did.
package people

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/go-webauthn/webauthn/webauthn"

	"patapay/api/auth"
	"patapay/api/rest"
)

// Handler answers the operations of this package.
type Handler struct {
	*rest.Service
	Logins    *auth.Logins
	Issuer    *auth.Issuer
	PublicURL string // https://host, without a slash at the end
	Mailer    Mailer // sends links to people; nil: no mail server is set up, and there are none

	LinkLimit  auth.Limiter // of links that one e-mail is sent
	SpentLimit auth.Limiter // of e-mails that tell of strangers' tries

	mailing chan struct{}      // a place for each that is being sent
	relying *webauthn.WebAuthn // who passkeys are made for; nil: there are none
}

// Register adds the operations to api.
func (s *Handler) Register(api huma.API) {
	links := &linkRoutes{s}
	s.mailing, s.relying = make(chan struct{}, mailsAtOnce), newRelyingParty(s.PublicURL)
	if s.Mailer != nil && s.Logins != nil {
		s.Logins.Spent = links.tellSpent
	}
	s.registerAuth(api)
	links.registerMailedLinks(api)
	s.registerAudit(api)
	s.registerServiceTokens(api)
	(&userRoutes{s}).registerUsers(api)
	s.registerProfile(api)
	(&sessionRoutes{s}).registerSessions(api)
	(&factorRoutes{s}).registerFactors(api)
	(&factorRoutes{s}).registerPasskeys(api)
	(&factorRoutes{s}).registerFactorRule(api)
	(&calendarRoutes{s}).registerCalendars(api)
}

// The operations of one noun each, beside those of log-in and profile.
type (
	calendarRoutes struct{ *Handler }
	factorRoutes   struct{ *Handler }
	linkRoutes     struct{ *Handler }
	sessionRoutes  struct{ *Handler }
	userRoutes     struct{ *Handler }
)
