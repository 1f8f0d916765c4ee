package people

import (
	"context"
	"crypto/sha256"
	"time"

	"patapay/api/auth"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
	"patapay/tenants/vault"
)

// Accounts is the store as package auth asks for it: who logs in, and what tokens rest on.
type Accounts struct {
	DB    *tenants.DB
	Vault *vault.Vault // opens the secrets of second factors
	Now   func() time.Time
	Wall  func() time.Time // of people's phones, whatever Now says; nil: Now
}

// KnowsBrowser tells whether the user with this e-mail logged in before with the browser that holds a secret.
func (p Accounts) KnowsBrowser(ctx context.Context, email, browser string) (bool, error) {
	return people.KnowsBrowser(p.DB, ctx, email, sha256.Sum256([]byte(browser)), p.Now().UTC())
}

// StandsLink tells whether a link for logging in, by its secret, holds for the user with this e-mail.
func (p Accounts) StandsLink(ctx context.Context, email, link string) (bool, error) {
	return people.StandsLink(p.DB, ctx, email, sha256.Sum256([]byte(link)), p.Now().UTC())
}

// TakesCode tells whether a code is of the second factor of the user with this e-mail, and takes it.
func (p Accounts) TakesCode(ctx context.Context, email, code string) (good bool, err error) {
	u, err := people.UserByEmail(p.DB, ctx, email)
	if domain.CodeOf(err) == domain.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = within(p.DB, u)(ctx, func(tx *tenants.Tx) error {
		clock := p.Now
		if p.Wall != nil {
			clock = p.Wall
		}
		good, err = people.TakeCode(tx, p.Vault, u.ID, code, clock().UTC())
		return err
	})
	return good, err
}

// Factor tells whether a user has a second factor, and when it was last shown in a
// session; NotFound for one that ended.
func (p Accounts) Factor(ctx context.Context, user, session string) (has bool, at time.Time, err error) {
	id, _ := domain.ParseUUID("usr", user)
	login, ok := domain.ParseUUID("ses", session)
	if !ok {
		return false, at, domain.Errorf(domain.NotFound, "session")
	}
	shown, has, err := people.FactorOfSession(p.DB, ctx, id, login)
	return has, shown.At, err
}

// UserByEmail returns the enabled user with this lower-case e-mail, or NotFound.
func (p Accounts) UserByEmail(ctx context.Context, email string) (auth.User, error) {
	u, err := people.UserByEmail(p.DB, ctx, email)
	if err != nil {
		return auth.User{}, err
	}
	return auth.User{
		ID:             u.ID.Public("usr"),
		Tenant:         tenantOf(u),
		Role:           u.Role,
		PasswordHash:   u.PasswordHash,
		SessionVersion: u.SessionVersion,
	}, nil
}

// tenantOf returns the public id of a user's clinic, "" for an operator.
func tenantOf(u people.User) string {
	if u.Clinic == 0 {
		return ""
	}
	return u.Tenant.Public("ten")
}

// SessionVersion returns the version that the user's sessions must have. It fails with NotFound for a user
// who may not log in, and for a session that ended; the command line's has no row and ends with its version.
func (p Accounts) SessionVersion(ctx context.Context, user, session string) (int, error) {
	id, ok := domain.ParseUUID("usr", user)
	if !ok {
		return 0, domain.Errorf(domain.NotFound, "user")
	}
	if session == auth.CommandLine {
		u, err := people.FindUser(p.DB, ctx, id)
		return u.SessionVersion, err
	}
	login, ok := domain.ParseUUID("ses", session)
	if !ok {
		return 0, domain.Errorf(domain.NotFound, "session")
	}
	u, err := people.UserOfSession(p.DB, ctx, id, login)
	return u.SessionVersion, err
}

// PlatformToken returns nil for a token of the platform's that nobody ended here, else NotFound.
func (p Accounts) PlatformToken(ctx context.Context, subject, id string, issued time.Time) error {
	return people.PlatformTokenStands(p.DB, ctx, subject, id, issued)
}

// ServiceToken returns nil for a registered token that is not revoked, else NotFound.
func (p Accounts) ServiceToken(ctx context.Context, id string) error {
	return people.FindServiceToken(p.DB, ctx, id)
}
