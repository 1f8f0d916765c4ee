package people

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *factorRoutes) registerFactorRule(api huma.API) {
	const path = "/v1/tenants/{tenant}/factor-rule"
	rest.Register(api, rest.WithFreshSession(rest.NewOperation(http.MethodGet, path, "getFactorRule",
		"Whether the clinic's people must have a second factor, "+
			"and how many have none", "Users", rest.UsersRead)), s.getFactorRule)
	rest.Register(api, rest.WithFreshFactor(rest.WithFreshSession(rest.NewOperation(http.MethodPut, path, "putFactorRule",
		"Make everybody have a second factor: who has none sets one up at their next login, before anything else", "Users",
		rest.UsersWrite))), s.putFactorRule)
	reset := rest.NewOperation(http.MethodPost, "/v1/tenants/{tenant}/users/{id}/factor-reset", "resetUserFactor",
		"Forget another person's second factor and recovery codes: ends their sessions", "Users", rest.UsersWrite)
	rest.Register(api, rest.WithFreshFactor(rest.WithFreshSession(reset)), s.resetUserFactor)
}

type factorRuleView struct {
	Required bool `json:"required"`
	People   int  `json:"people" doc:"Who may log in"`
	Without  int  `json:"without" doc:"Of them, who have no second factor"`
}

type factorRuleOutput struct{ Body factorRuleView }

type getFactorRuleInput struct{ rest.TenantPath }

func (s *factorRoutes) getFactorRule(ctx context.Context, in *getFactorRuleInput) (*factorRuleOutput, error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &factorRuleOutput{}
	return out, s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return out.read(tx) })
}

func (o *factorRuleOutput) read(tx *tenants.Tx) error {
	r, err := people.ClinicFactorRule(tx)
	o.Body = factorRuleView{r.Required, r.People, r.Without}
	return err
}

type putFactorRuleInput struct {
	rest.TenantPath
	Body struct {
		Required bool `json:"required"`
	}
}

// putFactorRule needs no If-Match: it says one thing, and saying it twice changes nothing.
func (s *factorRoutes) putFactorRule(ctx context.Context, in *putFactorRuleInput) (*factorRuleOutput, error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	out := &factorRuleOutput{}
	return out, s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := people.RequireFactor(tx, in.Body.Required); err != nil {
			return err
		}
		if err := out.read(tx); err != nil {
			return err
		}
		detail := map[string]any{"required": in.Body.Required}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "factor.rule", c.PublicID.Public("ten"), detail))
	})
}

type resetUserFactorInput struct{ UserPath }

// resetUserFactor is for a person who lost their app and their codes. Only another person may: a program could
// otherwise make itself anybody, by a password and a reset. It needs no If-Match: it ends the same from every state.
func (s *factorRoutes) resetUserFactor(ctx context.Context, in *resetUserFactorInput) (*rest.Object[userView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	who := rest.CallerOf(ctx)
	if who.Issuer != auth.Name || who.Kind != auth.Access || who.Subject == in.ID {
		return nil, &problem.Error{
			Code:   string(domain.Forbidden),
			Detail: "Só outra pessoa da clínica pode redefinir o segundo fator. O seu próprio, remova em Meu perfil.",
		}
	}
	var u people.User
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if u, err = in.colleague(tx, true); err != nil {
			return err
		}
		if err := grantableRole(ctx, u.Role); err != nil {
			return err
		}
		if _, err := people.ResetFactors(tx, u.ID); err != nil {
			return err
		}
		if err := people.EndUserSessions(tx, u.ID, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "factor.reset", u.ID.Public("usr"), nil))
	})
	s.Authenticator.Forget()
	if err != nil {
		return nil, err
	}
	s.tellFactor(ctx, u, "foi redefinido por um Administrador: todos os aplicativos e códigos foram esquecidos")
	u.HasFactor = false
	return rest.Show("", rest.VersionTag(u.Version), viewUser(u)), nil
}
