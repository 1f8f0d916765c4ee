package people

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/domain/agenda"
	"patapay/tenants"
	"patapay/tenants/people"
)

func (s *Handler) registerProfile(api huma.API) {
	own := func(method, path, id, summary string) huma.Operation {
		op := rest.WithFreshSession(rest.NewOperation(method, path, id, summary, "Auth", ""))
		op.Security = []map[string][]string{{rest.Bearer: {}}}
		return op
	}
	rest.Register(
		api,
		own(http.MethodPatch, "/v1/auth/me", "changeMe", "The person's own name and preferences; what is absent stays"),
		s.changeMe,
	)
	rest.Register(
		api,
		own(
			http.MethodPost, "/v1/auth/password", "changePassword",
			"A new password of the person's own: ends every session, and begins the next one here",
		),
		s.changePassword,
	)
}

// preferencesView is what a person chose for themselves.
type preferencesView struct {
	Theme      string   `json:"theme" enum:"auto,light,dark"`
	Shortcuts  bool     `json:"shortcuts" doc:"Single letters as shortcuts"`
	MutedMails []string `json:"mutedMails" doc:"What they get no e-mail of: incidents (paused, key_refused, key_ending, silent, differences) and kinds of deadlines" nullable:"false"`
}

func viewPreferences(w people.Wishes) *preferencesView {
	v := &preferencesView{Theme: w.Theme, Shortcuts: w.Shortcuts, MutedMails: rest.OrEmpty(w.Muted)}
	if v.Theme == "" {
		v.Theme = "auto"
	}
	return v
}

// person returns who asks, if it is a person of ours: programs, and the platform's people,
// have no profile here.
func (s *Handler) person(ctx context.Context) (people.User, error) {
	who := rest.CallerOf(ctx)
	id, ours := domain.ParseUUID("usr", who.Subject)
	if who.Issuer != auth.Name || !ours || who.Kind != auth.Access {
		return people.User{}, domain.Errorf(domain.Forbidden, "")
	}
	u, err := people.FindUser(s.DB, ctx, id)
	return u, gone(err)
}

// within returns the transaction of a person's rows: their clinic's, or the platform's.
func (s *Handler) within(u people.User) rest.Transaction { return within(s.DB, u) }

func within(db *tenants.DB, u people.User) rest.Transaction {
	if u.Clinic == 0 {
		return db.Platform
	}
	return func(ctx context.Context, fn func(*tenants.Tx) error) error { return db.In(ctx, u.Clinic, fn) }
}

type changeMeInput struct {
	Body struct {
		Name       *string   `json:"name,omitempty" example:"Bia Lima" minLength:"1" maxLength:"200"`
		Theme      *string   `json:"theme,omitempty" enum:"auto,light,dark"`
		Shortcuts  *bool     `json:"shortcuts,omitempty"`
		MutedMails *[]string `json:"mutedMails,omitempty" maxItems:"30" doc:"All of them; an empty list mutes none"`
	}
}

// changeMe needs no If-Match: nobody else writes these, and each stands for itself.
func (s *Handler) changeMe(ctx context.Context, in *changeMeInput) (*meOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	c := people.SelfChange{Theme: b.Theme, Shortcuts: b.Shortcuts}
	if b.Name != nil && strings.TrimSpace(*b.Name) != "" {
		name := strings.TrimSpace(*b.Name)
		c.Name = &name
	}
	if b.MutedMails != nil {
		unknown := func(kind string) bool {
			return !slices.Contains(domain.AlarmKinds(), domain.AlarmKind(kind)) &&
				!slices.Contains(agenda.Kind("").Values(), agenda.Kind(kind))
		}
		if slices.ContainsFunc(*b.MutedMails, unknown) {
			return nil, &problem.Error{
				Code:   string(domain.Invalid),
				Fields: []problem.Field{{Pointer: "/mutedMails", Code: "not_one_of_allowed"}},
			}
		}
		muted := slices.Compact(slices.Sorted(slices.Values(*b.MutedMails)))
		c.Muted = &muted
	}
	if err := s.within(u)(ctx, func(tx *tenants.Tx) error { return people.SaveSelf(tx, u.ID, c) }); err != nil {
		return nil, err
	}
	return s.me(ctx, nil)
}

type changePasswordInput struct {
	Origin string `header:"Origin" hidden:"true"`
	Agent  string `header:"User-Agent" hidden:"true"`
	Cookie string `header:"Cookie" hidden:"true"`
	Body   struct {
		Current string `json:"current" example:"uma-senha-de-exemplo" maxLength:"1024" writeOnly:"true"`
		New     string `json:"new" example:"outra-senha-de-exemplo" minLength:"8" maxLength:"1024" writeOnly:"true"`
	}
}

// changePassword asks for the password of now, within the limits of a login: an open page
// that somebody else found does not become theirs.
func (s *Handler) changePassword(ctx context.Context, in *changePasswordInput) (*tokenOutput, error) {
	if in.Origin != "" && !s.ownOrigin(in.Origin) {
		return nil, domain.Errorf(domain.Forbidden, "")
	}
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	who := rest.CallerOf(ctx)
	if _, err := s.Logins.Check(ctx, auth.Attempt{
		Email: u.Email, Password: in.Body.Current, Address: who.Source, Session: who.Session,
	}); err != nil {
		return nil, wrongCurrent(err)
	}
	if in.Body.New == in.Body.Current {
		return nil, &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/new", Code: "unchanged", Detail: "Escolha uma senha diferente da atual."}},
		}
	}
	hash, err := auth.HashPassword(ctx, in.Body.New)
	if err != nil {
		return nil, err
	}
	shown, err := s.factorOf(ctx, u) // the next session goes on with it
	if err != nil {
		return nil, err
	}
	now := s.Instant()
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if err := people.SetPassword(tx, u.ID, hash, time.Time{}, now); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "user.password.change", u.ID.Public("usr"), nil))
	})
	if err != nil {
		return nil, err
	}
	s.Authenticator.Forget()
	if u, err = people.FindUser(s.DB, ctx, u.ID); err != nil { // with the session version of now
		return nil, gone(err)
	}
	return s.open(ctx, u, in.Agent, s.browserOf(in.Cookie), shown.At)
}

// wrongCurrent makes a wrong password one of the form's fields: a 401 would say that the
// session is over.
func wrongCurrent(err error) error {
	if told, is := err.(*problem.Error); is && told.Code == "wrong_credentials" {
		return &problem.Error{
			Code:   string(domain.Invalid),
			Fields: []problem.Field{{Pointer: "/current", Code: "wrong_credentials", Detail: "A senha atual não confere."}},
		}
	}
	return err
}
