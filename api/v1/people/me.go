package people

import (
	"context"
	"slices"

	"patapay/api/auth"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants/people"
)

// meView is who a token speaks for.
type meView struct {
	Subject  string   `json:"subject" doc:"User id, or the service's name"`
	Role     string   `json:"role"`
	TenantID string   `json:"tenantId,omitempty" doc:"ten_…, or ext: and the platform's id; absent for the platform"`
	Platform bool     `json:"platform"`
	Scopes   []string `json:"scopes" doc:"What this token may do here"`
	Name     string   `json:"name,omitempty"`
	Email    string   `json:"email,omitempty"`

	MustChangePassword bool             `json:"mustChangePassword,omitempty" doc:"The password is one that somebody else gave: until it is changed the token may nothing else"`
	MustSetUpFactor    bool             `json:"mustSetUpFactor,omitempty" doc:"They must have a second factor: until one is set up the token may nothing else; then a refresh gives one that may"`
	Preferences        *preferencesView `json:"preferences,omitempty" doc:"Of a person of ours"`
}

type meOutput struct{ Body meView }

func (s *Handler) me(ctx context.Context, _ *struct{}) (*meOutput, error) {
	who := rest.CallerOf(ctx)
	out := &meOutput{
		meView{Subject: who.Subject, Role: who.Role, TenantID: who.Tenant, Platform: who.Platform, Scopes: []string{}},
	}
	for _, scope := range who.Scopes {
		if rest.May(who.Principal, scope) && !slices.Contains(out.Body.Scopes, scope) {
			out.Body.Scopes = append(out.Body.Scopes, scope)
		}
	}
	id, ours := domain.ParseUUID("usr", who.Subject)
	if who.Issuer != auth.Name || !ours {
		return out, nil
	}
	u, err := people.FindUser(s.DB, ctx, id)
	if err != nil {
		return nil, gone(err)
	}
	out.Body.Name, out.Body.Email = u.Name, u.Email
	out.Body.MustChangePassword, out.Body.Preferences = !u.StartUntil.IsZero(), viewPreferences(u.Wishes)
	out.Body.MustSetUpFactor = slices.Contains(who.Scopes, factorSetUp)
	return out, nil
}
