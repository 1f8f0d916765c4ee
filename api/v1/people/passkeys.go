package people

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *factorRoutes) registerPasskeys(api huma.API) {
	begin := freshOwnOperation(http.MethodPost, "/v1/auth/passkeys", "beginPasskey",
		"Begin to set a passkey up: what the browser is asked for, good for five minutes")
	begin.DefaultStatus = http.StatusCreated
	rest.Register(api, rest.WithFreshFactor(begin), s.beginPasskey)
	rest.Register(api, freshOwnOperation(http.MethodPost, "/v1/auth/passkeys/confirm", "confirmPasskey",
		"The passkey that the browser made: from now on it is asked for, and every other session ends"), s.confirmPasskey)
	rest.Register(api, freshOwnOperation(http.MethodPost, "/v1/auth/fresh-factor/passkey", "askForPasskey",
		"What a browser is asked for to show a passkey of the person's, in place of a code"), s.askForPasskey)
	rest.Register(api, rest.NewOperation(http.MethodPost, "/v1/auth/login/passkey", "askForLoginPasskey",
		"What a browser is asked for to show a passkey at the second step of a login", "Auth", ""), s.askForLoginPasskey)
}

// passkeyOptionsOutput is what navigator.credentials is asked for.
type passkeyOptionsOutput struct {
	Body struct {
		PublicKey json.RawMessage `json:"publicKey" doc:"As JSON of WebAuthn, for PublicKeyCredential.parseCreationOptionsFromJSON() or parseRequestOptionsFromJSON()"`
	}
}

func (o *passkeyOptionsOutput) fill(options any) (err error) {
	o.Body.PublicKey, err = json.Marshal(options)
	return err
}

type beginPasskeyInput struct {
	Body struct {
		Password string `json:"password" example:"uma-senha-de-exemplo" maxLength:"1024" writeOnly:"true" doc:"Of now: an open page that somebody found gets no passkey of theirs"`
	}
}

// beginPasskey needs what beginFactor needs.
func (s *factorRoutes) beginPasskey(ctx context.Context, in *beginPasskeyInput) (*passkeyOptionsOutput, error) {
	u, err := s.samePerson(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if s.relying == nil {
		return nil, noPasskeys()
	}
	out, session := &passkeyOptionsOutput{}, currentSession(ctx)
	return out, s.within(u)(ctx, func(tx *tenants.Tx) error {
		owner := passkeyOwner{User: u}
		if owner.passkeys, err = people.Passkeys(tx, u.ID); err != nil {
			return err
		}
		had := webauthn.Credentials(owner.WebAuthnCredentials()).CredentialDescriptors()
		made, ceremony, err := s.relying.BeginRegistration(owner, webauthn.WithExclusions(had))
		if err != nil {
			return err
		}
		if err := out.fill(made.Response); err != nil {
			return err
		}
		return people.AddPasskeyChallenge(tx, people.PasskeyChallenge{
			User: u.ID, Purpose: people.ToAddPasskey, Holder: session[:], Text: ceremony.Challenge,
		}, s.Instant())
	})
}

// noPasskeys refuses a passkey where the public URL names no host that could have one.
func noPasskeys() *problem.Error {
	const text = "Este endereço do PataPay não aceita chaves de acesso. Use um aplicativo autenticador."
	return &problem.Error{Code: string(domain.Conflict), Detail: text}
}

type confirmPasskeyInput struct {
	Body struct {
		Name    string          `json:"name,omitempty" maxLength:"60" doc:"What the person calls it" example:"Notebook"`
		Passkey json.RawMessage `json:"passkey" writeOnly:"true" doc:"What navigator.credentials.create() gave, by its toJSON()"`
	}
}

func (s *factorRoutes) confirmPasskey(ctx context.Context, in *confirmPasskeyInput) (*recoveryCodesOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	if s.relying == nil {
		return nil, noPasskeys()
	}
	session := currentSession(ctx)
	if err := s.Logins.AllowCode(ctx, u.Email, "session:"+session.Public("ses")); err != nil {
		return nil, err
	}
	given, err := protocol.ParseCredentialCreationResponseBytes(in.Body.Passkey)
	if err != nil {
		return nil, wrongPasskey(err)
	}
	name := strings.TrimSpace(in.Body.Name)
	if name == "" {
		name = "Chave de acesso"
	}
	out := &recoveryCodesOutput{}
	var refused error // the challenge is over all the same
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		made, err := s.madePasskey(tx, u, given, session)
		if err != nil || made == nil {
			refused = wrongPasskey(err)
			return err
		}
		passkey := newPasskey(tenants.NewID(s.Instant()), made)
		if err := people.AddPasskey(tx, u.ID, name, passkey, s.WallInstant()); err != nil {
			return err
		}
		out.Body.RecoveryCodes, err = s.factorCounts(ctx, tx, u)
		return err
	})
	s.Authenticator.Forget()
	switch {
	case err == nil:
		err = refused
	case errors.Is(err, people.ErrTooManyFactors):
		err = tooManyFactors(err)
	case domain.CodeOf(err) == domain.Conflict: // somebody's already
		err = wrongPasskey(err)
	}
	if err != nil {
		return nil, err
	}
	s.tellFactor(ctx, u, "foi ligado à sua conta")
	return out, nil
}

// madePasskey returns the passkey that a browser made if it answers a challenge that this session holds, else nil.
func (s *factorRoutes) madePasskey(
	tx *tenants.Tx, u people.User, given *protocol.ParsedCredentialCreationData, session domain.UUID,
) (*webauthn.Credential, error) {
	challenge := given.Response.CollectedClientData.Challenge
	stood, err := people.TakePasskeyChallenge(tx, people.PasskeyChallenge{
		User: u.ID, Purpose: people.ToAddPasskey, Holder: session[:], Text: challenge,
	}, s.Instant())
	if err != nil || !stood {
		return nil, err
	}
	owner := passkeyOwner{User: u}
	made, err := s.relying.CreateCredential(owner, sessionOf(owner, challenge), given)
	if err != nil {
		return nil, nil // another challenge, origin or algorithm, or nobody verified
	}
	return made, nil
}

func (s *factorRoutes) askForPasskey(ctx context.Context, _ *struct{}) (*passkeyOptionsOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	session := currentSession(ctx)
	return s.passkeyOptions(ctx, u, session[:])
}

type askForLoginPasskeyInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Body   struct {
		Challenge string `json:"challenge" minLength:"1" maxLength:"100" writeOnly:"true" doc:"Its token, from the answer to the login"`
	}
}

// askForLoginPasskey takes none of the challenge's tries: it compares nothing.
func (s *factorRoutes) askForLoginPasskey(
	ctx context.Context, in *askForLoginPasskeyInput,
) (*passkeyOptionsOutput, error) {
	if in.Origin != "" && !s.ownOrigin(in.Origin) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	if wait, ok := s.Logins.PerAddress.Allow(ctx, "address:"+rest.CallerOf(ctx).Source); !ok {
		return nil, &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	digest := sha256.Sum256([]byte(in.Body.Challenge))
	u, err := people.UserOfChallenge(s.DB, ctx, digest, s.Instant())
	if err != nil {
		return nil, challengeOver(err)
	}
	return s.passkeyOptions(ctx, u, digest[:])
}

// passkeyOptions returns what a browser is asked for, and stores the challenge for its holder.
func (s *factorRoutes) passkeyOptions(
	ctx context.Context, u people.User, holder []byte,
) (*passkeyOptionsOutput, error) {
	if s.relying == nil {
		return nil, noPasskeys()
	}
	out := &passkeyOptionsOutput{}
	return out, s.within(u)(ctx, func(tx *tenants.Tx) (err error) {
		owner := passkeyOwner{User: u}
		if owner.passkeys, err = people.Passkeys(tx, u.ID); err != nil {
			return err
		}
		if len(owner.passkeys) == 0 {
			return &problem.Error{Code: string(domain.Conflict), Detail: "Você não tem chave de acesso. Use um código."}
		}
		asked, ceremony, err := s.relying.BeginLogin(owner)
		if err != nil {
			return err
		}
		if err := out.fill(asked.Response); err != nil {
			return err
		}
		return people.AddPasskeyChallenge(tx, people.PasskeyChallenge{
			User: u.ID, Purpose: people.ToShowPasskey, Holder: holder, Text: ceremony.Challenge,
		}, s.Instant())
	})
}

// takePasskey tells whether a browser's answer is of a passkey of u's, to a challenge that the holder was given, with
// its person verified and a count that grew. It is to be committed in either case.
func (s *factorRoutes) takePasskey(tx *tenants.Tx, u people.User, answer json.RawMessage, holder []byte) (bool, error) {
	if s.relying == nil {
		return false, nil
	}
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return false, nil // nothing that a browser says
	}
	challenge := given.Response.CollectedClientData.Challenge
	stood, err := people.TakePasskeyChallenge(tx, people.PasskeyChallenge{
		User: u.ID, Purpose: people.ToShowPasskey, Holder: holder, Text: challenge,
	}, s.Instant())
	if err != nil || !stood {
		return false, err
	}
	owner := passkeyOwner{User: u}
	if owner.passkeys, err = people.Passkeys(tx, u.ID); err != nil {
		return false, err
	}
	used, err := s.relying.ValidateLogin(owner, sessionOf(owner, challenge), given)
	if err != nil || used.Authenticator.CloneWarning { // a count that does not grow: there is a second one somewhere
		return false, nil
	}
	p := owner.of(used)
	return true, people.UsePasskey(tx, p.ID, p.SignCount, s.WallInstant())
}

// wrongPasskey makes a passkey that does not fit one of the request's members.
func wrongPasskey(cause error) error {
	const text = "A chave de acesso não confere ou o tempo acabou. Tente de novo."
	return &problem.Error{
		Code: string(domain.Invalid), Detail: text, Err: cause,
		Fields: []problem.Field{{Pointer: "/passkey", Code: "wrong_passkey", Detail: text}},
	}
}
