package auth

import (
	"context"
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
}

// Users finds people.
type Users interface {
	// UserByEmail returns the enabled user with this lower-case e-mail, or NotFound.
	UserByEmail(ctx context.Context, email string) (User, error)
}

// Logins checks e-mail and password, within limits per account and per address.
type Logins struct {
	Users      Users
	PerAccount Limiter
	PerAddress Limiter
}

// Check returns the user whose password this is. A wrong password and an unknown e-mail
// fail alike, with wrong_credentials and after the same work; too many attempts with
// rate_limited and the time to wait, which a right password does not shorten.
func (l *Logins) Check(ctx context.Context, email, password, address string) (User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if wait, ok := l.PerAddress.Allow(ctx, "address:"+address); !ok {
		return User{}, tooMany(wait)
	}
	if wait, ok := l.PerAccount.Allow(ctx, "account:"+email); !ok {
		return User{}, tooMany(wait)
	}
	user, err := l.Users.UserByEmail(ctx, email)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return User{}, err
	}
	good, err := CheckPassword(ctx, password, user.PasswordHash)
	if err != nil {
		return User{}, err
	}
	if !good {
		return User{}, &problem.Error{Code: "wrong_credentials"}
	}
	return user, nil
}

func tooMany(wait time.Duration) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	return &problem.Error{
		Code: "rate_limited", RetryAfter: wait,
		Detail: fmt.Sprintf("Muitas tentativas. Tente de novo em %d s.", max(seconds, 1)),
	}
}
