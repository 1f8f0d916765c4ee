package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
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

// Mailer sends one e-mail, plain text in UTF-8.
type Mailer interface {
	Send(ctx context.Context, id string, to []string, subject, body string) error
}

const (
	mailsAtOnce = 8           // in this process; who asks while they are sent gets none, and may ask again
	mailTime    = time.Minute // for one of them
)

func (s *linkRoutes) registerMailedLinks(api huma.API) {
	post := func(path, id, summary string) huma.Operation {
		return rest.NewOperation(http.MethodPost, "/v1/auth/"+path, id, summary, "Auth", "")
	}
	for _, of := range []struct{ path, id, summary string }{
		{
			"password-link", "mailPasswordLink",
			"Mail a link to choose a password, if somebody logs in with this e-mail: the answer is the same either way",
		},
		{
			"login-link", "mailLoginLink",
			"Mail a link to log in with a browser that is not known, besides the password: the answer is the same either way",
		},
	} {
		op := post(of.path, of.id, of.summary)
		op.DefaultStatus = http.StatusAccepted
		purpose := people.ForPassword
		if of.path == "login-link" {
			purpose = people.ForLogin
		}
		rest.Register(api, op, func(ctx context.Context, in *mailLinkInput) (*struct{}, error) {
			return nil, s.askForLink(ctx, in, purpose)
		})
	}
	choose := post(
		"password-link/use", "choosePassword", "Choose a password with a mailed link: ends every session of the person's",
	)
	choose.DefaultStatus = http.StatusNoContent
	rest.Register(api, choose, s.choosePassword)
}

type mailLinkInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Body   struct {
		Email string `json:"email" maxLength:"254"`
	}
}

// askForLink has a link mailed, after the answer: whether there is somebody to write to changes neither the
// answer nor the work before it.
func (s *linkRoutes) askForLink(ctx context.Context, in *mailLinkInput, purpose people.Purpose) error {
	if in.Origin != "" && !s.ownOrigin(in.Origin) {
		return domain.Errorf(domain.Forbidden, "")
	}
	if s.Mailer == nil {
		return &problem.Error{Code: "mail_not_set_up"}
	}
	if wait, ok := s.Logins.PerAddress.Allow(ctx, "address:"+rest.CallerOf(ctx).Source); !ok {
		return &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	email := strings.ToLower(strings.TrimSpace(in.Body.Email))
	if _, ok := s.LinkLimit.Allow(ctx, string(purpose)+":"+email); ok { // beyond it the mailbox has enough of them
		s.mailLater(ctx, email, purpose)
	}
	return nil
}

// mailLater mails a link in the background, if an enabled user has the e-mail.
func (s *linkRoutes) mailLater(ctx context.Context, email string, purpose people.Purpose) {
	s.sendLater(ctx, string(purpose), func(ctx context.Context) error { return s.mailLink(ctx, email, purpose) })
}

// sendLater sends an e-mail in the background; what names it in the log.
func (s *Handler) sendLater(ctx context.Context, what string, send func(context.Context) error) {
	select {
	case s.mailing <- struct{}{}:
	default:
		s.Log.WarnContext(ctx, "an e-mail was not sent: too many are being sent", "purpose", what)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTime)
	go func() {
		defer cancel()
		defer func() { <-s.mailing }()
		if err := send(ctx); err != nil {
			s.Log.WarnContext(ctx, "an e-mail was not sent", "purpose", what, "err", err)
		}
	}()
}

// mailLink makes a link and mails it; nobody with this e-mail is no failure. The secret is in the e-mail and
// nowhere else, behind a # that no browser sends to a server.
func (s *linkRoutes) mailLink(ctx context.Context, email string, purpose people.Purpose) error {
	u, err := people.UserByEmail(s.DB, ctx, email)
	if domain.CodeOf(err) == domain.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	secret := strings.ToLower(rand.Text())
	if err := people.AddLink(s.DB, ctx, u, purpose, sha256.Sum256([]byte(secret)), s.Instant()); err != nil {
		return err
	}
	subject, body := linkMail(s.PublicURL, secret, purpose)
	return s.Mailer.Send(ctx, tenants.NewID(s.Instant()).Public("lnk")+"@patapay", []string{u.Email}, subject, body)
}

func linkMail(url, secret string, purpose people.Purpose) (subject, body string) {
	const ignore = "\n\nO link vale 30 minutos e uma única vez. Se não foi você, ignore este e-mail: nada muda.\n"
	if purpose == people.ForPassword {
		return "PataPay · criar uma senha nova",
			"Olá,\n\npara criar uma senha nova do PataPay, abra:\n\n" + url + "/app/senha#" + secret + ignore
	}
	return "PataPay · link para entrar",
		"Olá,\n\nhouve muitas tentativas de entrar no PataPay com o seu e-mail. De um navegador que você já usou, entre " +
			"como sempre. De um novo, abra este link e entre com a sua senha:\n\n" + url + "/app/entrar#" + secret + ignore
}

// tellSpent mails a person once a day that strangers try their e-mail, with a link to log in all the same.
func (s *linkRoutes) tellSpent(ctx context.Context, email string) {
	if _, ok := s.SpentLimit.Allow(ctx, "spent:"+email); ok {
		s.mailLater(ctx, email, people.ForLogin)
	}
}

type choosePasswordInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Body   struct {
		Link string `json:"link" minLength:"1" maxLength:"100" writeOnly:"true" doc:"What stands behind the # of the mailed link"`
		New  string `json:"new" example:"outra-senha-de-exemplo" minLength:"8" maxLength:"1024" writeOnly:"true"`
	}
}

func (s *linkRoutes) choosePassword(ctx context.Context, in *choosePasswordInput) (*struct{}, error) {
	if in.Origin != "" && !s.ownOrigin(in.Origin) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	if wait, ok := s.Logins.PerAddress.Allow(ctx, "address:"+rest.CallerOf(ctx).Source); !ok {
		return nil, &problem.Error{Code: "rate_limited", RetryAfter: wait}
	}
	digest := sha256.Sum256([]byte(in.Body.Link))
	u, err := people.UserOfLink(s.DB, ctx, digest, s.Instant())
	if err != nil {
		return nil, linkOver(err)
	}
	hash, err := auth.HashPassword(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	now := s.Instant()
	if err := people.FreeAddress(s.DB, ctx, u.Email, now); err != nil {
		return nil, err
	}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if err := people.UseLink(tx, digest, now); err != nil {
			return linkOver(err)
		}
		if u.Unheld {
			if err := people.Claim(tx, u.ID); err != nil {
				return linkOver(err) // somebody took the address since
			}
		}
		if err := people.SetPassword(tx, u.ID, hash, time.Time{}, now); err != nil {
			return err
		}
		return tx.Audit(s.Chain, tenants.AuditEntry{
			At: now, Actor: u.ID.Public("usr"), Role: u.Role, Action: "user.password.mailed", Subject: u.ID.Public("usr"),
			Source: rest.CallerOf(ctx).Source,
		})
	})
	s.Authenticator.Forget()
	return nil, err
}

// linkOver makes a link that does not hold, or whose address is somebody else's by now, a wrong member of the request.
func linkOver(err error) error {
	if code := domain.CodeOf(err); code != domain.NotFound && code != domain.Conflict {
		return err
	}
	const text = "O link já foi usado ou venceu. Peça outro."
	return &problem.Error{
		Code: string(domain.Invalid), Detail: text, Err: err,
		Fields: []problem.Field{{Pointer: "/link", Code: "link_over", Detail: text}},
	}
}
