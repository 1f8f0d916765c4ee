package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"patapay/api/problem"
	"patapay/domain"
)

// User is a person as login sees them.
type User struct {
	ID             string
	Tenant         string // public id; "" for an operator
	Role           string
	PasswordHash   string
	SessionVersion int
	FactorShown    bool // their second factor was right before the password was compared
	Known          bool // the try was known to be the account's own
}

// Users finds people, and what makes a try theirs before its password is looked at.
type Users interface {
	// UserByEmail returns the enabled user with this lower-case e-mail, or NotFound.
	UserByEmail(ctx context.Context, email string) (User, error)
	// KnowsBrowser tells whether the user with this e-mail logged in before with the browser that holds this secret.
	KnowsBrowser(ctx context.Context, email, browser string) (bool, error)
	// StandsLink tells whether a link for logging in, mailed to the user with this e-mail, holds and was not used.
	StandsLink(ctx context.Context, email, link string) (bool, error)
	// TakesCode tells whether a code is of the second factor of the user with this e-mail, and takes it: it is right once.
	TakesCode(ctx context.Context, email, code string) (bool, error)
}

// Attempt is one try to log in.
type Attempt struct {
	Email    string // as it was typed
	Password string
	Address  string // where it came from
	Browser  string // secret that the browser was given at an earlier login; "" none
	Link     string // secret of a mailed link; "" none
	Session  string // of a person who is in and says their password again; "" none
	Code     string // of the second factor; "" none
}

// Logins checks e-mail and password, within limits for each address, for each account and browser that know each
// other, and for each account and all other browsers together: strangers use up nothing but their own share.
type Logins struct {
	Users      Users
	PerAddress Limiter
	PerBrowser Limiter // an account and one browser, link or session
	PerAccount Limiter // an account and all browsers that nobody knows
	PerFactor  Limiter // codes of an account's second factor, by all browsers that nobody knows, by one session or browser
	// Spent is told that strangers used up their share of an account, at each try; nil: nobody is, and no link is offered.
	Spent func(ctx context.Context, email string)
	// Compare is CheckPassword; another one counts.
	Compare func(ctx context.Context, password, hash string, known bool) (bool, error)
}

// Check returns the user whose password this is. A wrong password and an unknown e-mail
// fail alike, with wrong_credentials and after the same work; too many attempts with
// rate_limited and the time to wait, before any password is compared.
func (l *Logins) Check(ctx context.Context, a Attempt) (User, error) {
	email := strings.ToLower(strings.TrimSpace(a.Email))
	if wait, ok := l.PerAddress.Allow(ctx, "address:"+a.Address); !ok {
		return User{}, tooMany(wait)
	}
	known, shown, err := l.admit(ctx, email, a)
	if err != nil {
		return User{}, err
	}
	user, err := l.Users.UserByEmail(ctx, email)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return User{}, err
	}
	compare := l.Compare
	if compare == nil {
		compare = CheckPassword
	}
	good, err := compare(ctx, a.Password, user.PasswordHash, known)
	if errors.Is(err, errBusy) {
		return User{}, tooMany(time.Second)
	}
	if err != nil {
		return User{}, err
	}
	if !good {
		return User{}, &problem.Error{Code: "wrong_credentials"}
	}
	user.FactorShown, user.Known = shown, known
	return user, nil
}

// admit takes a try from the share that it belongs to, and tells whether it is known to be the account's own, and
// whether a code of the second factor let it through.
func (l *Logins) admit(ctx context.Context, email string, a Attempt) (known, shown bool, err error) {
	share := ""
	switch {
	case a.Session != "":
		share = "session:" + a.Session
	case a.Browser != "":
		if known, err = l.Users.KnowsBrowser(ctx, email, a.Browser); err != nil {
			return false, false, err
		}
		share = "browser:" + a.Browser
	}
	if a.Link != "" && !known && a.Session == "" {
		if known, err = l.Users.StandsLink(ctx, email, a.Link); err != nil {
			return false, false, err
		}
		share = "link:" + a.Link
	}
	if a.Session != "" || known {
		if wait, ok := l.PerBrowser.Allow(ctx, share+" "+email); !ok {
			return false, false, tooMany(wait)
		}
		return true, false, nil
	}
	if wait, ok := l.PerAccount.Allow(ctx, "account:"+email); !ok {
		if shown, err = l.shows(ctx, email, a.Code); err != nil || shown {
			return shown, shown, err
		}
		return false, false, l.spent(ctx, email, wait)
	}
	return false, false, nil
}

// shows tells whether a stranger's try comes with a code of the account's second factor. It is a matter of an HMAC, not
// of a hash, and has a share of its own.
func (l *Logins) shows(ctx context.Context, email, code string) (bool, error) {
	if code == "" {
		return false, nil
	}
	if _, ok := l.PerFactor.Allow(ctx, "factor:"+email); !ok {
		return false, nil
	}
	return l.Users.TakesCode(ctx, email, code)
}

// AllowCode takes a try of a code of the second factor of the user with this lower-case e-mail, by one known browser or
// session, or, with "", by all that nobody knows. It fails with rate_limited.
func (l *Logins) AllowCode(ctx context.Context, email, by string) error {
	key := "factor:" + email
	if by != "" {
		key += " " + by
	}
	if wait, ok := l.PerFactor.Allow(ctx, key); !ok {
		return tooMany(wait)
	}
	return nil
}

// spent refuses a stranger's try, and says that a mailed link would help where there is mail.
func (l *Logins) spent(ctx context.Context, email string, wait time.Duration) error {
	refused := tooMany(wait)
	if l.Spent != nil {
		l.Spent(ctx, email)
		refused.Fields = []problem.Field{{
			Pointer: "/link", Code: "required",
			Detail: "Houve muitas tentativas com este e-mail. Para entrar já, use o link que enviamos a ele.",
		}}
	}
	return refused
}

func tooMany(wait time.Duration) *problem.Error {
	seconds := int((wait + time.Second - 1) / time.Second)
	return &problem.Error{
		Code: "rate_limited", RetryAfter: wait,
		Detail: fmt.Sprintf("Muitas tentativas. Tente de novo em %d s.", max(seconds, 1)),
	}
}
