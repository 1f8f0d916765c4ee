package rest

import (
	"context"
	"strings"
	"unicode/utf8"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// Clinic returns the clinic that the path names, `ten_…` or `ext:` and the platform's id,
// if the caller may see it: the platform any, a clinic's token its own. Foreign, deleted
// and absent ones are the same NotFound. An operator's access needs a reason and is written
// into the clinic's audit log before anything is shown.
func (s *Service) Clinic(ctx context.Context, tenant string) (tenants.Clinic, error) {
	who := CallerOf(ctx)
	var seen people.Visit
	if who.Operator() && who.visit != "" {
		var err error
		if seen, err = s.visit(ctx, who); err != nil {
			return tenants.Clinic{}, err
		}
		who.reason = seen.Reason
	}
	if err := justified(who); err != nil {
		return tenants.Clinic{}, err
	}
	id, external, ok := parseTenant(tenant)
	if !ok {
		return tenants.Clinic{}, domain.Errorf(domain.NotFound, "")
	}
	c, err := s.DB.ClinicBy(ctx, id, external)
	if err != nil {
		return tenants.Clinic{}, err
	}
	if c.State == "deleted" || !who.Platform && !owns(who.Principal, c) {
		return tenants.Clinic{}, domain.Errorf(domain.NotFound, "")
	}
	if who.Operator() {
		if who.visit != "" && seen.Clinic != c.ID {
			return tenants.Clinic{}, visitOver()
		}
		err = s.recordLook(ctx, c.ID, c.PublicID.Public("ten"), who.reason, who.visit)
	}
	return c, err
}

// RequirePlatform lets only callers that speak for the platform through. An operator's access needs
// a reason here too, and is written into the platform's own audit log.
func (s *Service) RequirePlatform(ctx context.Context) error {
	who := CallerOf(ctx)
	if !who.Platform {
		return domain.Errorf(domain.Forbidden, "")
	}
	if err := justified(who); err != nil || !who.Operator() {
		return err
	}
	return s.recordOperatorAccess(ctx, 0, "platform")
}

// visit returns the open visit that an operator's request names. It fails with visit_over for one that ended, that is
// of another login, and for a request that changes something.
func (s *Service) visit(ctx context.Context, who Caller) (people.Visit, error) {
	id, ok := domain.ParseUUID("vis", who.visit)
	if !ok || !who.reads {
		return people.Visit{}, visitOver()
	}
	v, err := people.OpenVisit(s.DB, ctx, id, who.Session, who.Subject, s.Instant())
	if domain.CodeOf(err) == domain.NotFound {
		err = visitOver()
	}
	return v, err
}

func visitOver() error { return &problem.Error{Code: "visit_over"} }

// justified fails with Forbidden for an operator who gives no reason.
func justified(who Caller) error {
	if !who.Operator() || utf8.RuneCountInString(who.reason) >= minReason {
		return nil
	}
	return &problem.Error{
		Code:   string(domain.Forbidden),
		Detail: "Informe o motivo do acesso, com pelo menos 10 caracteres, em X-Access-Reason.",
		Fields: []problem.Field{{Parameter: "X-Access-Reason", Code: "required"}},
	}
}

const minReason = 10 // characters

// owns tells whether p's token is c's own.
func owns(p auth.Principal, c tenants.Clinic) bool {
	return p.Tenant == c.PublicID.Public("ten") || c.ExternalID != "" && p.Tenant == "ext:"+c.ExternalID
}

func parseTenant(text string) (id domain.UUID, external string, ok bool) {
	if external, ok = strings.CutPrefix(text, "ext:"); ok {
		return id, external, external != "" && len(external) <= 100
	}
	id, ok = domain.ParseUUID("ten", text)
	return id, "", ok
}
