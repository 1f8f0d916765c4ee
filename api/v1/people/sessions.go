package people

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/people"
)

// ownOperation is one that every person may do about themselves, whatever their scopes.
func ownOperation(method, path, id, summary string) huma.Operation {
	op := rest.NewOperation(method, path, id, summary, "Auth", "")
	op.Security = []map[string][]string{{rest.Bearer: {}}}
	return op
}

// freshOwnOperation is ownOperation that asks the store about the session each time.
func freshOwnOperation(method, path, id, summary string) huma.Operation {
	return rest.WithFreshSession(ownOperation(method, path, id, summary))
}

func (s *sessionRoutes) registerSessions(api huma.API) {
	const path = "/v1/auth/sessions"
	rest.Register(
		api, freshOwnOperation(http.MethodGet, path, "listSessions", "The person's open sessions, the last used first"),
		s.listSessions,
	)
	one := freshOwnOperation(
		http.MethodDelete, path+"/{id}", "endSession", "End one session of the person's: within 5 s it opens nothing",
	)
	one.DefaultStatus = http.StatusNoContent
	rest.Register(api, one, s.endSession)
	rest.Register(api, freshOwnOperation(
		http.MethodDelete, path, "endOtherSessions", "End every session of the person's but this one",
	),
		s.endOtherSessions)
}

// sessionView is an open session, as its person sees it.
type sessionView struct {
	ID         string    `json:"id" example:"ses_06a1…"`
	CreatedAt  time.Time `json:"createdAt" doc:"When they logged in"`
	LastUsedAt time.Time `json:"lastUsedAt" doc:"To a quarter of an hour: when its access token was last renewed"`
	ExpiresAt  time.Time `json:"expiresAt" doc:"At the latest"`
	Address    *string   `json:"address" doc:"Where it was last renewed from; null: not noted"`
	Browser    *string   `json:"browser" doc:"Browser and system, as it called itself; null: not noted" example:"Firefox, Linux"`
	Current    bool      `json:"current" doc:"The one that asks"`
}

type listSessionsOutput struct {
	Body struct {
		Data []sessionView `json:"data" nullable:"false"`
	}
}

func (s *sessionRoutes) listSessions(ctx context.Context, _ *struct{}) (*listSessionsOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	var open []people.Session
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		open, err = people.OpenSessions(tx, u.ID, s.Instant())
		return err
	})
	out, current := &listSessionsOutput{}, currentSession(ctx)
	out.Body.Data = make([]sessionView, len(open))
	for i, one := range open {
		out.Body.Data[i] = sessionView{
			ID: one.ID.Public("ses"), CreatedAt: one.CreatedAt, LastUsedAt: one.UsedAt, ExpiresAt: one.EndsAt,
			Address: rest.TextOrNull(one.Browser.Source),
			Browser: rest.TextOrNull(one.Browser.Agent),
			Current: one.ID == current,
		}
	}
	return out, err
}

// currentSession returns the session of the token that asks, zero for one that no login stands behind.
func currentSession(ctx context.Context) domain.UUID {
	_, name, _ := strings.Cut(rest.CallerOf(ctx).Session, ".")
	id, _ := domain.ParseUUID("ses", name)
	return id
}

type endSessionInput struct {
	ID string `path:"id" doc:"ses_…"`
}

func (s *sessionRoutes) endSession(ctx context.Context, in *endSessionInput) (*struct{}, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	id, ok := domain.ParseUUID("ses", in.ID)
	if !ok {
		return nil, domain.Errorf(domain.NotFound, "")
	}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		if err := people.EndSessionByID(tx, u.ID, id, s.Instant()); err != nil {
			return err
		}
		return tx.Audit(s.Chain, s.AuditEntry(ctx, "session.end", in.ID, nil))
	})
	s.Authenticator.Forget()
	return nil, err
}

type endOtherSessionsOutput struct {
	Body struct {
		Ended int `json:"ended" doc:"How many were open"`
	}
}

func (s *sessionRoutes) endOtherSessions(ctx context.Context, _ *struct{}) (*endOtherSessionsOutput, error) {
	u, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	out := &endOtherSessionsOutput{}
	err = s.within(u)(ctx, func(tx *tenants.Tx) error {
		out.Body.Ended, err = people.EndOtherSessions(tx, u.ID, currentSession(ctx), s.Instant())
		if err != nil || out.Body.Ended == 0 {
			return err
		}
		return tx.Audit(
			s.Chain, s.AuditEntry(ctx, "session.end_others", u.ID.Public("usr"), map[string]any{"ended": out.Body.Ended}),
		)
	})
	s.Authenticator.Forget()
	return out, err
}

// agentOf names the browser and the system of a User-Agent, in words of our own: what a stranger sends is
// shown to nobody.
func agentOf(header string) string {
	first := func(names [][2]string) string {
		for _, n := range names {
			if strings.Contains(header, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([][2]string{ // each calls itself by those after it, too
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	})
	system := first([][2]string{
		{"Android", "Android"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"CrOS", "ChromeOS"},
		{"Linux", "Linux"},
	})
	return strings.Trim(browser+", "+system, ", ")
}
