// Package rest is how every operation of /v1 behaves, whatever it is about: who may call
// it, how often, what a repeat of it does, and how lists, versions, fields and errors look.
package rest

import (
	"context"
	"log/slog"
	"time"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/vault"
)

// Service is what every resource's handler is made of. All fields but Notify are required.
type Service struct {
	DB            *tenants.DB // of role patapay_api
	Vault         *vault.Vault
	Authenticator *auth.Authenticator
	Chain         tenants.Chain // seals the audit log
	Limit         *RateLimit
	Now           func() time.Time
	Wall          func() time.Time // what people's phones show; in development Now is the simulator's; nil: Now
	Log           *slog.Logger
	Notify        func(clinic domain.ClinicID, operation domain.UUID) // that one waits for a worker; nil: a sweep finds it

	uses tokenUses // of service tokens
}

// Transaction runs fn in a transaction of one clinic's, or of the platform's.
type Transaction func(context.Context, func(*tenants.Tx) error) error

// InClinic returns the transactions of one clinic.
func (s *Service) InClinic(c tenants.Clinic) Transaction {
	return func(ctx context.Context, fn func(*tenants.Tx) error) error { return s.DB.In(ctx, c.ID, fn) }
}

// Instant is the instant of the request, as exact as Postgres keeps it.
func (s *Service) Instant() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// WallInstant is the instant of the request by the clock that people's phones have too:
// codes of authenticator apps go by it.
func (s *Service) WallInstant() time.Time {
	if s.Wall == nil {
		return s.Instant()
	}
	return s.Wall().UTC().Truncate(time.Microsecond)
}

// AuditEntry returns an audit entry about subject, by the caller, now.
func (s *Service) AuditEntry(ctx context.Context, action, subject string, detail map[string]any) tenants.AuditEntry {
	who := CallerOf(ctx)
	return tenants.AuditEntry{
		At:      s.Instant(),
		Actor:   who.Subject,
		Role:    who.Role,
		Action:  action,
		Subject: subject,
		Detail:  detail,
		Source:  who.Source,
	}
}

// RequireActive fails with Conflict for a clinic that is suspended: it can be read, not changed.
func RequireActive(c tenants.Clinic) error {
	if c.State != "active" {
		return &problem.Error{
			Code:   string(domain.Conflict),
			Detail: "A clínica está suspensa. Reative-a antes de mudar algo.",
		}
	}
	return nil
}

// ChangeableClinic is clinic for a change: a suspended one is a Conflict.
func (s *Service) ChangeableClinic(ctx context.Context, tenant string) (tenants.Clinic, error) {
	c, err := s.Clinic(ctx, tenant)
	if err != nil {
		return c, err
	}
	return c, RequireActive(c)
}

// NotifyOperation tells the workers that an operation waits for one of them.
func (s *Service) NotifyOperation(clinic domain.ClinicID, operation domain.UUID) {
	if s.Notify != nil {
		s.Notify(clinic, operation)
	}
}
