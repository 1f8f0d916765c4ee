package people

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *userRoutes) registerUsers(api huma.API) {
	const path = "/v1/tenants/{tenant}/users"
	create := rest.WithFreshSession(
		rest.NewOperation(
			http.MethodPost, path, "createUser",
			"Invite a person: the answer is the same whether or not the e-mail has a login somewhere", "Users", rest.UsersWrite,
		),
	)
	create.DefaultStatus = http.StatusAccepted
	create.Responses = map[string]*huma.Response{"201": {
		Description: "Not answered any more: it told who has a login already",
		Content: map[string]*huma.MediaType{"application/json": {
			Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[userView](), true, ""),
		}},
	}}
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodGet, path, "listUsers", "The clinic's people by name, disabled ones too", "Users",
				rest.UsersRead,
			),
		),
		s.listUsers,
	)
	rest.Register(api, create, s.createUser)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(http.MethodGet, path+"/{id}", "getUser", "One person of the clinic", "Users", rest.UsersRead),
		),
		s.getUser,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPatch, path+"/{id}", "changeUser",
				"Another name or role, or no access: what changes what they may do ends their sessions", "Users",
				rest.UsersWrite,
			),
		),
		s.changeUser,
	)
	rest.Register(
		api,
		rest.WithFreshSession(
			rest.NewOperation(
				http.MethodPost, path+"/{id}/password", "resetUserPassword",
				"A new start password, shown in this answer and never again, or the invitation again; ends their sessions", "Users",
				rest.UsersWrite,
			),
		),
		s.resetUserPassword,
	)
}

// StartPasswordLife is how long a password that somebody else has seen lets its person in; then an
// administrator gives another one.
const StartPasswordLife = 7 * 24 * time.Hour

// userView is a person as their clinic's administrators see them.
type userView struct {
	ID            string     `json:"id" example:"usr_06a1…"`
	Email         string     `json:"email"`
	Name          string     `json:"name"`
	Role          string     `json:"role" enum:"admin,finance,reader"`
	State         string     `json:"state" enum:"active,invited,disabled" doc:"invited: has no password of their own yet"`
	StartEndsAt   *time.Time `json:"startEndsAt" doc:"Until when the invitation or the start password counts; null: they have their own"`
	LastLoginAt   *time.Time `json:"lastLoginAt" doc:"Null: never"`
	CreatedAt     time.Time  `json:"createdAt"`
	Version       int        `json:"version"`
	SecondFactor  bool       `json:"secondFactor" doc:"They have one: a code is asked for besides the password"`
	StartPassword string     `json:"startPassword,omitempty" doc:"Without a mail server, in the answer that made it only; else the person gets a link"`
}

func viewUser(u people.User) userView {
	v := userView{
		ID:          u.ID.Public("usr"),
		Email:       u.Email,
		Name:        u.Name,
		Role:        u.Role,
		State:       "active",
		StartEndsAt: rest.TimeOrNull(u.StartUntil),
		LastLoginAt: rest.TimeOrNull(u.LastLogin),
		CreatedAt:   u.CreatedAt,
		Version:     u.Version,

		SecondFactor: u.HasFactor,
	}
	switch {
	case !u.DisabledAt.IsZero():
		v.State = "disabled"
	case u.Unheld || !u.StartUntil.IsZero():
		v.State = "invited"
	}
	return v
}

type listUsersInput struct {
	rest.TenantPath
	rest.ListInput
}

func (s *userRoutes) listUsers(ctx context.Context, in *listUsersInput) (out *rest.PageOf[userView], err error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		found, err := people.Users(tx, in.Page(""))
		if err != nil {
			return rest.CursorProblem(err)
		}
		out, err = rest.PageView(&in.ListInput, found, func(u people.User) (userView, error) { return viewUser(u), nil })
		return err
	})
	return out, err
}

type createUserInput struct {
	rest.TenantPath
	Body struct {
		Name  string `json:"name" example:"Bia Lima" minLength:"1" maxLength:"200"`
		Email string `json:"email" format:"email" maxLength:"254"`
		Role  string `json:"role" enum:"admin,finance,reader"`
	}
}

// createUser invites a person. What becomes of it is told to their mailbox alone, after the answer: whether the
// address has a login, here or in another clinic, changes neither the answer, nor the list, nor the work before it.
func (s *userRoutes) createUser(ctx context.Context, in *createUserInput) (*rest.Object[userView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	if err := grantableRole(ctx, in.Body.Role); err != nil {
		return nil, err
	}
	name := strings.TrimSpace(in.Body.Name)
	if name == "" {
		return nil, &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/name", Code: "required", Detail: "Informe o nome."}},
		}
	}
	email, ok := domain.ParseEmail(in.Body.Email)
	if !ok {
		return nil, &problem.Error{Code: string(domain.Invalid), Fields: []problem.Field{*rest.WrongEmail("/email")}}
	}
	password, hash, err := s.firstPassword(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Instant()
	u := people.User{
		ID:           tenants.NewID(now),
		Clinic:       c.ID,
		Email:        email,
		Unheld:       true,
		Name:         name,
		Role:         in.Body.Role,
		PasswordHash: hash,
		StartUntil:   now.Add(StartPasswordLife),
		CreatedAt:    now,
		Version:      1,
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := people.AddUser(tx, u, now); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "user.create", u.ID.Public("usr"), map[string]any{"role": u.Role}))
	})
	if err != nil {
		return nil, err
	}
	if err := s.invite(ctx, c, u); err != nil {
		return nil, err
	}
	view := viewUser(u)
	view.StartPassword = password
	out := rest.Show("", rest.VersionTag(u.Version), view)
	out.Status = http.StatusAccepted
	return out, nil
}

// StartPassword makes a password that somebody types once: 100 bits in four groups.
func StartPassword(ctx context.Context) (password, hash string, err error) {
	text := strings.ToLower(rand.Text()[:20])
	password = text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:]
	hash, err = auth.HashPassword(ctx, password)
	return password, hash, err
}

// grantableRole fails with Forbidden for a role that may more than the caller: a program
// that may let people in makes no administrator unless it may do as much itself.
func grantableRole(ctx context.Context, role string) error {
	who := rest.CallerOf(ctx).Principal
	for _, scope := range rest.Scopes(role) {
		if !rest.May(who, scope) {
			return &problem.Error{
				Code:   string(domain.Forbidden),
				Detail: "Ninguém pode dar mais permissões do que tem.",
				Fields: []problem.Field{{Pointer: "/role", Code: "not_one_of_allowed"}},
			}
		}
	}
	return nil
}

// UserPath names a person of a clinic.
type UserPath struct {
	rest.TenantPath
	ID string `path:"id" doc:"usr_…"`
}

// colleague returns the person that a path names, with lock for a change.
func (in UserPath) colleague(tx *tenants.Tx, lock bool) (people.User, error) {
	id, ok := domain.ParseUUID("usr", in.ID)
	if !ok {
		return people.User{}, domain.Errorf(domain.NotFound, "")
	}
	return people.Colleague(tx, id, lock)
}

type getUserInput struct {
	UserPath
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *userRoutes) getUser(ctx context.Context, in *getUserInput) (*rest.Object[userView], error) {
	c, err := s.Clinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	var u people.User
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) (err error) { u, err = in.colleague(tx, false); return err })
	return rest.Show(in.IfNoneMatch, rest.VersionTag(u.Version), viewUser(u)), err
}

type changeUserInput struct {
	UserPath
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
	Body    struct {
		Name     *string `json:"name,omitempty" example:"Bia Lima" minLength:"1" maxLength:"200"`
		Role     *string `json:"role,omitempty" enum:"admin,finance,reader"`
		Disabled *bool   `json:"disabled,omitempty" doc:"true: they cannot log in, and what is open of theirs ends; false: they can again"`

		ServiceTokens string `json:"serviceTokens,omitempty" enum:"end,transfer" doc:"What becomes of the programs' tokens that they answer for, when they may not make any more: end, or transfer to whoever asks"`
	}
}

func (s *userRoutes) changeUser(ctx context.Context, in *changeUserInput) (*rest.Object[userView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	var u people.User
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		before, err := in.colleague(tx, true)
		if err != nil {
			return err
		}
		if err := rest.RequireMatch(in.IfMatch, rest.VersionTag(before.Version)); err != nil {
			return err
		}
		u = in.changed(before, s.Instant())
		if u.Role != before.Role {
			if err := grantableRole(ctx, u.Role); err != nil {
				return err
			}
		}
		if err := people.SaveColleague(tx, before, u, s.Instant()); err != nil {
			return lastAdmin(err)
		}
		if err := s.settleTokens(ctx, tx, before, u, in.Body.ServiceTokens); err != nil {
			return err
		}
		u.Version++
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "user.change", u.ID.Public("usr"), userChange(before, u)))
	})
	s.Authenticator.Forget() // who lost a role loses it now, not in five seconds
	return rest.Show("", rest.VersionTag(u.Version), viewUser(u)), err
}

// changed returns u as the request asks for it.
func (in *changeUserInput) changed(u people.User, now time.Time) people.User {
	if in.Body.Name != nil && strings.TrimSpace(*in.Body.Name) != "" {
		u.Name = strings.TrimSpace(*in.Body.Name)
	}
	if in.Body.Role != nil {
		u.Role = *in.Body.Role
	}
	if off := in.Body.Disabled; off != nil && *off != !u.DisabledAt.IsZero() {
		u.DisabledAt = time.Time{}
		if *off {
			u.DisabledAt = now
		}
	}
	return u
}

// userChange is what the audit log says of a change: names stay out of it.
func userChange(before, after people.User) map[string]any {
	was, is := map[string]any{}, map[string]any{}
	if before.Role != after.Role {
		was["role"], is["role"] = before.Role, after.Role
	}
	if before.DisabledAt.IsZero() != after.DisabledAt.IsZero() {
		was["disabled"], is["disabled"] = !before.DisabledAt.IsZero(), !after.DisabledAt.IsZero()
	}
	if before.Name != after.Name {
		is["name"] = "changed"
	}
	return map[string]any{"before": was, "after": is}
}

func lastAdmin(err error) error {
	if !errors.Is(err, people.ErrLastAdmin) {
		return err
	}
	const text = "A clínica precisa de pelo menos um Administrador. Dê este perfil a outra pessoa antes."
	return &problem.Error{
		Code:   string(domain.Conflict),
		Detail: text,
		Err:    err,
		Fields: []problem.Field{{Pointer: "/role", Code: "last_admin", Detail: text}},
	}
}

type resetUserPasswordInput struct {
	UserPath
	IfMatch string `header:"If-Match" doc:"ETag of the version you saw"`
}

func (s *userRoutes) resetUserPassword(
	ctx context.Context, in *resetUserPasswordInput,
) (*rest.Object[userView], error) {
	c, err := s.ChangeableClinic(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	var u people.User
	read := func(tx *tenants.Tx, lock bool) (err error) {
		if u, err = in.colleague(tx, lock); err != nil {
			return err
		}
		if err := grantableRole(ctx, u.Role); err != nil { // who sets a password may become its person
			return err
		}
		return rest.RequireMatch(in.IfMatch, rest.VersionTag(u.Version))
	}
	if err := s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error { return read(tx, false) }); err != nil {
		return nil, err // before the hash, which takes a while
	}
	password, hash, err := s.nextPassword(ctx, u)
	if err != nil {
		return nil, err
	}
	err = s.DB.In(ctx, c.ID, func(tx *tenants.Tx) error {
		if err := read(tx, true); err != nil {
			return err
		}
		u.StartUntil = s.Instant().Add(StartPasswordLife)
		if err := people.SetPassword(tx, u.ID, hash, u.StartUntil, s.Instant()); err != nil {
			return err
		}
		u.Version++
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "user.password.reset", u.ID.Public("usr"), nil))
	})
	s.Authenticator.Forget()
	if err == nil && u.Unheld {
		err = s.invite(ctx, c, u)
	}
	view := viewUser(u)
	view.StartPassword = password
	return rest.Show("", rest.VersionTag(u.Version), view), err
}
