package rest

import (
	"context"
	"strings"
	"unicode/utf8"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/domain"
	"patapay/tenants"
)

// Clinic returns the clinic that the path names, `ten_…` or `ext:` and the platform's id,
// if the caller may see it: the platform any, a clinic's token its own. Foreign, deleted
// and absent ones are the same NotFound. An operator's access needs a reason and is written
// into the clinic's audit log before anything is shown.
func (s *Service) Clinic(ctx context.Context, tenant string) (tenants.Clinic, error) {
	who := CallerOf(ctx)
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
		err = s.recordOperatorAccess(ctx, c.ID, c.PublicID.Public("ten"))
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
