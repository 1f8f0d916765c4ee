package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"time"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// knownBrowsers share one count of codes: a thief of one would otherwise change its cookie.
const knownBrowsers = "known"

// secondStep returns when the second factor of u was shown: now, if a code let the try through before the password was
// compared, or if it is right. Without one it fails with second_factor_required and a challenge.
func (s *factorRoutes) secondStep(
	ctx context.Context, u people.User, who auth.User, code string,
) (time.Time, error) {
	if who.FactorShown {
		return s.Instant(), nil
	}
	by := ""
	if who.Known {
		by = knownBrowsers
	}
	refused := &problem.Error{Code: "second_factor_required"}
	if code != "" {
		good, err := s.takeFactor(ctx, u, ShownFactor{Code: code}, nil, by)
		if err != nil || good {
			return s.Instant(), err
		}
		refused.Fields = wrongCode().Fields
	}
	secret := strings.ToLower(rand.Text())
	err := people.AddChallenge(s.DB, ctx, u, sha256.Sum256([]byte(secret)), who.Known, s.Instant())
	if err != nil {
		return time.Time{}, err
	}
	refused.Challenge = &problem.Challenge{Token: secret, ExpiresAt: s.Instant().Add(people.ChallengeLife)}
	if refused.Challenge.Passkey, err = s.hasPasskey(ctx, u); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, refused
}

// ShownFactor is one showing of a second factor in a request: a code, or what a passkey answered.
type ShownFactor struct {
	Code    string          `json:"code,omitempty" example:"123456" maxLength:"64" writeOnly:"true" doc:"Six digits of an authenticator app, or a recovery code"`
	Passkey json.RawMessage `json:"passkey,omitempty" writeOnly:"true" doc:"In place of a code: what navigator.credentials.get() gave, by its toJSON()"`
}

// wrong makes the factor that was shown a wrong member of the request.
func (f ShownFactor) wrong() error {
	if f.Code == "" && f.Passkey != nil {
		return wrongPasskey(nil)
	}
	return wrongCode()
}

// takeFactor takes a second factor of u's within the limits, by known browsers, one session, or "" by an unknown
// browser; holder is who a passkey's challenge was given to.
func (s *factorRoutes) takeFactor(
	ctx context.Context, u people.User, shown ShownFactor, holder []byte, by string,
) (good bool, err error) {
	if err := s.Logins.AllowCode(ctx, u.Email, by); err != nil {
		return false, err
	}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if shown.Code == "" && shown.Passkey != nil {
			good, err = s.takePasskey(tx, u, shown.Passkey, holder)
		} else {
			good, err = people.TakeCode(tx, s.Vault, u.ID, shown.Code, s.WallInstant())
		}
		if err != nil || !good {
			return err
		}
		return tx.Audit(s.Chain, s.entryOf(ctx, u, "session.factor"))
	})
	return good && err == nil, err
}

func (s *factorRoutes) hasPasskey(ctx context.Context, u people.User) (has bool, err error) {
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		list, err := people.Passkeys(tx, u.ID)
		has = len(list) > 0
		return err
	})
	return has && s.relying != nil, err
}

// entryOf returns an audit entry of what a person did for themselves, whether they are in already or not.
func (s *factorRoutes) entryOf(ctx context.Context, u people.User, action string) tenants.AuditEntry {
	id := u.ID.Public("usr")
	return tenants.AuditEntry{
		At: s.Instant(), Actor: id, Role: u.Role, Action: action, Subject: id, Source: rest.CallerOf(ctx).Source,
	}
}

// wrongCode makes a wrong code one of the request's members.
func wrongCode() *problem.Error {
	const text = "Código incorreto ou vencido. Gere um novo no aplicativo."
	return &problem.Error{
		Code:   string(domain.Invalid),
		Detail: text,
		Fields: []problem.Field{{Pointer: "/code", Code: "wrong_code", Detail: text}},
	}
}

type loginFactorInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Agent  string `header:"User-Agent" hidden:"true"`
	Cookie string `header:"Cookie" hidden:"true"`
	Body   struct {
		Challenge string `json:"challenge" minLength:"1" maxLength:"100" writeOnly:"true" doc:"Its token, from the answer to the login"`
		ShownFactor
	}
}

// loginFactor is the second step of a login. A wrong code takes one of the challenge's five tries; when the last one is
// wrong too the owner is told, since whoever tries has the password.
func (s *factorRoutes) loginFactor(ctx context.Context, in *loginFactorInput) (*tokenOutput, error) {
	if in.Origin != "" && !s.ownOrigin(in.Origin) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	if wait, ok := s.Logins.PerAddress.Allow(ctx, "address:"+rest.CallerOf(ctx).Source); !ok {
		return nil, &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	digest := sha256.Sum256([]byte(in.Body.Challenge))
	c, err := people.TryChallenge(s.DB, ctx, digest, s.Instant())
	if err != nil {
		return nil, challengeOver(err)
	}
	by := ""
	if c.Known {
		by = knownBrowsers
	}
	good, err := s.takeFactor(ctx, c.User, in.Body.ShownFactor, digest[:], by)
	if err != nil {
		return nil, err
	}
	if !good {
		if c.Last {
			s.tellGuessed(ctx, c.User)
			return nil, &problem.Error{Code: "challenge_over"}
		}
		return nil, in.Body.wrong()
	}
	err = s.within(c.User)(ctx, func(tx *tenants.Tx) error { return people.MeetChallenge(tx, digest, s.Instant()) })
	if err != nil {
		return nil, challengeOver(err)
	}
	return s.open(ctx, c.User, in.Agent, s.browserOf(in.Cookie), s.Instant())
}

func challengeOver(err error) error {
	if domain.CodeOf(err) == domain.NotFound {
		return &problem.Error{Code: "challenge_over", Err: err}
	}
	return err
}

// factorOf returns what the session that asks says of the second factor.
func (s *Handler) factorOf(ctx context.Context, u people.User) (people.SessionFactor, error) {
	f, _, err := people.FactorOfSession(s.DB, ctx, u.ID, currentSession(ctx))
	if domain.CodeOf(err) == domain.NotFound { // it has just ended, or there is no login behind it
		return people.SessionFactor{}, nil
	}
	return f, err
}
