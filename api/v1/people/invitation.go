package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// noPassword is the hash of who has none: no password matches it.
const noPassword = "invited"

// firstPassword returns the start password of who is invited. Where mail is sent there is none, and the person chooses
// their own by the mailed link: what an administrator could try would tell whether the address was somebody's already.
func (s *userRoutes) firstPassword(ctx context.Context) (password, hash string, err error) {
	if s.Mailer != nil {
		return "", noPassword, nil
	}
	return StartPassword(ctx)
}

// nextPassword returns a new start password of u: as the first one for who has not come yet.
func (s *userRoutes) nextPassword(ctx context.Context, u people.User) (password, hash string, err error) {
	if u.Unheld {
		return s.firstPassword(ctx)
	}
	return StartPassword(ctx)
}

// invite sends the invitation in the background. Without a mail server the administrator hands a start password over,
// and the person holds the address now, if nobody does.
func (s *userRoutes) invite(ctx context.Context, c tenants.Clinic, u people.User) error {
	if s.Mailer != nil {
		if _, ok := s.LinkLimit.Allow(ctx, string(people.ForInvitation)+":"+u.Email); ok { // a mailbox has enough of them
			s.sendLater(ctx, string(people.ForInvitation), func(ctx context.Context) error {
				return s.mailInvitation(ctx, c, u)
			})
		}
		return nil
	}
	if err := people.FreeAddress(s.DB, ctx, u.Email, s.Instant()); err != nil {
		return err
	}
	err := s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return people.Claim(tx, u.ID) })
	if domain.CodeOf(err) == domain.Conflict { // the address is in use; the answer does not disclose in which clinic
		return nil
	}
	return err
}

// mailInvitation mails a link to choose a password, or to whoever has a login already that they have one.
func (s *userRoutes) mailInvitation(ctx context.Context, c tenants.Clinic, u people.User) error {
	if err := people.FreeAddress(s.DB, ctx, u.Email, s.Instant()); err != nil {
		return err
	}
	held, err := people.IsHeld(s.DB, ctx, u.Email)
	if err != nil {
		return err
	}
	secret := strings.ToLower(rand.Text())
	// Who has a login gets no link, and it is stored all the same: the work tells nobody which of them it is.
	if err := people.AddLink(s.DB, ctx, u, people.ForInvitation, sha256.Sum256([]byte(secret)), s.Instant()); err != nil {
		return err
	}
	body := "Olá,\n\na clínica " + c.Name + " convidou você para o PataPay. "
	if held {
		body += "Este e-mail já tem um acesso, e cada e-mail entra em uma só clínica: nada mudou. Para entrar " +
			"também nesta, peça um convite para outro e-mail seu.\n"
	} else {
		body += "Para criar a sua senha, abra:\n\n" + s.PublicURL + "/app/senha#" + secret +
			"\n\nO link vale 7 dias e uma única vez. Se você não conhece a clínica, ignore este e-mail.\n"
	}
	id := tenants.NewID(s.Instant()).Public("inv") + "@patapay"
	return s.Mailer.Send(ctx, id, []string{u.Email}, "PataPay · convite", body)
}
