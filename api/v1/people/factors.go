package people

import (
	"context"
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

func (s *factorRoutes) registerFactors(api huma.API) {
	const path = "/v1/auth/factors"
	rest.Register(api, freshOwnOperation(
		http.MethodGet, path, "listFactors", "The person's second factors, and how many recovery codes are left",
	),
		s.listFactors)
	begin := freshOwnOperation(http.MethodPost, path, "beginFactor",
		"Begin to set an authenticator app up: its secret is shown in this answer and never again")
	begin.DefaultStatus = http.StatusCreated
	rest.Register(api, rest.WithFreshFactor(begin), s.beginFactor)
	rest.Register(api, freshOwnOperation(http.MethodPost, path+"/{id}/confirm", "confirmFactor",
		"The app's first code: from now on it is asked for, and every other session ends"), s.confirmFactor)
	remove := freshOwnOperation(http.MethodPost, path+"/{id}/remove", "removeFactor",
		"Forget an app or a passkey, by password and a code or a passkey: ends every session, this one too")
	remove.DefaultStatus = http.StatusNoContent
	rest.Register(api, remove, s.removeFactor)
	rest.Register(api, freshOwnOperation(http.MethodPost, "/v1/auth/recovery-codes", "newRecoveryCodes",
		"Ten new recovery codes, by password and a code or a passkey: those of before are over"), s.newRecoveryCodes)
	rest.Register(api, freshOwnOperation(http.MethodPost, "/v1/auth/fresh-factor", "showFactor",
		"Show the second factor again: for ten minutes this session may do what asks for it"), s.showFactor)
}

// factorView is a second factor of a person's.
type factorView struct {
	ID         string     `json:"id" example:"fac_06a1…"`
	Kind       string     `json:"kind" enum:"app,passkey" doc:"app: shows codes; passkey: answers the browser"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"createdAt"`
	LastUsedAt *time.Time `json:"lastUsedAt" doc:"Null: never since its set-up"`
}

type listFactorsOutput struct {
	Body struct {
		Data              []factorView `json:"data" nullable:"false"`
		RecoveryCodesLeft int          `json:"recoveryCodesLeft"`
		Required          bool         `json:"required" doc:"The last one cannot be removed"`
		Passkeys          bool         `json:"passkeys" doc:"Whether this address of PataPay can have passkeys"`
	}
}

func (s *factorRoutes) listFactors(ctx context.Context, _ *struct{}) (*listFactorsOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	out := &listFactorsOutput{}
	out.Body.Required, out.Body.Passkeys, out.Body.Data = u.MustHaveFactor, s.relying != nil, []factorView{}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		list, err := people.Factors(tx, u.ID)
		if err != nil {
			return err
		}
		for _, f := range list {
			out.Body.Data = append(out.Body.Data, factorView{f.ID.Public("fac"), f.Kind, f.Name, f.CreatedAt, f.LastUsed})
		}
		out.Body.RecoveryCodesLeft, err = people.RecoveryCodesLeft(tx, u.ID)
		return err
	})
	return out, err
}

type beginFactorInput struct {
	Body struct {
		Name     string `json:"name,omitempty" maxLength:"60" doc:"What the person calls the app" example:"Celular"`
		Password string `json:"password" example:"uma-senha-de-exemplo" maxLength:"1024" writeOnly:"true" doc:"Of now: an open page that somebody found gets no factor of theirs"`
	}
}

type beginFactorOutput struct {
	Body struct {
		ID     string `json:"id" example:"fac_06a1…"`
		Secret string `json:"secret" doc:"Base 32, to be typed where no picture can be taken"`
		URI    string `json:"uri" doc:"otpauth:// for an authenticator app"`
		QR     qrView `json:"qr" doc:"The same as a picture"`
	}
}

// beginFactor needs the password, and by its mark a fresh factor of who has one already.
func (s *factorRoutes) beginFactor(ctx context.Context, in *beginFactorInput) (*beginFactorOutput, error) {
	u, err := s.samePerson(ctx, in.Body.Password)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(in.Body.Name)
	if name == "" {
		name = "Aplicativo autenticador"
	}
	out := &beginFactorOutput{}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		id, secret, err := people.BeginFactor(tx, s.Vault, u.ID, name, s.WallInstant())
		out.Body.ID, out.Body.Secret = id.Public("fac"), secret.Reveal()
		return err
	})
	if errors.Is(err, people.ErrTooManyFactors) {
		return nil, tooManyFactors(err)
	}
	if err != nil {
		return nil, err
	}
	uri := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/PataPay:" + u.Email,
		RawQuery: url.Values{"secret": {out.Body.Secret}, "issuer": {"PataPay"}}.Encode(),
	}
	out.Body.URI = uri.String()
	out.Body.QR, err = qrOf(out.Body.URI)
	return out, err
}

// samePerson returns who asks, when password is theirs, within the limits of a login.
func (s *factorRoutes) samePerson(ctx context.Context, password string) (people.User, error) {
	u, err := s.person(ctx)
	if err != nil {
		return u, err
	}
	who := rest.CallerOf(ctx)
	_, err = s.Logins.Check(
		ctx, auth.Attempt{Email: u.Email, Password: password, Address: who.Source, Session: who.Session},
	)
	var told *problem.Error
	if errors.As(err, &told) && told.Code == "wrong_credentials" { // a 401 would say that the session is over
		const text = "A senha não confere."
		return u, &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/password", Code: "wrong_credentials", Detail: text}},
		}
	}
	return u, err
}

func tooManyFactors(err error) error {
	return &problem.Error{
		Code: string(domain.Conflict), Detail: "Você já tem cinco aplicativos e chaves de acesso. Remova um antes.", Err: err,
	}
}

// samePersonWithFactor is samePerson with their second factor shown besides.
func (s *factorRoutes) samePersonWithFactor(ctx context.Context, in passwordAndFactor) (people.User, error) {
	u, err := s.samePerson(ctx, in.Password)
	if err != nil {
		return u, err
	}
	return u, s.showsFactor(ctx, u, in.ShownFactor)
}

// showsFactor fails with the member that is wrong unless the factor is right, within
// the limits of the session that asks.
func (s *factorRoutes) showsFactor(ctx context.Context, u people.User, shown ShownFactor) error {
	session := currentSession(ctx)
	good, err := s.takeFactor(ctx, u, shown, session[:], "session:"+session.Public("ses"))
	if err == nil && !good {
		return shown.wrong()
	}
	return err
}

type confirmFactorInput struct {
	ID   string `path:"id" doc:"fac_…"`
	Body struct {
		Code string `json:"code" example:"123456" minLength:"1" maxLength:"64" writeOnly:"true" doc:"Six digits that the app shows"`
	}
}

type recoveryCodesOutput struct {
	Body struct {
		RecoveryCodes []string `json:"recoveryCodes" nullable:"false" doc:"Each stands in place of a code once; shown in this answer and never again. Empty for a further app: those of the first hold on"`
	}
}

func (s *factorRoutes) confirmFactor(ctx context.Context, in *confirmFactorInput) (*recoveryCodesOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	id, ok := domain.ParseUUID("fac", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	session := currentSession(ctx)
	if err := s.Logins.AllowCode(ctx, u.Email, "session:"+session.Public("ses")); err != nil {
		return nil, err
	}
	out, good := &recoveryCodesOutput{}, false
	err = s.within(u)(ctx, func(tx *tenants.Tx) (err error) {
		good, err = people.ConfirmFactor(tx, s.Vault, u.ID, id, strings.TrimSpace(in.Body.Code), s.WallInstant())
		if err != nil || !good {
			return err
		}
		out.Body.RecoveryCodes, err = s.factorCounts(ctx, tx, u)
		return err
	})
	s.Authenticator.Forget()
	if err == nil && !good {
		err = wrongCode()
	}
	if err != nil {
		return nil, err
	}
	s.tellFactor(ctx, u, "foi ligado à sua conta")
	return out, nil
}

// factorCounts is what follows a second factor that counts from now on: it was shown in the session that asks, every
// other one ends, and who had none gets the recovery codes that it returns.
func (s *factorRoutes) factorCounts(ctx context.Context, tx *tenants.Tx, u people.User) (codes []string, err error) {
	codes, session, now := []string{}, currentSession(ctx), s.Instant()
	if !u.HasFactor {
		if codes, err = people.NewRecoveryCodes(tx, u.ID, now); err != nil {
			return nil, err
		}
	}
	if err := people.ShowFactor(tx, u.ID, session, now); err != nil {
		return nil, err
	}
	if _, err := people.EndOtherSessions(tx, u.ID, session, now); err != nil {
		return nil, err
	}
	return codes, tx.Audit(s.Chain, s.entryOf(ctx, u, "factor.add"))
}

type removeFactorInput struct {
	ID   string `path:"id" doc:"fac_…"`
	Body passwordAndFactor
}

type passwordAndFactor struct {
	Password string `json:"password" example:"uma-senha-de-exemplo" maxLength:"1024" writeOnly:"true"`
	ShownFactor
}

func (s *factorRoutes) removeFactor(ctx context.Context, in *removeFactorInput) (*struct{}, error) {
	id, ok := domain.ParseUUID("fac", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	u, err := s.samePersonWithFactor(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if err := people.RemoveFactor(tx, u.ID, id); err != nil {
			return err
		}
		left, err := people.Factors(tx, u.ID)
		if err == nil && len(left) == 0 && u.MustHaveFactor {
			err = &problem.Error{Code: "second_factor_mandatory"}
		}
		if err == nil {
			err = people.EndUserSessions(tx, u.ID, s.Instant())
		}
		if err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.entryOf(ctx, u, "factor.remove"))
	})
	s.Authenticator.Forget()
	if err == nil {
		s.tellFactor(ctx, u, "foi removido da sua conta")
	}
	return nil, err
}

type newRecoveryCodesInput struct {
	Body passwordAndFactor
}

func (s *factorRoutes) newRecoveryCodes(ctx context.Context, in *newRecoveryCodesInput) (*recoveryCodesOutput, error) {
	u, err := s.samePersonWithFactor(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	out := &recoveryCodesOutput{}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if out.Body.RecoveryCodes, err = people.NewRecoveryCodes(tx, u.ID, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.entryOf(ctx, u, "factor.recovery_codes"))
	})
	return out, err
}

type showFactorInput struct {
	Body ShownFactor
}

type showFactorOutput struct {
	Body struct {
		FreshUntil time.Time `json:"freshUntil"`
	}
}

func (s *factorRoutes) showFactor(ctx context.Context, in *showFactorInput) (*showFactorOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.showsFactor(ctx, u, in.Body); err != nil {
		return nil, err
	}
	out := &showFactorOutput{}
	out.Body.FreshUntil = s.Instant().Add(people.FactorFresh)
	return out, s.within(u)(ctx, func(tx *tenants.Tx) error {
		return people.ShowFactor(tx, u.ID, currentSession(ctx), s.Instant())
	})
}
