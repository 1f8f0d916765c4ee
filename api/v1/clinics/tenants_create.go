package clinics

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	v1people "patapay/api/v1/people"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

type createTenantInput struct {
	Body newTenant
}

// newTenant is what a clinic starts with.
type newTenant struct {
	ExternalID string   `json:"externalId" example:"clinica-vida" minLength:"1" maxLength:"100" pattern:"^[!-~]+$" doc:"The platform's id of the clinic; the same one is the same tenant"`
	Name       string   `json:"name" example:"Clínica Vida" minLength:"1" maxLength:"200"`
	TaxID      string   `json:"taxId" minLength:"11" maxLength:"24" doc:"CNPJ (letters allowed) or CPF, with or without punctuation" example:"19131243000197"`
	Sandbox    bool     `json:"sandbox,omitempty" doc:"A tenant for trying, with sandbox keys"`
	Admin      newAdmin `json:"admin"`
}

type newAdmin struct {
	Name     string `json:"name" example:"Ana Souza" minLength:"1" maxLength:"200"`
	Email    string `json:"email" maxLength:"254" format:"email"`
	Password string `json:"password,omitempty" example:"uma-senha-de-exemplo" minLength:"8" maxLength:"200" writeOnly:"true" doc:"Absent: one is made up and shown once"`
}

// Resolve checks the digits of the CNPJ or CPF and brings it into its one form.
func (t *newTenant) Resolve(_ huma.Context, prefix *huma.PathBuffer) []error {
	t.Name = strings.TrimSpace(t.Name)
	email, ok := domain.ParseEmail(t.Admin.Email)
	if !ok {
		return []error{rest.WrongEmail("/admin/email")}
	}
	t.Admin.Email = email
	id, err := domain.ParseTaxID(t.TaxID)
	if err != nil {
		return []error{
			&problem.Field{Pointer: "/taxId", Code: "check_digit", Detail: "CPF ou CNPJ inválido. Confira os números."},
		}
	}
	t.TaxID = id
	if t.Name == "" {
		return []error{&problem.Field{Pointer: "/name", Code: "required"}}
	}
	return nil
}

func (s *Handler) createTenant(ctx context.Context, in *createTenantInput) (*rest.Object[tenantView], error) {
	if err := s.RequirePlatform(ctx); err != nil {
		return nil, err
	}
	b := in.Body
	c, err := s.DB.ClinicBy(ctx, domain.UUID{}, b.ExternalID)
	if err == nil {
		return rest.Show("", rest.VersionTag(c.Version), viewTenant(ctx, c)), nil // 200: it was there
	}
	if domain.CodeOf(err) != domain.NotFound {
		return nil, err
	}
	return s.openTenant(ctx, b)
}

// openTenant makes the clinic with its first admin and its first audit entry, all or none.
func (s *Handler) openTenant(ctx context.Context, b newTenant) (*rest.Object[tenantView], error) {
	admin, shown, err := s.firstAdmin(ctx, b.Admin)
	if err != nil {
		return nil, err
	}
	if err := people.FreeAddress(s.DB, ctx, admin.Email, s.Instant()); err != nil {
		return nil, err
	}
	clinic := tenants.Clinic{ExternalID: b.ExternalID, Name: b.Name, TaxID: b.TaxID, Sandbox: b.Sandbox}
	c, created, err := s.DB.OpenClinic(ctx, clinic, s.Vault, s.Instant(), func(tx *tenants.Tx, c tenants.Clinic) error {
		if err := people.AddUser(tx, admin, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(
			s.Chain,
			s.AuditEntry(
				ctx, "tenant.create", c.PublicID.Public("ten"),
				map[string]any{"externalId": c.ExternalID, "admin": shown.ID},
			),
		)
	})
	if domain.CodeOf(err) == domain.Conflict {
		const used = "Este e-mail já é de outra pessoa."
		return nil, &problem.Error{
			Code:   string(domain.Conflict),
			Detail: used,
			Err:    err,
			Fields: []problem.Field{{Pointer: "/admin/email", Code: "email_in_use", Detail: used}},
		}
	}
	if err != nil {
		return nil, err
	}
	out := rest.Show("", rest.VersionTag(c.Version), viewTenant(ctx, c))
	if created {
		out.Status, out.Body.Admin = http.StatusCreated, &shown
	}
	return out, nil
}

// firstAdmin returns a clinic's first user, and what is told of them once.
func (s *Handler) firstAdmin(ctx context.Context, in newAdmin) (people.User, adminView, error) {
	view := adminView{Email: in.Email}
	var start time.Time
	hash, err := "", error(nil)
	if in.Password == "" {
		start = s.Instant().Add(v1people.StartPasswordLife)
		view.OneTimePassword, hash, err = v1people.StartPassword(ctx)
	} else {
		hash, err = auth.HashPassword(ctx, in.Password)
	}
	if err != nil {
		return people.User{}, view, err
	}
	u := people.User{
		ID:           tenants.NewID(s.Instant()),
		Email:        in.Email,
		Name:         strings.TrimSpace(in.Name),
		Role:         auth.RoleAdmin,
		PasswordHash: hash,
		StartUntil:   start,
	}
	view.ID = u.ID.Public("usr")
	return u, view, nil
}
