package v1

import (
	"context"
	"time"

	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

// scope runs fn in a transaction of one clinic's, or of the platform's.
type scope func(context.Context, func(*tenants.Tx) error) error

func (s *Server) inClinic(c tenants.Clinic) scope {
	return func(ctx context.Context, fn func(*tenants.Tx) error) error { return s.DB.In(ctx, c.ID, fn) }
}

// now is the instant of the request, as exact as Postgres keeps it.
func (s *Server) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// entry returns an audit entry about subject, by the caller, now.
func (s *Server) entry(ctx context.Context, action, subject string, detail map[string]any) tenants.AuditEntry {
	who := callerOf(ctx)
	return tenants.AuditEntry{At: s.now(), Actor: who.Subject, Role: who.Role, Action: action, Subject: subject, Detail: detail, Source: who.source}
}

// changeable fails with Conflict for a clinic that is suspended: it can be read, not changed.
func changeable(c tenants.Clinic) error {
	if c.State != "active" {
		return &problem.Error{Code: string(domain.Conflict), Detail: "A clínica está suspensa. Reative-a antes de mudar algo."}
	}
	return nil
}

// changeableClinic is clinic for a change: a suspended one is a Conflict.
func (s *Server) changeableClinic(ctx context.Context, tenant string) (tenants.Clinic, error) {
	c, err := s.clinic(ctx, tenant)
	if err != nil {
		return c, err
	}
	return c, changeable(c)
}

// waits tells the workers that an operation waits for one of them.
func (s *Server) waits(clinic domain.ClinicID, operation domain.UUID) {
	if s.Notify != nil {
		s.Notify(clinic, operation)
	}
}
